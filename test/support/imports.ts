import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type pg from 'pg';
import { z } from 'zod';
import { createPool, type Database, inAccount, type Trx } from '../../db/client.ts';
import type { TableFileKind } from '../../db/schema/schema.ts';
import { ImportFileError, importFileErrorCodes } from '../../domain/imports/errors.ts';
import { objectKey, receiveImport, type UploadSettings } from '../../domain/imports/imports.ts';
import type { ImportLimits } from '../../domain/imports/limits.ts';
import type { ObjectStore } from '../../domain/shared/object-port.ts';
import type { ErasedKeyBox } from '../../domain/people/erased-keys.ts';
import { rutCheckDigit } from '../../domain/people/rules/national-id.ts';
import { readImport } from '../../domain/imports/queries.ts';
import { runImport } from '../../domain/imports/run-import.ts';
import { receiveTableFile, runTableFile } from '../../domain/integrations/table-files.ts';
import { createFileStore } from '../../storage/files.ts';
import type { World } from './world.ts';

export interface OwnStore extends ObjectStore {
  readonly folder: string;
  close(): Promise<void>;
}

/** A store of files in a folder that goes with it. */
export async function createOwnStore(): Promise<OwnStore> {
  const folder = await mkdtemp(join(tmpdir(), 'tandas-store-'));
  return {
    ...createFileStore(folder),
    folder,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A CSV of so many invented debtors, numbered from `from` on. */
export function debtorsCsv(rows: number, from = 0): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const body = 10_000_000 + from + index;
    const phone = `+569${61_000_000 + ((from + index) % 8_000_000)}`;
    return `${body}-${rutCheckDigit(body)};Persona ${from + index};${phone};104050;01-10-2027;Banco Inventado`;
  });
  return ['RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA', ...lines].join('\n');
}

export interface StoreFile {
  readonly accountId: string;
  readonly path: string;
  readonly fileName?: string;
  readonly settings?: UploadSettings;
  readonly limits?: ImportLimits;
}

/** A file into an import of an account, without API and workflow; answers its id. Throws `ImportFileError` when it is refused. */
export async function storeFile(
  { app, pool }: { readonly app: Database; readonly pool: pg.Pool },
  { accountId, path, fileName = basename(path), settings = {}, limits }: StoreFile,
): Promise<string> {
  const store = await createOwnStore();
  try {
    const { importId } = await receiveFile(app, store, { accountId, path, fileName, settings, again: true });
    const address = { accountId, importId };
    const deps = { app, pool, store, ...(limits === undefined ? {} : { limits }) };
    const state = await runImport(deps, address, new AbortController().signal);
    const { failure } = await inAccount(app, accountId, (trx) => readImport(trx, importId));
    if (failure !== null) throw refusalOf(failure);
    if (state !== 'stored') throw new Error(`the import is ${state}`);
    return importId;
  } finally {
    await store.close();
  }
}

const failureSchema = z.object({
  code: z.enum(importFileErrorCodes),
  message_es: z.string(),
  message_en: z.string(),
});

function refusalOf(failure: unknown): ImportFileError {
  const { code, message_es, message_en } = failureSchema.parse(failure);
  return new ImportFileError(code, message_es, message_en);
}

export interface ReceiveFile {
  readonly accountId: string;
  readonly path: string;
  readonly fileName?: string;
  readonly settings?: UploadSettings;
  readonly again?: boolean;
}

/** Keeps a file and makes its import, as the API does. */
export async function receiveFile(
  app: Database,
  store: ObjectStore,
  { accountId, path, fileName = 'a.csv', settings = {}, again = false }: ReceiveFile,
) {
  const bytes = await readFile(path);
  const importId = randomUUID();
  await store.put(objectKey({ accountId, importId }), path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { importId, fileName, sha256, bytes: bytes.length, settings, again };
  return inAccount(app, accountId, (trx) => receiveImport(trx, { accountId, actor: 'test' }, file));
}

/** Keeps a file of payments or removals and makes its row, as the API does; answers its id. */
export async function receiveTable(
  trx: Trx,
  store: OwnStore,
  {
    accountId,
    kind,
    text,
  }: { readonly accountId: string; readonly kind: TableFileKind; readonly text: string },
): Promise<string> {
  const own = randomUUID();
  const path = join(store.folder, own);
  await writeFile(path, text);
  await store.put(objectKey({ accountId, importId: own }), path);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const file = { fileId: own, kind, fileName: 'a.csv', sha256, bytes: Buffer.byteLength(text) };
  return (await receiveTableFile(trx, { accountId, actor: 'test' }, file)).fileId;
}

/** Reads what waits, as a worker would: for tests of the API that need no Temporal. Returns what ends it. */
export function startReader(world: World, store: ObjectStore, secrets: ErasedKeyBox): () => Promise<void> {
  const pool = createPool({ url: world.url, role: 'tandas_app', maxConnections: 2 });
  const stop = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const { table, run } of [
        { table: 'core.import', run: runImport },
        { table: 'core.table_file', run: runTableFile },
      ] as const) {
        const waiting = await world.owner
          .selectFrom(table)
          .select(['id', 'account_id'])
          .where('state', '=', 'waiting')
          .orderBy('created_at')
          .execute();
        for (const { id: importId, account_id: accountId } of waiting) {
          await run({ app: world.app, pool, store, secrets }, { accountId, importId }, stop.signal);
          // Its workflow would have been started.
          await world.owner.deleteFrom('operation.outbox').where('import_id', '=', importId).execute();
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const running = loop();
  return async () => {
    stop.abort();
    await running;
    await pool.end();
  };
}
