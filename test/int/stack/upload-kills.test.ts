import { createDatabase } from '../../../db/client.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { debtorsCsv } from '../../support/imports.ts';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, type Part, startOwnProcesses } from '../../support/own-processes.ts';

let stack: OwnProcesses;
beforeAll(async () => {
  stack = await startOwnProcesses();
});
afterAll(() => stack.close());

/** Of the first file, which is still being read when the second one has come. */
const rows = 40_000;
const others = 20_000;
/** A worker that died is missed after a quarter of a minute, twice, on a busy machine: only a bound. */
const boundMs = 240_000;

async function send(text: string, prefer: string): Promise<Response> {
  const form = new FormData();
  form.append('file', new File([text], 'deudores.csv'));
  const headers = { authorization: `Bearer ${stack.apiKey}`, prefer };
  return fetch(`${stack.apiUrl}/api/v1/imports`, { method: 'POST', headers, body: form });
}

/** At one instant: an upload that goes on while its worker starts anew would be answered before the API dies. */
async function kill(...parts: Part[]): Promise<void> {
  for (const part of parts) process.kill(stack.pidOf(part), 'SIGKILL');
  for (const part of parts) {
    await stack.stop(part);
    await stack.start(part);
  }
}

/** A batch of the first import: its worker dies while it takes the people. */
async function killedWhileTaking(importId: string): Promise<void> {
  const db = createDatabase({ url: stack.databaseUrl, maxConnections: 1 });
  try {
    const headers = { authorization: `Bearer ${stack.apiKey}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ import_id: importId, name: 'Prueba', pack: 'demo', policy: 'quick-waves' });
    const made = await fetch(`${stack.apiUrl}/api/v1/batches`, { method: 'POST', headers, body });
    expect(made.status).toBe(201);
    const taken = async (): Promise<number> =>
      (
        await db
          .selectFrom('core.batch_import')
          .select('people_taken')
          .where('import_id', '=', importId)
          .executeTakeFirstOrThrow()
      ).people_taken;
    await until('the worker has taken some', async () => (await taken()) > 1_000);
    expect(await taken()).toBeLessThan(rows);
    await kill('worker');
    await until('all are taken', async () => (await taken()) === rows, boundMs);
    const { contacts, people } = await db
      .selectFrom('core.contact')
      .select(({ fn }) => [
        fn.countAll<bigint>().as('contacts'),
        fn.count<bigint>('person_id').distinct().as('people'),
      ])
      .executeTakeFirstOrThrow();
    expect([Number(contacts), Number(people)]).toEqual([rows, rows]);
  } finally {
    await db.destroy();
  }
}

it(
  'worker and API killed in the middle of two uploads, and of a batch that takes its people: each is there, once',
  async () => {
    const db = createDatabase({ url: stack.databaseUrl, maxConnections: 1 });
    try {
      const imports = () =>
        db.selectFrom('core.import').select(['id', 'state', 'rows_stored']).orderBy('created_at').execute();
      const [first, second] = [debtorsCsv(rows), debtorsCsv(others, rows)];
      expect((await send(first, 'respond-async')).status).toBe(202);
      // Before the second one is there: of two that come at once either may be read first, and be answered.
      await until('rows of the first are stored', async () => ((await imports())[0]?.rows_stored ?? 0) > 0);
      const answer = send(second, 'wait=60').then(
        ({ status }) => status,
        () => 'lost' as const,
      );
      await until('the second is there', async () => (await imports()).length === 2);
      await kill('worker', 'api');
      expect(await answer).toBe('lost');
      // Whoever lost the answer sends the file again.
      const again = await send(second, 'respond-async');
      expect([200, 202]).toContain(again.status);
      await until(
        'both are stored',
        async () => (await imports()).every(({ state }) => state === 'stored'),
        boundMs,
      );
      const stored = await db
        .selectFrom('core.import_row')
        .select(({ fn }) => [
          'import_id',
          fn.countAll<bigint>().as('rows'),
          fn.count<bigint>('ordinal').distinct().as('ordinals'),
        ])
        .groupBy('import_id')
        .orderBy('rows', 'desc')
        .execute();
      expect(stored.map(({ rows: count, ordinals }) => [Number(count), Number(ordinals)])).toEqual([
        [rows, rows],
        [others, others],
      ]);
      expect(await imports()).toHaveLength(2);
      await killedWhileTaking((await imports())[0]?.id ?? '');
    } finally {
      await db.destroy();
    }
  },
  2 * boundMs,
);
