import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { StackError } from './errors.ts';
import { projectDir } from '../../client/local.ts';
import type { RunDemo } from './types.ts';

const demoFile = join(projectDir, 'dev', 'demo', 'run.ts');

/** The demo's entry, undefined where the file does not exist. */
export async function loadDemo(file: string = demoFile): Promise<RunDemo | undefined> {
  if (!existsSync(file)) return undefined;
  const module: unknown = await import(pathToFileURL(file).href);
  if (!hasDemo(module)) throw new StackError(`${file} no exporta runDemo.`);
  return module.runDemo;
}

function hasDemo(module: unknown): module is { readonly runDemo: RunDemo } {
  return (
    typeof module === 'object' &&
    module !== null &&
    'runDemo' in module &&
    typeof module.runDemo === 'function'
  );
}

/** On a database with batches the demo is not run again by itself: those that run simply go on. A rehearsal's is none. */
export async function hasBatches(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `select 1 from core.batch b join catalogue.account a on a.id = b.account_id
        where a.kind <> 'rehearsal' limit 1`,
    );
    return (rowCount ?? 0) > 0;
  } finally {
    await client.end();
  }
}
