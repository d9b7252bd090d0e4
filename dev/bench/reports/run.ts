import { sql } from 'kysely';
import { type Database, inAccount } from '../../../db/client.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { readReport } from '../../../domain/reports/reports.ts';
import { type ReportName, reportNames } from '../../../domain/reports/rules/report.ts';
import { recountRound } from '../../../relay/report-summaries.ts';
import { appOf } from '../../../test/support/lone-app.ts';
import { newAccount } from '../../../test/support/world.ts';
import { createDatabaseWorld } from '../lib/database-world.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { readWritten } from '../call-path/writes.ts';
import { seedAccount, touchEverything, tidy, wholeReads } from './seed.ts';

const name = 'reports';
const goalMs = 200;

/**
 * Reports and lists of an account with half of a million calls, beside the same reports counted from the rows; all of it summed from
 * nothing, with the least account waiting in the same loop.
 */
export const benchmark: Benchmark = {
  name,
  about:
    'a million calls: reports and lists, beside the same counted from the rows; summing them from nothing',
  needs: ['postgres'],
  async run({ quick, log }) {
    const world = await createDatabaseWorld();
    const { owner, app, system, poolId } = world;
    const contactsOfBatch = quick ? 400 : 12_000;
    const size = { contactsOfBatch, callsOfContact: quick ? 4 : 3 };
    try {
      const [big, other, least] = [await account(), await account(), await account()];
      const startedMs = performance.now();
      await seedAccount(owner, { accountId: big, poolId, size: { ...size, batches: 14 } });
      await seedAccount(owner, { accountId: other, poolId, size: { ...size, batches: 14 } });
      await seedAccount(owner, {
        accountId: least,
        poolId,
        size: { batches: 1, contactsOfBatch: 50, callsOfContact: 2 },
      });
      await tidy(owner);
      const seeded = await counts(owner);
      log(`seeded in ${seconds(startedMs)} s: ${JSON.stringify(seeded)}`);
      const summing = await sumAll(least);
      log(`summed: ${JSON.stringify(summing)}`);
      await tidy(owner);
      const key = await createApiKey(app, { accountId: big, label: 'bench', role: 'account' });
      // Its clock goes on by a second with each look: the limits of requests are not what is measured.
      let clockMs = Date.now();
      const api = appOf({ app, nowMs: () => (clockMs += 1_000) });
      const [batchId = ''] = await inAccount(app, big, async (trx) =>
        (await trx.selectFrom('core.batch').select('id').limit(1).execute()).map(({ id }) => id),
      );
      const timed = (path: string): Promise<number> => once(api, key, path);
      const before = await wholeReads(owner);
      const figures: Figure[] = [];
      for (const one of paths(batchId)) {
        const times: number[] = [];
        for (let repeat = quick ? 4 : -3; repeat < (quick ? 5 : 40); repeat += 1) {
          const ms = await timed(one.path);
          if (repeat >= 0) times.push(ms);
        }
        figures.push(
          plainFigure(
            {
              name,
              figure: `${one.what}, p95`,
              value: quantile(times, 0.95),
              unit: 'ms',
              goal: `≤ ${goalMs}`,
            },
            quantile(times, 0.95) <= goalMs,
          ),
        );
        log(
          `${one.what}: median ${quantile(times, 0.5).toFixed(0)}, p95 ${quantile(times, 0.95).toFixed(0)} ms`,
        );
      }
      // It ends the others' connections, which tells what they have read.
      await readWritten(owner);
      const after = await wholeReads(owner);
      const whole = Object.keys(after).reduce(
        (sum, table) => sum + (after[table] ?? 0) - (before[table] ?? 0),
        0,
      );
      log(`whole reads: ${JSON.stringify({ before, after })}`);
      return [
        plainFigure({ name, figure: 'calls', value: seeded['attempt'] ?? 0, unit: '', goal: '' }, null),
        ...figures,
        plainFigure(
          {
            name,
            figure: 'tables of calls and people read whole by these',
            value: whole,
            unit: '',
            goal: '0',
          },
          whole === 0,
        ),
        ...(await beside(big)),
        plainFigure(
          { name, figure: 'all summed from nothing', value: summing.seconds, unit: 's', goal: '' },
          null,
        ),
        plainFigure(
          {
            name,
            figure: 'the least account, touched meanwhile: until it is summed, at most',
            value: summing.leastMs,
            unit: 'ms',
            goal: '≤ 5,000',
          },
          summing.leastMs <= 5_000,
        ),
      ];
    } finally {
      await world.close();
    }

    function account(): Promise<string> {
      return newAccount(app, poolId, 1_000_000n);
    }

    /** Reports by their sums, beside the rows; and whether they say the same. */
    async function beside(accountId: string): Promise<readonly Figure[]> {
      const figures: Figure[] = [];
      for (const report of ['hours', 'funnel', 'refusals'] as const) {
        const [sums, exact] = [await took(accountId, report, false), await took(accountId, report, true)];
        if (JSON.stringify(sums.tables) !== JSON.stringify(exact.tables))
          throw new Error(`${report}: the sums say something else than the rows`);
        figures.push(
          versusFigure(
            { name, figure: `${report}: by sums, beside the rows`, value: sums.ms, unit: 'ms', goal: '' },
            exact.ms,
            null,
          ),
        );
      }
      return figures;
    }

    async function took(accountId: string, report: ReportName, exact: boolean) {
      const startedMs = performance.now();
      const { tables } = await readReport(app, accountId, report, { exact });
      return { tables, ms: performance.now() - startedMs };
    }

    async function sumAll(leastId: string) {
      const hours = await touchEverything(owner);
      const startedMs = performance.now();
      const places = new Map();
      let leastMs = 0;
      let touchedAtMs = performance.now();
      for (let left = true; left;) {
        left = await recountRound({ app, system, places, quietForMs: 0 });
        if (await isSummed(leastId)) {
          leastMs = Math.max(leastMs, performance.now() - touchedAtMs);
          if (left) await touchOne(leastId);
          touchedAtMs = performance.now();
        }
      }
      while (await recountRound({ app, system, places, quietForMs: 0 }));
      return { hours, seconds: Number(seconds(startedMs)), leastMs };
    }

    async function isSummed(accountId: string): Promise<boolean> {
      const row = await inAccount(app, accountId, (trx) =>
        trx.selectFrom('operation.report_touch').select('hour_at').limit(1).executeTakeFirst(),
      );
      return row === undefined;
    }

    async function touchOne(accountId: string): Promise<void> {
      await inAccount(app, accountId, (trx) =>
        sql`insert into operation.report_touch (account_id, kind, batch_id, hour_at)
            select account_id, 'call', batch_id, date_trunc('hour', attempted_at, 'UTC') from operation.attempt limit 1`.execute(
          trx,
        ),
      );
    }
  },
};

