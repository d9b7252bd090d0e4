import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { Hono } from 'hono';
import { pino } from 'pino';
import { listenForNews } from '../../../relay/notifications.ts';
import { startOutboxRelay } from '../../../relay/outbox-relay.ts';
import {
  type ApiWorld,
  createApiWorld,
  type Dialled,
  dialOne,
  eventBody,
  signed,
} from '../../../test/support/api.ts';
import { until } from '../../../test/support/live-world.ts';
import { contactIdOf, usd } from '../../../test/support/world.ts';
import { topUpAccount } from '../../../domain/billing/top-up.ts';
import { inAccount } from '../../../db/client.ts';
import { plainFigure, ratioFigure } from '../lib/figures.ts';
import { alternate, summary } from '../lib/pairs.ts';
import { randomOf } from '../lib/random.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { notSettledOnce } from './settled.ts';

/** Requests under way at once, on all sides. */
const atOnce = 16;
const warmups = 1;

/**
 * A call's end, signed, until it is stored, settled, charged, its line free and its contact signalled; against a bare
 * route with one INSERT and a bare signal, by as many at once, in the same process.
 */
export const benchmark: Benchmark = {
  name: 'webhook',
  about:
    'signed webhook to stored, settled, line released, contact signalled; five-fold duplicates, out of order',
  needs: ['postgres', 'temporal'],
  async run({ quick, seed, log }) {
    const api = await createApiWorld({ rehearsal: false, capacity: 2_000, callsPerSecond: 100_000 });
    const news = listenForNews(api.world.url);
    const { app, system, taskQueue, temporal } = api.world;
    let sent = 0;
    const relay = startOutboxRelay({
      app,
      system,
      taskQueue,
      client: temporal.client,
      news,
      logger: pino({ level: 'silent' }),
      async watched(_row, send) {
        const answer = await send();
        sent += 1;
        return answer;
      },
    });
    try {
      const plan = { repeats: quick ? 1 : 5, each: quick ? 50 : 150, seed, log, signalled: () => sent };
      return await measure(api, plan);
    } finally {
      await relay.stop();
      await news.close();
      await api.close();
    }
  },
};

interface Plan {
  readonly repeats: number;
  /** Webhooks of one repeat. */
  readonly each: number;
  readonly seed: string;
  readonly log: (line: string) => void;
  /** How many signals Temporal has taken so far. */
  readonly signalled: () => number;
}

async function measure(
  api: ApiWorld,
  { repeats, each, seed, log, signalled }: Plan,
): Promise<readonly Figure[]> {
  const { accountId } = api.one;
  await inAccount(api.world.app, accountId, (trx) =>
    topUpAccount(trx, {
      accountId,
      unit: 'USD',
      amountMicros: 10_000n * usd,
      reference: 'bench',
      actor: 'bench',
    }),
  );
  // Two pairs of floors each, and one more for the duplicates.
  const calls = await ring(api, each * (repeats + warmups) * 2 + each);
  log(`  ${calls.length} calls ring, ${each} webhooks a repeat, ${atOnce} at once`);
  const bare = await bareRoute(api);
  let taken = 0;
  const settleSome = async (): Promise<number> => {
    const mine = calls.slice(taken, taken + each);
    taken += each;
    const [startedMs, before] = [performance.now(), signalled()];
    await rate(mine.length, async (index) => {
      const call = mine[index];
      if (call !== undefined) await post(api, eventBody({ accountId, call }));
    });
    // Not by asking the database: the contact has been signalled when Temporal has answered.
    while (signalled() < before + mine.length) await pause(1);
    return (mine.length * 1000) / (performance.now() - startedMs);
  };
  log('against a bare route with one INSERT');
  const route = await alternate({ repeats, warmups, log, ours: settleSome, floor: () => rate(each, bare) });
  log('against a bare signal');
  const signal = await alternate({
    repeats,
    warmups,
    log,
    ours: settleSome,
    floor: () => rate(each, bareSignal(api, calls)),
  });
  const slower = route.floor.median < signal.floor.median ? route : signal;
  const duplicates = await repeated(api, calls.slice(taken, taken + each), seed);
  const wrong = await notSettledOnce(api.world.owner);
  log(
    `  five-fold and out of order: ${duplicates.sent} webhooks for ${each} calls; a duplicate takes ${duplicates.ratio.toFixed(2)} of a first one; ${wrong} calls not settled once`,
  );
  const of = (figure: string, goal: string) => ({ name: 'webhook', figure, unit: '/s', goal });
  return [
    ratioFigure(
      of('settled and signalled, against the slower floor', '≥ 0.7 ×'),
      slower,
      (ratio) => ratio >= 0.7,
    ),
    ratioFigure(of('against a bare route with one INSERT', ''), route, null),
    ratioFigure(of('against a bare signal', ''), signal, null),
    plainFigure(
      {
        name: 'webhook',
        figure: 'calls not settled exactly once, five-fold and out of order',
        value: wrong,
        unit: '',
        goal: '0',
      },
      wrong === 0,
    ),
    plainFigure(
      {
        name: 'webhook',
        figure: 'time of a duplicate, in first deliveries',
        value: duplicates.ratio,
        unit: '',
        goal: '',
      },
      null,
    ),
  ];
}

