import type pg from 'pg';
import { claimFile } from './queries.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { currencyOf } from './fields.ts';
import { type ImportPreview, previewImport } from './preview.ts';
import { type SameFile } from './queries.ts';
import { findSameFile } from './queries.ts';
import { storeImport } from './store-rows.ts';
import type { ImportSummary, ParseInput, RowProblem } from './types.ts';
import type { Caller } from '../shared/caller.ts';

export interface ImportDeps {
  readonly app: Database;
  /** Runs as `tandas_app`, apart from `app`: an import holds a connection of each. */
  readonly pool: pg.Pool;
}

/** An upload on disk, and what the operator said with it. */
export interface Upload {
  readonly path: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly useCase?: string;
  readonly sheet?: string;
  readonly creditor?: string;
  readonly country?: string;
  readonly currency?: string;
}

/** Reads an upload and stores nothing. Throws `ImportFileError` when the file cannot be taken at all. */
export async function previewUpload(
  { app }: ImportDeps,
  accountId: string,
  upload: Upload,
): Promise<ImportPreview> {
  const input = await inAccount(app, accountId, (trx) => inputOf(trx, upload));
  return previewImport(app, accountId, input);
}

export type ImportedUpload =
  | {
      readonly kind: 'stored';
      readonly importId: string;
      readonly summary: ImportSummary;
      readonly problems: readonly RowProblem[];
      readonly problemsOmitted: number;
    }
  /** The account has imported these bytes before. */
  | { readonly kind: 'same_file'; readonly earlier: SameFile };

/**
 * Imports an upload, once per file unless `again`. The transaction is the caller's claim on the file: the rows are
 * stored, and committed, through a connection of the pool. Throws `ImportFileError` as `previewUpload` does.
 */
export async function importUpload(
  trx: Trx,
  { pool }: ImportDeps,
  caller: Caller,
  upload: Upload & { readonly again: boolean },
): Promise<ImportedUpload> {
  // Two clicks on one button: the second waits here, and then finds the first one's import.
  await claimFile(trx, caller.accountId, upload.sha256);
  const [earlier] = upload.again ? [] : await findSameFile(trx, upload.sha256);
  if (earlier !== undefined) return { kind: 'same_file', earlier };
  const input = await inputOf(trx, upload);
  const stored = await storeImport(pool, caller.accountId, input);
  const { rowsGood, rowsRefused, contacts, useCase } = stored.summary;
  await writeAudit(trx, {
    ...caller,
    action: 'import.stored',
    subject: stored.importId,
    detail: { useCase, rowsGood, rowsRefused, contacts, again: upload.again },
  });
  return { kind: 'stored', ...stored };
}

async function inputOf(trx: Trx, upload: Upload): Promise<ParseInput> {
  const account = await ownAccount(trx);
  const country = upload.country ?? account.country;
  const { creditor, useCase, sheet } = upload;
  const own = country === account.country ? account.debt_currency : currencyOf(country);
  return {
    path: upload.path,
    fileName: upload.fileName,
    ...(useCase === undefined ? {} : { useCaseKey: useCase }),
    ...(sheet === undefined ? {} : { sheet }),
    defaults: {
      country,
      currency: upload.currency ?? own,
      ...(creditor === undefined ? {} : { creditor }),
    },
  };
}