const seconds = (startedMs: number): string => ((performance.now() - startedMs) / 1_000).toFixed(1);

async function counts(owner: Database): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ name: string; rows: bigint }>`
    select relname as name, n_live_tup as rows from pg_stat_user_tables
     where relname in ('attempt', 'call', 'contact', 'batch', 'refusal', 'agreement') order by 1`.execute(
    owner,
  );
  return Object.fromEntries(rows.map(({ name: table, rows: many }) => [table, Number(many)]));
}

function paths(batchId: string): readonly { readonly what: string; readonly path: string }[] {
  const reports = reportNames.filter((one) => one !== 'batch');
  return [
    { what: 'GET /batches (14 of 14)', path: '/api/v1/batches' },
    { what: 'GET /batches/{id}', path: `/api/v1/batches/${batchId}` },
    { what: 'GET /contacts, a page of a batch', path: `/api/v1/contacts?batch_id=${batchId}&limit=100` },
    {
      what: 'GET /contacts, a page of one outcome',
      path: `/api/v1/contacts?batch_id=${batchId}&outcome=promise&limit=100`,
    },
    ...reports.map((one) => ({ what: `GET /reports/${one}, 30 days`, path: `/api/v1/reports/${one}` })),
    { what: 'GET /reports/batches/{id}', path: `/api/v1/reports/batches/${batchId}` },
    { what: 'GET /reports/activity of a batch', path: `/api/v1/reports/activity?batch_id=${batchId}` },
  ];
}

async function once(api: ReturnType<typeof appOf>, key: string, path: string): Promise<number> {
  const startedMs = performance.now();
  const reply = await api.request(path, { headers: { authorization: `Bearer ${key}` } });
  const text = await reply.text();
  if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${text}`);
  return performance.now() - startedMs;
}
