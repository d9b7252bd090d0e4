/** Files of payments and removals: each is work of its own, done by the workflow of uploads, through crashes. */
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { ImportFileError } from '../imports/errors.ts';
import { type ImportAddress, objectKey } from '../imports/imports.ts';
import type { ObjectStore } from '../shared/object-port.ts';
import type { ReadProgress } from '../imports/progress.ts';
import { fileLost } from '../imports/run-import.ts';
import { NotOurs } from '../imports/store-portion.ts';
import { readTable, type TableRow } from '../imports/table.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import {
  claimTable,
  type ClaimedTable,
  countTableRow,
  failTable,
  finishTable,
  insertTableFile,
  type ReceivedTable,
  tableFileState,
} from './queries-table-files.ts';
import {
  paymentRows,
  problemOf,
  removalRows,
  type RowBecame,
  type TableProblem,
  type TableReading,
} from './table-rows.ts';

/** Makes the row of a file whose object is stored, and sees to its workflow. Not new: the same bytes are under way. */
export async function receiveTableFile(
  trx: Trx,
  caller: Caller,
  file: Omit<ReceivedTable, 'accountId' | 'actor'>,
): Promise<{ readonly fileId: string; readonly isNew: boolean }> {
  const { accountId, actor } = caller;
  const received = await insertTableFile(trx, { ...file, accountId, actor });
  if (received.isNew) {
    const detail = { kind: file.kind, bytes: file.bytes };
    await writeAudit(trx, { ...caller, action: 'table_file.received', subject: received.fileId, detail });
  }
  // Of one that runs a start is nothing; one whose workflow was terminated goes on.
  await writeOutbox(trx, [{ accountId, to: { importId: received.fileId }, kind: 'start' }]);
  return received;
}

interface RunDeps {
  readonly app: Database;
  readonly store: ObjectStore;
}

/** As the workflow of uploads says it: 'stored' is done, 'busy' to try again. */
export type TableFileRun = 'stored' | 'failed' | 'busy' | 'gone';

/**
 * Does what a file's rows say, from the first one that has not been counted: after a crash the file is read again, and no
 * row is done or counted twice. A file that cannot be taken ends as failed. Throws for what may go better next time.
 */
export async function runTableFile(
  deps: RunDeps,
  address: ImportAddress,
  signal: AbortSignal,
): Promise<TableFileRun> {
  const { accountId, importId: fileId } = address;
  const claimed = await inAccount(deps.app, accountId, (trx) => claimTable(trx, { accountId, fileId }));
  if (claimed === 'busy') return 'busy';
  if (claimed?.state === 'reading') {
    try {
      await readRows(deps, address, claimed, signal);
    } catch (error) {
      if (error instanceof ImportFileError) await fail(deps.app, address, claimed.actor, error);
      else if (!(error instanceof NotOurs)) throw error;
    }
  }
  return concludeTableFile(deps, address);
}

/** What has become of a file. It is not read again once it is over, and it holds people's data: it goes. */
export async function concludeTableFile(
  { app, store }: { readonly app: Database; readonly store: Pick<ObjectStore, 'remove'> },
  address: ImportAddress,
): Promise<TableFileRun> {
  const state = await inAccount(app, address.accountId, (trx) => tableFileState(trx, address.importId));
  if (state === undefined) return 'gone';
  if (state === 'waiting' || state === 'reading') return 'busy';
  await store.remove(objectKey(address));
  return state === 'done' ? 'stored' : 'failed';
}

async function readRows(
  { app, store }: RunDeps,
  address: ImportAddress,
  claimed: ClaimedTable,
  signal: AbortSignal,
): Promise<void> {
  const { accountId, importId: fileId } = address;
  const { kind, file_name: fileName, sha256, actor } = claimed;
  const reading = kind === 'payments' ? await paymentRows(app, accountId, sha256) : removalRows(accountId);
  const progress: ReadProgress = { share: 0 };
  const { columns, needs } = reading;
  let number = 0;
  const isThere = await store.withFile(objectKey(address), async (path) => {
    for await (const row of readTable({ path, fileName, columns, needs, progress })) {
      signal.throwIfAborted();
      number += 1;
      const place = { number, share: progress.share, isBehind: number <= claimed.rows_read };
      await takeRow(app, address, { reading, row, ...place });
    }
    return true;
  });
  if (isThere === undefined) throw fileLost();
  await inAccount(app, accountId, async (trx) => {
    if (!(await finishTable(trx, fileId, number))) return;
    await writeAudit(trx, {
      accountId,
      actor,
      action: 'table_file.done',
      subject: fileId,
      detail: { kind, rows: number },
    });
  });
}

interface PlacedRow {
  readonly reading: TableReading;
  readonly row: TableRow;
  /** From 1. */
  readonly number: number;
  readonly share: number;
  /** It was counted by a run before this one. */
  readonly isBehind: boolean;
}

/** Does what a row says and counts it, in one transaction: both stand, or neither. */
async function takeRow(
  app: Database,
  { accountId, importId: fileId }: ImportAddress,
  { reading, row, number, share, isBehind }: PlacedRow,
): Promise<void> {
  const count = async (trx: Trx, became: RowBecame | TableProblem): Promise<void> => {
    if (await countTableRow(trx, fileId, { row: number, share, became })) return;
    throw new NotOurs(`file ${fileId} is not at row ${number}`);
  };
  try {
    // Also a row that is behind: equal rows are told apart by their number among those before them.
    const work = reading.understand(row);
    if (isBehind) return;
    await inAccount(app, accountId, async (trx) => count(trx, await work(trx)));
  } catch (error) {
    const problem = problemOf(row, error);
    // Anything else is a fault of ours: the rows before it stand, and the file goes on at this one.
    if (problem === undefined) throw error;
    if (!isBehind) await inAccount(app, accountId, (trx) => count(trx, problem));
  }
}

async function fail(
  app: Database,
  { accountId, importId: fileId }: ImportAddress,
  actor: string,
  { code, message_es, message_en }: ImportFileError,
): Promise<void> {
  await inAccount(app, accountId, async (trx) => {
    if (!(await failTable(trx, fileId, { code, message_es, message_en }))) return;
    const detail = { code };
    await writeAudit(trx, { accountId, actor, action: 'table_file.failed', subject: fileId, detail });
  });
}
