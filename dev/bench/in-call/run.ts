import { createServer } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { sql } from 'kysely';
import { inAccount } from '../../../db/client.ts';
import { signBody } from '../../fakes/retell/webhooks.ts';
import { nameRut } from '../../../test/support/debts.ts';
import {
  createLiveBatch,
  createLiveWorld,
  type LiveWorld,
  liveKey,
  phoneEnding,
  shortWaves,
  storeNegotiationOf,
  storePolicy,
  until,
} from '../../../test/support/live-world.ts';
import { startContact } from '../../../test/support/world.ts';
import { plainFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';

/** How many calls are live at once while every one of them asks. */
const calls = 50;
const budgetMs = 2_000;
const thinkMs = 4_000;
const bareName = 'bare INSERT';
/** A minute of real time on the scale of the tests' provider. */
const longCalls = { ...shortWaves, key: 'long-calls', maxCallMs: 1_500_000 };

interface Asker {
  readonly callId: string;
  readonly attemptId: string;
  readonly digits: string;
}

type Times = Map<string, number[]>;
type Step = readonly [name: string, args: (asker: Asker, turn: number) => object];

const steps: readonly Step[] = [
  ['confirm_identity', ({ digits }, turn) => ({ is_holder: true, last_digits: digits, turn })],
  ['get_offers', (_, turn) => ({ step: 1, turn })],
  ['accept_offer', (_, turn) => ({ kind: 'full', date: dayIn(3), turn })],
  ['reschedule', (_, turn) => ({ text: 'en dos horas', turn })],
];

/**
 * How long the voice agent waits for an answer while 50 calls are live. Real database, real Temporal with its worker
 * and outbox, real HTTP. The ratio is to a bare route with one INSERT, measured in the same run.
 */
export const benchmark: Benchmark = {
  name: 'in-call',
  about: `answers of in-call functions with ${calls} calls live at once`,
  needs: ['postgres', 'temporal'],
  async run({ log }) {
    // Talks that outlast the run: every call is live for all of it.
    const live = await createLiveWorld({
      capacity: calls,
      fake: { talkMs: { min: 3_000_000, max: 3_000_000 }, concurrencyLimit: calls + 10 },
    });
    try {
      return await measure(live, log);
    } finally {
      await live.close();
    }
  },
};

async function measure(live: LiveWorld, log: (line: string) => void): Promise<readonly Figure[]> {
  const askers = await ring(live);
  const bare = await bareRoute(live);
  const talking: Times = new Map();
  await Promise.all(
    askers.map(async (asker) => {
      for (const [name, args] of steps) {
        // A conversation: somebody speaks between two functions.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * thinkMs));
        await clock(talking, name, () => use(live, asker, name, args(asker, 1)));
        await clock(talking, bareName, () => bare.ask(asker.callId));
      }
    }),
  );
  const bursts: Times = new Map();
  for (const [name, args] of steps) {
    await Promise.all(
      askers.map((asker) => clock(bursts, name, () => use(live, asker, name, args(asker, 2)))),
    );
    await Promise.all(askers.map((asker) => clock(bursts, bareName, () => bare.ask(asker.callId))));
  }
  await bare.close();
  return [...report('talking', talking, log), ...report('all at once', bursts, log)];
}

async function clock(times: Times, name: string, ask: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await ask();
  times.set(name, [...(times.get(name) ?? []), performance.now() - startedMs]);
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

async function ring(live: LiveWorld): Promise<readonly Asker[]> {
  const { world, fake } = live;
  const { accountId } = world;
  const people = Array.from({ length: calls }, () => ({
    phones: [phoneEnding('00')],
    debts: [{ pesos: 104_050, dueDate: '2026-06-01' }],
  }));
  await storePolicy(world, longCalls);
  const batch = await createLiveBatch(world, accountId, people, longCalls);
  await storeNegotiationOf(world, batch.batchId, 'collection-standard');
  for (const [index, { personId }] of batch.contacts.entries()) {
    await nameRut(world, personId, `${13_000_000 + index}-K`);
  }
  await Promise.all(
    batch.contacts.map((_, index) => startContact(world, world.temporal.client, batch, accountId, index)),
  );
  await until(
    'all calls are live',
    async () => fake.calls().filter(({ call }) => call['call_status'] === 'ongoing').length === calls,
  );
  const readCalls = () =>
    inAccount(world.app, accountId, (trx) =>
      trx
        .selectFrom('operation.attempt as a')
        .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
        .innerJoin('core.person as s', 's.id', 'a.person_id')
        .select(['a.id', 'c.provider_call_id', 's.national_id'])
        .where('c.provider_call_id', 'is not', null)
        .execute(),
    );
  // The provider has a call before the answer to our POST is written down, on a busy machine seconds before.
  await until('all calls are known', async () => (await readCalls()).length === calls);
  const rows = await readCalls();
  return rows.map(({ id, provider_call_id, national_id }) => ({
    attemptId: id,
    callId: provider_call_id ?? '',
    digits: (national_id ?? '').slice(4, 8),
  }));
}

async function use(live: LiveWorld, { callId, attemptId }: Asker, name: string, args: object): Promise<void> {
  const { accountId } = live.world;
  const body = JSON.stringify({
    name,
    args,
    call: {
      call_id: callId,
      call_status: 'ongoing',
      metadata: { attempt_id: attemptId, account_id: accountId },
    },
  });
  const answer = await fetch(`${live.apiUrl}/api/v1/webhooks/retell/${accountId}/functions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-retell-signature': signBody(body, liveKey) },
    body,
  });
  const said = await answer.text();
  // A refusal is quick: the benchmark would measure nothing.
  if (!said.includes('"ok":true')) throw new Error(`${name}: ${answer.status} ${said}`);
}

/** What HTTP and one row cost on this machine, in this run. */
async function bareRoute(
  live: LiveWorld,
): Promise<{ ask(text: string): Promise<void>; close(): Promise<void> }> {
  const { world } = live;
  await sql`create table if not exists public.bench_bare (id bigserial primary key, text text not null)`.execute(
    world.owner,
  );
  await sql`grant insert on public.bench_bare to tandas_app`.execute(world.owner);
  await sql`grant usage on sequence public.bench_bare_id_seq to tandas_app`.execute(world.owner);
  const app = new Hono();
  app.post('/', async (c) => {
    await sql`insert into public.bench_bare (text) values (${await c.req.text()})`.execute(world.app);
    return c.json({ ok: true });
  });
  const server = createAdaptorServer({ fetch: app.fetch, createServer });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    async ask(text) {
      const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: text });
      await answer.text();
    },
    async close() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function report(how: string, times: Times, log: (line: string) => void): readonly Figure[] {
  const bareP95 = quantile(times.get(bareName) ?? [], 0.95);
  return [...times]
    .filter(([name]) => name !== bareName)
    .map(([name, all]) => {
      const p95 = quantile(all, 0.95);
      const within = all.filter((ms) => ms < budgetMs).length;
      log(
        `${how} ${name}: n ${all.length}, p50 ${quantile(all, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, max ${Math.max(...all).toFixed(0)} ms, under ${budgetMs} ms ${within}`,
      );
      const shape = { name: 'in-call', figure: `${name}, ${how}: p95`, unit: 'ms', goal: '', value: p95 };
      return { ...plainFigure(shape, null), floor: bareP95, ratio: p95 / bareP95 };
    });
}
