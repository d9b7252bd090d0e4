import { ownAccount } from '../shared/queries-account.ts';
import type { Caller } from '../shared/caller.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { refuse } from '../shared/refused.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { currencyOf } from './fields.ts';
import { findSameFile, type SameFile } from './queries.ts';
import { importsUnderWay, importState, insertImport, type Received } from './queries-runs.ts';
import { readInThread } from './read-in-thread.ts';
import { SettledPreview } from './settled-preview.ts';
import { withSettled } from './settled-remarks.ts';
import type { FileRead } from './thread-messages.ts';
import type { SentFormat } from './guard.ts';
import type { ParseInput } from './types.ts';

export interface ImportAddress {
  readonly accountId: string;
  readonly importId: string;
}

/** What the operator said with a file. */
export interface UploadSettings {
  readonly useCase?: string;
  readonly sheet?: string;
  readonly creditor?: string;
  readonly country?: string;
  readonly currency?: string;
  /** 'yes': see `ImportDefaults`. */
  readonly roundAmounts?: string;
  readonly format?: SentFormat;
}

/** An upload on disk. */
export interface Upload extends UploadSettings {
  readonly path: string;
  readonly fileName: string;
}

export interface ImportPreview extends FileRead {
  /** Earlier imports of the same bytes, newest first; empty when the file is new. */
  readonly sameFile: readonly SameFile[];
}

/** Dry run: reads the whole file and stores nothing. Throws `ImportFileError` when the file cannot be taken at all. */
export async function previewUpload(
  app: Database,
  accountId: string,
  upload: Upload,
): Promise<ImportPreview> {
  const input = await inAccount(app, accountId, (trx) => inputOf(trx, upload));
  const preview = new SettledPreview(app, accountId);
  // No transaction stays open while a file is read.
  const read = await readInThread(input, { onPortion: (portion) => preview.look(portion) });
  const settled = await preview.found();
  const { sha256 } = read.summary;
  return inAccount(app, accountId, async (trx) => {
    const { zone } = await ownAccount(trx);
    return { ...withSettled(read, settled, zone), sameFile: await findSameFile(trx, sha256) };
  });
}

export interface NewImport {
  /** Its object's key is made of it, so the object can be there before the row. */
  readonly importId: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly settings: UploadSettings;
  /** Import the file although the same bytes were imported before. */
  readonly again: boolean;
}

/**
 * Files of an account that wait or are read at once: each lies on our disk until it has been read, one of an account after the other. Those
 * that come at one instant may be a few more.
 */
const mostUnderWay = 20;

/**
 * Makes the import of a file whose object is stored, and sees to its workflow. Not new: the same bytes are under way, or
 * were imported before; `again` leaves the second out. Throws `OperationRefused` when too many wait already.
 */
export async function receiveImport(trx: Trx, caller: Caller, file: NewImport): Promise<Received> {
  const { accountId, actor } = caller;
  const settings = Object.fromEntries(
    Object.entries(file.settings).filter(([, value]) => value !== undefined),
  );
  const received = await insertImport(trx, { ...file, settings, accountId, actor });
  const { importId, isNew, isUnderWay } = received;
  if (isNew) {
    await requireRoom(trx, 0);
    const detail = { bytes: file.bytes, again: file.again };
    await writeAudit(trx, { ...caller, action: 'import.received', subject: importId, detail });
  }
  // Of one that runs a start is nothing; one whose workflow was terminated begins anew.
  if (isUnderWay) await writeOutbox(trx, [{ accountId, to: { importId }, kind: 'start' }]);
  return received;
}

/** Room for so many more files of the account of the transaction. Throws `OperationRefused`. */
export async function requireRoom(trx: Trx, more: 0 | 1 = 1): Promise<void> {
  if ((await importsUnderWay(trx)) + more > mostUnderWay)
    throw refuse('too_many_imports', { most: mostUnderWay });
}

/** Asks for an import to be cancelled: its workflow does it. Throws `OperationRefused` when it is over, or not the account's. */
export async function requestCancellation(trx: Trx, caller: Caller, importId: string): Promise<void> {
  const state = await importState(trx, importId);
  if (state === undefined) throw refuse('import_not_found');
  if (state !== 'waiting' && state !== 'reading') throw refuse('import_over', { state });
  await writeAudit(trx, { ...caller, action: 'import.cancel_requested', subject: importId });
  const message = { kind: 'signal', signal: 'importCancelled', payload: {} } as const;
  await writeOutbox(trx, [{ accountId: caller.accountId, to: { importId }, ...message }]);
}

/** Where the file of an import lies until it has been read. */
export function objectKey({ accountId, importId }: ImportAddress): string {
  return `imports/${accountId}/${importId}`;
}

/** What a file is read with: what the operator said, and the account's own country and currency for the rest. */
export async function inputOf(trx: Trx, upload: Upload): Promise<ParseInput> {
  const account = await ownAccount(trx);
  const country = upload.country ?? account.country;
  const { creditor, useCase, sheet, format } = upload;
  const own = country === account.country ? account.debt_currency : currencyOf(country);
  return {
    path: upload.path,
    fileName: upload.fileName,
    ...(useCase === undefined ? {} : { useCaseKey: useCase }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(format === undefined ? {} : { format }),
    defaults: {
      country,
      currency: upload.currency ?? own,
      ...(creditor === undefined ? {} : { creditor }),
      ...(upload.roundAmounts === undefined ? {} : { roundAmounts: true }),
    },
  };
}