/** Live calls, each with the workflow that waits for its end (on a task queue that nobody works). */
async function ring(api: ApiWorld, count: number): Promise<readonly Dialled[]> {
  const { accountId } = api.one;
  const calls: Dialled[] = [];
  while (calls.length < count) {
    const call = await dialOne(api.world, accountId);
    await api.world.temporal.client.workflow.start('contact', {
      workflowId: await contactIdOf(api.world, call.contactId),
      taskQueue: 'nobody',
      args: [],
    });
    calls.push(call);
  }
  return calls;
}

async function post(api: ApiWorld, body: string): Promise<void> {
  const answer = await api.app.request(`/api/v1/webhooks/retell/${api.one.accountId}`, {
    method: 'POST',
    headers: signed(body),
    body,
  });
  if (answer.status !== 200)
    throw new Error(`the webhook was answered ${answer.status}: ${await answer.text()}`);
  await answer.text();
}

async function rate(count: number, one: (index: number) => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) {
        next += 1;
        await one(next - 1);
      }
    }),
  );
  return (count * 1000) / (performance.now() - startedMs);
}

async function waiting({ world }: ApiWorld): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from operation.outbox where delivered_at is null`.execute(world.owner);
  return rows[0]?.n ?? 0;
}

async function bareRoute({ world }: ApiWorld): Promise<(index: number) => Promise<void>> {
  await sql`create table public.bare (id bigserial primary key, body jsonb not null)`.execute(world.owner);
  await sql`grant insert on public.bare to tandas_app`.execute(world.owner);
  await sql`grant usage on sequence public.bare_id_seq to tandas_app`.execute(world.owner);
  const app = new Hono();
  app.post('/', async (c) => {
    await sql`insert into public.bare (body) values (${await c.req.text()})`.execute(world.app);
    return c.json({ received: true });
  });
  const body = JSON.stringify({ text: 'x'.repeat(1_000) });
  return async () => {
    await (await app.request('/', { method: 'POST', body })).text();
  };
}

function bareSignal({ world }: ApiWorld, calls: readonly Dialled[]): (index: number) => Promise<void> {
  return async (index) => {
    const call = calls[index];
    if (call === undefined) return;
    const workflowId = await contactIdOf(world, call.contactId);
    await world.temporal.client.workflow.getHandle(workflowId).signal('callEnded', { bare: true });
  };
}

/** Started, ended and analysed, each five times, in any order. */
async function repeated(
  api: ApiWorld,
  calls: readonly Dialled[],
  seed: string,
): Promise<{ readonly sent: number; readonly ratio: number }> {
  const random = randomOf(`${seed}/webhooks`);
  const { accountId } = api.one;
  const bodies = calls.flatMap((call) =>
    ['call_started', 'call_ended', 'call_analyzed'].map((event) => eventBody({ accountId, call, event })),
  );
  const all = bodies
    .flatMap((body) => Array.from({ length: 5 }, () => ({ body, at: random() })))
    .toSorted((left, right) => left.at - right.at);
  const seen = new Set<string>();
  const [first, again]: [number[], number[]] = [[], []];
  await rate(all.length, async (index) => {
    const body = all[index]?.body ?? '';
    const times = seen.has(body) ? again : first;
    seen.add(body);
    const startedMs = performance.now();
    await post(api, body);
    times.push(performance.now() - startedMs);
  });
  await until('the outbox is empty', async () => (await waiting(api)) === 0);
  return { sent: all.length, ratio: summary(again).median / summary(first).median };
}
