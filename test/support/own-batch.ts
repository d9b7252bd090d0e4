import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { until } from './live-world.ts';
import type { OwnProcesses } from './own-processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** What a command of the runbook says; rejects when it ends with an error. */
export async function command(
  stack: OwnProcesses,
  script: string,
  ...args: readonly string[]
): Promise<string> {
  const { stdout } = await run(process.execPath, [`scripts/${script}.ts`, ...args], {
    cwd: root,
    env: { ...process.env, ...stack.env },
  });
  return stdout;
}

export async function rows<T extends pg.QueryResultRow>(url: string, statement: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

export async function count(url: string, from: string): Promise<number> {
  const [found] = await rows<{ readonly n: number }>(url, `select count(*)::int as n from ${from}`);
  return found?.n ?? 0;
}

/** Calls of which the provider may have a line in use. */
export const callsInFlight = `operation.call where state in ('placing', 'placed', 'unknown')`;

/** Waits until no contact has anything left to do by itself, and no call runs. */
export async function untilWorked(stack: OwnProcesses, withinMs: number): Promise<void> {
  const open = `core.contact where state not in ('closed', 'paused', 'negotiating')`;
  await until(
    'every contact is at its end',
    async () => (await count(stack.databaseUrl, open)) === 0,
    withinMs,
  );
  await until('no call runs', async () => (await count(stack.databaseUrl, callsInFlight)) === 0);
}
