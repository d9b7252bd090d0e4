/** A stored import into people, phones, creditors, contacts and debts of a batch: one statement each, for all rows. */
import {
  readSeveral,
  type SeveralRows,
  withoutNestedLoops,
  writeContacts,
  writeCreditors,
  writeDebts,
  writePeople,
  writeAddresses,
  writePhones,
  writeVariables,
} from './queries-load.ts';
import { useCaseOfImport } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { Debt, RowVariables, UseCase } from '../usecases/types.ts';

export interface LoadInput {
  readonly batchId: string;
  readonly importId: string;
}

export interface LoadedImport {
  readonly contacts: number;
  readonly debts: number;
}

/** Contacts with several rows whose variables are built in one round. */
const MERGE_PAGE = 1_000;

/**
 * Makes the contacts of a batch from a stored import, in the account of the transaction (row-level security; see
 * `inAccount`). One contact per identity, with all its debts. Not to be repeated for one batch: the second time the
 * unique (batch, person) refuses it. Throws when the import is not the account's or its use case is not registered.
 */
export async function loadImport(trx: Trx, { batchId, importId }: LoadInput): Promise<LoadedImport> {
  const key = await useCaseOfImport(trx, importId);
  const useCase = key === undefined ? undefined : useCaseByKey(key);
  if (useCase === undefined)
    throw new Error(`import ${importId} is not there, or its use case ${key} is not registered`);
  await withoutNestedLoops(trx, true);
  await writePeople(trx, importId);
  await writePhones(trx, importId);
  await writeAddresses(trx, importId);
  await writeCreditors(trx, importId);
  const contacts = await writeContacts(trx, batchId, importId);
  const debts = await writeDebts(trx, batchId, importId);
  await mergeVariables(trx, { useCase, batchId, importId });
  await withoutNestedLoops(trx, false);
  return { contacts, debts };
}

interface MergeInput extends LoadInput {
  readonly useCase: UseCase;
}

/** The agent speaks of all debts of a person at once: variables of contacts with several rows are built from all. */
async function mergeVariables(trx: Trx, { useCase, batchId, importId }: MergeInput): Promise<void> {
  let after = '';
  for (;;) {
    const rows = await readSeveral(trx, { batchId, importId, after, limit: MERGE_PAGE });
    const last = rows.at(-1);
    if (last === undefined) return;
    const merged = rows.map(({ rows: lines }) => JSON.stringify(mergedOf(useCase, lines)));
    await writeVariables(
      trx,
      rows.map((row) => row.contact_id),
      merged,
    );
    after = last.identity_key;
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
