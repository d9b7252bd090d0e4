import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool, inAccount } from '../../db/client.ts';
import { writeDemoWorkbook } from '../../dev/demo-data/generate.ts';
import { importUpload } from '../../domain/imports/imports.ts';
import type { World } from './world.ts';

/** Stores the demo's file of invented debtors as an import of an account; answers its id. */
export async function importDemo(world: World, accountId: string, rows: number, seed = 1): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tandas-demo-'));
  try {
    const path = join(folder, 'deudores.xlsx');
    await writeDemoWorkbook(path, { rows, seed });
    return await importFile(world, accountId, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Stores a file as an import of an account; answers its id. */
export async function importFile(world: World, accountId: string, path: string): Promise<string> {
  const pool = createPool({ url: world.url, role: 'tandas_app', maxConnections: 2 });
  try {
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    const stored = await inAccount(world.app, accountId, (trx) =>
      importUpload(
        trx,
        { app: world.app, pool },
        { accountId, actor: 'test' },
        { path, fileName: 'deudores.xlsx', sha256, again: true },
      ),
    );
    if (stored.kind !== 'stored') throw new Error('the file was imported before');
    return stored.importId;
  } finally {
    await pool.end();
  }
}
