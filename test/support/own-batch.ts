import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { debtorsForm } from './api.ts';
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

const idSchema = z.object({ import_id: z.string() });

/** Uploads a file of so many invented debtors and starts its batch under the demo's rules, as an operator does. */
export async function startBatch(stack: OwnProcesses, people: number, seed: string): Promise<void> {
  const headers = { authorization: `Bearer ${stack.apiKey}` };
  const upload = await fetch(`${stack.apiUrl}/api/v1/imports`, {
    method: 'POST',
    headers,
    body: debtorsForm(people, seed),
  });
  const { import_id: importId } = idSchema.parse(await upload.json());
  const batch = await fetch(`${stack.apiUrl}/api/v1/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ import_id: importId, name: seed, policy: 'demo', pack: 'demo' }),
  });
  if (batch.status !== 201) throw new Error(`the batch was not made: ${await batch.text()}`);
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
