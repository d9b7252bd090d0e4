/** People of a stored import into people, phones, creditors, contacts and debts of a batch: one statement each, a portion at a time. */
import {
  meetRequests,
  movePhonesBack,
  type PortionRequest,
  readSeveral,
  type SeveralRows,
  takePortion,
  writeAddresses,
  writeContacts,
  writeCreditors,
  writeDebts,
  writeMerged,
  writePeople,
  writePhones,
} from './queries-load.ts';
import { leaveOutSettled } from './queries-settled.ts';
import { useCaseOfImport } from './queries.ts';
import { blockPerson } from '../people/blocks.ts';
import { takeTurns } from '../people/queries.ts';
import { ownAccount } from '../shared/queries-account.ts';
import type { Trx } from '../../db/client.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { Debt, RowVariables, UseCase } from '../usecases/types.ts';

export interface LoadedPortion {
  readonly contacts: number;
  readonly debts: number;
  /** People who were in the batch already. Nothing of theirs is changed: the agent may be speaking with them. */
  readonly known: number;
  /** People whose debts are paid by our record: they are left out. */
  readonly settled: number;
  /** People who were erased since the file was read. */
  readonly erased: number;
}

/** Contacts with several rows whose variables are built in one round. */
const MERGE_PAGE = 1_000;

/**
 * Makes contacts of a portion of a stored import's people, each with all its debts, in the account of the
 * transaction (row-level security; see `inAccount`), one portion a transaction. Whoever is in the batch is one contact still. The
 * caller holds the batch's lock: contacts are numbered behind those that are there. Throws when the import is not the account's
 * or its use case is not registered.
 */
export async function loadPortion(trx: Trx, request: PortionRequest): Promise<LoadedPortion> {
  const { batchId, importId } = request;
  const key = await useCaseOfImport(trx, importId);
  const useCase = key === undefined ? undefined : useCaseByKey(key);
  if (useCase === undefined)
    throw new Error(`import ${importId} is not there, or its use case ${key} is not registered`);
  // Before its rows are read: somebody who is erased meanwhile would be made anew of the copy.
  await takeTurns(trx, 'with_others');
  const { fresh, known, erased, met } = await takePortion(trx, request);
  if (fresh === 0) return { contacts: 0, debts: 0, known, settled: 0, erased };
  await writePeople(trx);
  await blockWhoAsked(trx);
  if (met) await movePhonesBack(trx);
  await writePhones(trx);
  await writeAddresses(trx);
  // Whom nobody has met has paid nothing.
  const settled = met ? await leaveOutSettled(trx, request.settled ?? null) : 0;
  await mergeVariables(trx, useCase);
  await writeCreditors(trx);
  await writeContacts(trx, batchId);
  return { contacts: fresh - settled, debts: await writeDebts(trx), known, settled, erased };
}

/** Who asked for blocking before the account had them (Ley 21.719) is blocked with the file that brings them. */
async function blockWhoAsked(trx: Trx): Promise<void> {
  const met = (await meetRequests(trx)).filter(({ blocks }) => blocks);
  if (met.length === 0) return;
  const { id: accountId } = await ownAccount(trx);
  for (const { id, person_id: personId } of met)
    await blockPerson(trx, { accountId, actor: 'import' }, { personId, reason: `solicitud ${id}` });
}

/** The agent speaks of all debts of a person at once: variables of contacts with several rows are built from all. */
async function mergeVariables(trx: Trx, useCase: UseCase): Promise<void> {
  let after = 0;
  for (;;) {
    const rows = await readSeveral(trx, { after, limit: MERGE_PAGE });
    const last = rows.at(-1);
    if (last === undefined) return;
    await writeMerged(
      trx,
      rows.map(({ person }) => person),
      rows.map(({ rows: lines }) => JSON.stringify(mergedOf(useCase, lines))),
    );
    after = last.person;
  }
}

function mergedOf(useCase: UseCase, lines: SeveralRows['rows']): Record<string, string> {
  const [first, ...others] = lines.map((line): RowVariables => {
    const debt = debtOf(line);
    return { variables: line.variables, ...(debt === undefined ? {} : { debt }) };
  });
  return first === undefined ? {} : useCase.mergeVariables([first, ...others]);
}

function debtOf(line: SeveralRows['rows'][number]): Debt | undefined {
  const { creditor, amount_micros: amount, currency, due_date: dueDate, reference } = line;
  if (creditor === null || amount === null || currency === null || dueDate === null) return undefined;
  return {
    creditor,
    amountMicros: BigInt(amount),
    currency,
    dueDate,
    ...(reference === null ? {} : { reference }),
  };
}
