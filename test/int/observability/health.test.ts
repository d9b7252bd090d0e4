import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

let stack: OwnProcesses;
beforeAll(async () => {
  stack = await startOwnProcesses();
});
afterAll(() => stack.close());

interface Said {
  readonly status: number;
  readonly body: unknown;
}

async function ask(url: string, path: string): Promise<Said> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, body: await response.json() };
}

const parts = (...names: readonly string[]) => names.map((part) => expect.objectContaining({ part }));
const notReady = (...names: readonly string[]) => ({
  status: 503,
  body: { status: 'not_ready', missing: parts(...names) },
});
const ready = { status: 200, body: { status: 'ready', missing: [] } };

/** Each place where a process answers for itself. */
const places = () => [stack.apiUrl, stack.apiWatchUrl, stack.workerWatchUrl];

async function untilAll(path: string, wanted: Said): Promise<void> {
  for (const url of places()) {
    await until(`${path} of ${url}`, async () => {
      const said = await ask(url, path);
      return said.status === wanted.status;
    });
    expect(await ask(url, path), url).toEqual(wanted);
  }
}

describe('a process that runs', () => {
  it('is live and ready while its database, its migrations and Temporal are there', async () => {
    await untilAll('/health/live', { status: 200, body: { status: 'live' } });
    await untilAll('/health/ready', ready);
  });

  it('stays live and is not ready while PostgreSQL is stopped, and is ready again without a restart', async () => {
    await stack.stop('postgres');
    await untilAll('/health/ready', notReady('database'));
    await untilAll('/health/live', { status: 200, body: { status: 'live' } });
    const said = JSON.stringify(await ask(stack.apiUrl, '/health/ready'));
    expect(said).not.toMatch(/postgres:\/\/|127\.0\.0\.1|password/);
    // The route of before still answers as it did.
    expect(await ask(stack.apiUrl, '/health')).toMatchObject({
      status: 503,
      body: { status: 'failing', parts: { database: 'failing', temporal: 'ok' } },
    });
    await stack.start('postgres');
    await untilAll('/health/ready', ready);
  });

  it('is not ready on a database of an earlier release', async () => {
    const owner = new pg.Client({ connectionString: stack.databaseUrl });
    await owner.connect();
    const { rows } = await owner.query<{ name: string; timestamp: string }>(
      'delete from kysely_migration where name = (select max(name) from kysely_migration) returning *',
    );
    await untilAll('/health/ready', notReady('migrations'));
    await owner.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
      rows[0]?.name,
      rows[0]?.timestamp,
    ]);
    await owner.end();
    await untilAll('/health/ready', ready);
  });

  it('answers nobody any more once it has been stopped, and leaves with its work done', async () => {
    await stack.stop('worker');
    await expect(fetch(`${stack.workerWatchUrl}/health/live`)).rejects.toThrow();
    await stack.start('worker');
    await until(
      'the worker is ready',
      async () => (await ask(stack.workerWatchUrl, '/health/ready')).status === 200,
    );
  });
});
