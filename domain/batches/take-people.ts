import type { Trx } from '../../db/client.ts';
import { loadPortion } from '../imports/load.ts';
import { type SettledChoice, settledOfImport } from '../imports/queries-settled.ts';
import { parsePack } from '../policy/rules/parse.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { refuse } from '../shared/refused.ts';
import { batchIsOver } from './batch-is-over.ts';
import { lockBatch, lockImport } from './queries.ts';
import {
  type BatchImportRow,
  findBatchImport,
  insertBatchImport,
  nextBatchImport,
  notePortion,
} from './queries-imports.ts';
import { packOfBatch } from './queries-terms.ts';
import { requirePeopleOf } from './terms.ts';

/** Become contacts in the request: who sends a small file sees all of them in its answer. */
const firstPortion = 1_000;
/** Of one transaction: the batch is locked meanwhile, and a pause or a retry waits for it. */
const portion = 2_000;

/** An import that gives its people to a batch. */
export interface SourceImport {
  readonly id: string;
  readonly people: number;
}

/** An import that is stored and that no batch has, locked against a second request for it. Throws `OperationRefused`. */
export async function lockSource(
  trx: Trx,
  importId: string,
): Promise<SourceImport & { readonly useCase: string }> {
  // The lock makes a second request for the same import wait here, and then see the first one's batch.
  const row = await lockImport(trx, importId);
  if (row === undefined) throw refuse('import_not_found');
  const { use_case: useCase } = row;
  // Half of a file would be a batch of half of its people.
  if (row.state !== 'stored' || useCase === null) throw refuse('import_not_stored', { state: row.state });
  const earlier = await findBatchImport(trx, importId);
  if (earlier !== undefined) {
    throw refuse(
      'import_has_batch',
      { batchId: earlier.batch_id },
      { extra: { batch_id: earlier.batch_id } },
    );
  }
  return { id: row.id, people: row.contacts, useCase };
}

/** The batch takes an import's people: the first portion now, the others by its workflow. */
export async function beginTaking(
  trx: Trx,
  { accountId, actor }: Caller,
  batchId: string,
  { id: importId, people }: SourceImport,
  settled: SettledChoice | null,
): Promise<void> {
  if (settled === null) await requireClear(trx, importId);
  await insertBatchImport(trx, { accountId, batchId, importId, people, actor, settled });
  await takePortionOf(trx, batchId, { import_id: importId, people_taken: 0, settled }, firstPortion);
}

/** Nobody guesses whether somebody has paid. Throws `OperationRefused` when only the operator can know it. */
export async function requireClear(trx: Trx, importId: string): Promise<void> {
  const unclear = (await settledOfImport(trx, importId)).filter(({ verdict }) => verdict === 'unclear');
  const [first] = unclear;
  if (first === undefined) return;
  const people = new Set(unclear.map(({ person }) => person)).size;
  throw refuse('settled_unclear', { people, row: first.sheet_row }, { field: 'settled' });
}

/**
 * Makes contacts of the next people of a batch, in a transaction of its own. False: there are none, or the batch is over. A worker
 * that was only taken for dead takes the next portion, not the same one: the batch is locked, and its row says how far it is.
 */
export async function takeNextPeople(trx: Trx, batchId: string): Promise<boolean> {
  const batch = await lockBatch(trx, batchId);
  if (batch === undefined || batch.state === 'finished' || batch.state === 'cancelled') return false;
  const next = await nextBatchImport(trx, batchId);
  if (next === undefined) return false;
  await takePortionOf(trx, batchId, next, portion);
  return true;
}

async function takePortionOf(
  trx: Trx,
  batchId: string,
  of: {
    readonly import_id: string;
    readonly people_taken: number;
    readonly settled: SettledChoice | null;
  },
  people: number,
): Promise<void> {
  const { import_id: importId, people_taken: after, settled: choice } = of;
  const { known, settled, erased } = await loadPortion(trx, {
    batchId,
    importId,
    after,
    people,
    settled: choice,
  });
  await notePortion(trx, importId, { people, known, settled, erased });
}

/**
 * Adds the people of a stored import to a batch that runs or is paused. Whoever is in it already stays as they are. Asked for again
 * it says how far it is. Throws `OperationRefused`: the batch is over, the import is another batch's or of another use case, or
 * its people are not under the batch's rules.
 */
export async function addPeople(
  trx: Trx,
  caller: Caller,
  {
    batchId,
    importId,
    settled = null,
  }: { readonly batchId: string; readonly importId: string; readonly settled?: SettledChoice | null },
): Promise<{ readonly isNew: boolean; readonly row: BatchImportRow }> {
  const batch = await lockBatch(trx, batchId);
  if (batch === undefined) throw refuse('batch_not_found');
  const earlier = await findBatchImport(trx, importId);
  if (earlier?.batch_id === batchId) return { isNew: false, row: earlier };
  if (batch.state === 'finished' || batch.state === 'cancelled') throw batchIsOver(batch.state);
  const source = await lockSource(trx, importId);
  const terms = await packOfBatch(trx, batchId);
  if (source.useCase !== terms.use_case) {
    throw refuse(
      'use_case_differs',
      { useCase: source.useCase, ofBatch: terms.use_case },
      { field: 'import_id' },
    );
  }
  await requirePeopleOf(trx, importId, parsePack(terms.definition));
  await beginTaking(trx, caller, batchId, source, settled);
  const row = await findBatchImport(trx, importId);
  if (row === undefined) throw new Error(`import ${importId} was given to batch ${batchId} and is not there`);
  const { people_total: people, people_known: known, people_settled: paid } = row;
  const detail = { importId, people, known, paid, settled };
  await writeAudit(trx, { ...caller, action: 'batch.people_added', subject: batchId, detail });
  const { accountId } = caller;
  await writeOutbox(trx, [{ accountId, to: { batchId }, signal: 'batchChanged', payload: {} }]);
  return { isNew: true, row };
}
