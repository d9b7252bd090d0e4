import type pg from 'pg';
import { type Database, inAccount } from '../../db/client.ts';
import type { ImportState } from '../../db/schema/schema.ts';
import type { ErasedKeyBox } from '../people/erased-keys.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { ImportFileError } from './errors.ts';
import { type ImportAddress, inputOf, objectKey } from './imports.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import type { ObjectStore } from '../shared/object-port.ts';
import { type ClaimedImport, claimReading, endImport, finishImport, importState } from './queries-runs.ts';
import { insertRemarkedRows } from './queries-remarks.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { settledOfImport } from './queries-settled.ts';
import { readingOf } from './reading.ts';
import { withoutErased } from './without-erased.ts';
import { readInThread } from './read-in-thread.ts';
import { withSettled } from './settled-remarks.ts';
import { NotOurs, storePortion } from './store-portion.ts';
import type { Portion } from './thread-messages.ts';

export interface RunDeps {
  readonly app: Database;
  /** For COPY, as `tandas_app`. */
  readonly pool: pg.Pool;
  readonly store: ObjectStore;
  readonly limits?: ImportLimits;
  /** Of the hashes of people who were erased. Default: none, and an account that has erased anybody takes no file. */
  readonly secrets?: ErasedKeyBox;
}

interface EndDeps {
  readonly app: Database;
  readonly store: Pick<ObjectStore, 'remove'>;
}

/** 'busy': another file of the account is read now, try again. */
export type ImportRun = Exclude<ImportState, 'waiting' | 'reading'> | 'busy' | 'gone';

/**
 * Reads an upload and stores its good rows in portions, from the last one that is there: after a crash the file is read
 * again, and nothing is stored twice. A file that cannot be taken ends as failed. Throws for what may go better next time.
 */
export async function runImport(
  deps: RunDeps,
  address: ImportAddress,
  signal: AbortSignal,
): Promise<ImportRun> {
  const { accountId } = address;
  const claimed = await inAccount(deps.app, accountId, (trx) => claimReading(trx, address));
  if (claimed === 'busy') return 'busy';
  if (claimed === undefined) return 'gone';
  if (claimed.state === 'reading') {
    try {
      await readAndStore(deps, address, claimed, signal);
    } catch (error) {
      if (error instanceof ImportFileError) await fail(deps, address, claimed.actor, error);
      else if (!(error instanceof NotOurs)) throw error;
    }
  }
  return conclude(deps, address);
}

async function readAndStore(
  { app, pool, store, limits = importLimits, secrets }: RunDeps,
  address: ImportAddress,
  claimed: ClaimedImport,
  signal: AbortSignal,
): Promise<void> {
  const { accountId, importId } = address;
  const input = await inAccount(app, accountId, (trx) =>
    inputOf(trx, { path: '', fileName: claimed.file_name, ...claimed.settings }),
  );
  const onPortion = async (portion: Portion): Promise<void> => {
    if (portion.last > claimed.rows_stored) await storePortion(pool, address, portion);
  };
  const found = await store.withFile(objectKey(address), (path) =>
    readInThread({ ...input, path }, { onPortion, signal, limits }),
  );
  if (found === undefined) throw fileLost();
  await inAccount(app, accountId, async (trx) => {
    const { zone } = await ownAccount(trx);
    const read = withSettled(found, await settledOfImport(trx, importId), zone);
    const { useCase, rowsRead, rowsGood, rowsRefused, contacts, withdrawn, rowsWithdrawn } = read.summary;
    const counts = { useCase, rowsRead, rowsGood, rowsRefused, contacts };
    const { problems, problemsOmitted, remarkedRowsOmitted } = read;
    const said = { problems, problemsOmitted, remarkedRowsOmitted, reading: readingOf(read.summary) };
    const whole = { ...counts, ...said, withdrawn, rowsWithdrawn, remarkedRows: read.remarkedRows };
    const { remarkedRows, ...stored } = await withoutErased(trx, { importId, secrets }, whole);
    if (!(await finishImport(trx, importId, stored))) return;
    await insertRemarkedRows(trx, importId, remarkedRows);
    const caller = { accountId, actor: claimed.actor };
    const { rowsGood: good, rowsRefused: refused, contacts: people } = stored;
    const detail = { ...counts, rowsGood: good, rowsRefused: refused, contacts: people };
    await writeAudit(trx, { ...caller, action: 'import.stored', subject: importId, detail });
  });
}

/** The account does not want it any more. What was stored of it goes. Idempotent. */
export async function cancelImport(deps: EndDeps, address: ImportAddress, actor: string): Promise<ImportRun> {
  const { accountId, importId } = address;
  await inAccount(deps.app, accountId, async (trx) => {
    if (!(await endImport(trx, importId, { state: 'cancelled' }))) return;
    await writeAudit(trx, { accountId, actor, action: 'import.cancelled', subject: importId });
  });
  return conclude(deps, address);
}

async function fail(
  { app }: RunDeps,
  { accountId, importId }: ImportAddress,
  actor: string,
  { code, message_es, message_en }: ImportFileError,
): Promise<void> {
  await inAccount(app, accountId, async (trx) => {
    const failure = { code, message_es, message_en };
    if (!(await endImport(trx, importId, { state: 'failed', failure }))) return;
    await writeAudit(trx, { accountId, actor, action: 'import.failed', subject: importId, detail: { code } });
  });
}

/** What has become of it. Nobody reads the file of one that is over, and it holds people's data: it goes. */
async function conclude({ app, store }: EndDeps, address: ImportAddress): Promise<ImportRun> {
  const state = await inAccount(app, address.accountId, (trx) => importState(trx, address.importId));
  if (state === undefined) return 'gone';
  // Another worker has it: it says how it ended.
  if (state === 'waiting' || state === 'reading') return 'busy';
  await store.remove(objectKey(address));
  return state;
}

/** Its object is gone: a copy of the database has none. */
export function fileLost(): ImportFileError {
  return new ImportFileError(
    'file_lost',
    'El archivo ya no está en el servidor. Vuelva a cargarlo.',
    'The file is no longer on the server. Upload it again.',
  );
}
