import type { Trx } from '../../db/client.ts';
import { type ErasedKeyBox, type ErasedKeys, erasedKeysOf } from '../people/erased-keys.ts';
import { takeTurns } from '../people/queries.ts';
import { erasedKeyIds, knownHashes } from '../people/queries-erased.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { normalisePhones } from '../people/rules/phone.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { MAX_KEPT_PROBLEMS } from './problem-list.ts';
import { erasedRowsOf } from './queries-erased.ts';
import type { StoredFile } from './queries-runs.ts';
import type { RemarkedRow } from './remarked-rows.ts';
import { problemOf } from './row-problems.ts';
import type { RowProblem } from './types.ts';

export interface ReadFile extends StoredFile {
  readonly remarkedRows: readonly RemarkedRow[];
}

interface Place {
  readonly sheet: string;
  readonly row: number;
}

const keyOf = ({ sheet, row }: Place): string => `${row} ${sheet}`;

/**
 * The file without people who were erased: their rows are refused, and nothing of what they held is shown. Under the lock that
 * erasing takes: a person who is erased meanwhile is refused here, or their rows are there to be erased. Throws when the process
 * has not the key that the account's hashes are of: it would let in whom they refuse.
 */
export async function withoutErased(
  trx: Trx,
  { importId, secrets }: { readonly importId: string; readonly secrets: ErasedKeyBox | undefined },
  file: ReadFile,
): Promise<ReadFile> {
  await takeTurns(trx, 'with_others');
  const ids = await erasedKeyIds(trx);
  if (ids.length === 0) return file;
  if (secrets === undefined) throw new Error('an account has erased people, and SECRETS_KEY is not set here');
  const keys = erasedKeysOf(secrets);
  if (ids.some((id) => id !== keys.keyId))
    throw new Error('SECRETS_KEY is not the one under which people of the account were erased');
  const rows = await erasedRowsOf(trx, importId, keys.pads);
  const hidden = await placesThatTell(trx, keys, file);
  if (rows.length === 0 && hidden.size === 0) return file;
  const refused = rows.map(({ sheet, sheet_row: row }) => ({ sheet, row }));
  const gone = new Set([...refused.map(keyOf), ...hidden]);
  const said = refused.slice(0, MAX_KEPT_PROBLEMS).map(refusal);
  const others = file.problems.filter((problem) => !gone.has(keyOf(problem)));
  const people = new Set(rows.map(({ person }) => person));
  const kept = [...said, ...others.slice(0, MAX_KEPT_PROBLEMS - said.length)].sort((a, b) => a.row - b.row);
  return {
    ...file,
    rowsGood: file.rowsGood - rows.length,
    rowsRefused: file.rowsRefused + rows.length,
    contacts: file.contacts - people.size,
    withdrawn: [...file.withdrawn, ...people],
    rowsWithdrawn: file.rowsWithdrawn + rows.length,
    problems: kept,
    problemsOmitted: file.problemsOmitted + refused.length + others.length - kept.length,
    remarkedRows: [
      ...file.remarkedRows.filter((row) => !gone.has(keyOf(row))),
      ...refused.map((place) => emptied(place)),
      ...placesOf(file, hidden).map((place) => emptied(place)),
    ].sort((a, b) => a.row - b.row),
  };
}

function refusal({ sheet, row }: Place): RowProblem {
  const place = { sheet, row, pointer: null, column: '', value: '' };
  return problemOf(place, 'refused', { code: 'person_erased' });
}

function emptied(place: Place): RemarkedRow {
  return { ...place, severity: 'refused', cells: [], cellsOmitted: 0, problems: [refusal(place)] };
}

function placesOf(file: ReadFile, keys: ReadonlySet<string>): readonly Place[] {
  return file.remarkedRows.filter((row) => keys.has(keyOf(row)));
}

/** Rows that were refused for something else, and whose cells name somebody who was erased. */
async function placesThatTell(trx: Trx, keys: ErasedKeys, file: ReadFile): Promise<ReadonlySet<string>> {
  const { country } = await ownAccount(trx);
  const byHash = new Map<string, Set<string>>();
  for (const row of file.remarkedRows) {
    const texts = [...row.cells, ...row.problems].map(({ value }) => value);
    for (const key of texts.flatMap((text) => keysIn(text, country))) {
      const hash = keys.hash(key).toString('hex');
      byHash.set(hash, (byHash.get(hash) ?? new Set()).add(keyOf(row)));
    }
  }
  const known = await knownHashes(trx, [...byHash.keys()]);
  return new Set(known.flatMap((hash) => [...(byHash.get(hash) ?? [])]));
}

function keysIn(text: string, country: string): readonly string[] {
  if (text.replaceAll(/\D/g, '').length < 6) return [];
  const id = normaliseNationalId(text, country);
  const phones = normalisePhones(text, country);
  return [...(id.ok ? [id.value] : []), ...(phones.ok ? phones.value.map((e164) => `tel:${e164}`) : [])];
}
