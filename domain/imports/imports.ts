import { sql } from 'kysely';
import type pg from 'pg';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { currencyOf } from './fields.ts';
import { findSameFile, type ImportPreview, previewImport, type SameFile } from './preview.ts';
import { storeImport } from './store-rows.ts';
import type { ImportSummary, ParseInput, RowProblem } from './types.ts';
import type { Caller } from '../shared/caller.ts';
import { notFound } from '../shared/refused.ts';

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
  const input = await inAccount(app, accountId, (trx) => inputOf(trx, accountId, upload));
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
  await sql`select pg_advisory_xact_lock(hashtextextended(${`import ${caller.accountId} ${upload.sha256}`}, 0))`.execute(
    trx,
  );
  const [earlier] = upload.again ? [] : await findSameFile(trx, upload.sha256);
  if (earlier !== undefined) return { kind: 'same_file', earlier };
  const input = await inputOf(trx, caller.accountId, upload);
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

async function inputOf(trx: Trx, accountId: string, upload: Upload): Promise<ParseInput> {
  const account = await trx
    .selectFrom('catalogue.account')
    .select(['country', 'debt_currency'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined) throw notFound('account', 'esa cuenta');
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

/** An import as it was stored. Throws `OperationRefused` when it is not the account's. */
export async function readImport(trx: Trx, importId: string) {
  const row = await trx
    .selectFrom('core.import as i')
    .leftJoin('core.batch as b', (join) => join.onRef('b.import_id', '=', 'i.id').on('b.realm', '=', 'live'))
    .selectAll('i')
    .select('b.id as batch_id')
    .where('i.id', '=', importId)
    .executeTakeFirst();
  if (row === undefined) throw notFound('import', 'esa carga');
  return row;
}
