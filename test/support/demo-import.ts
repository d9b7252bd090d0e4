import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../db/client.ts';
import { writeDemoWorkbook } from '../../dev/demo-data/generate.ts';
import { storeFile } from './imports.ts';
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
    return await storeFile({ app: world.app, pool }, { accountId, path });
  } finally {
    await pool.end();
  }
}
