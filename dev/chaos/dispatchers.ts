import pg from 'pg';
import { pino } from 'pino';
import { createDatabase } from '../../db/client.ts';
import { dispatchUntil } from '../../domain/lines/dispatch.ts';
import { DISPATCHER_LOCKS } from '../../domain/lines/queries-elections.ts';
import { WORKERS, type WorkerName } from './faults.ts';
import type { Place } from './place.ts';

/** Without the lock, which only saves work: what keeps lines from being given twice is the pool's row. */
export async function startSecondDispatcher(place: Place): Promise<void> {
  const poolId = await asClient(place, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      'select id from catalogue.pool where simulated and not rehearsal',
    );
    const [pool] = rows;
    if (pool === undefined) throw new Error('there is no line pool');
    return pool.id;
  });
  const system = createDatabase({ url: place.databaseUrl, role: 'tandas_system', maxConnections: 2 });
  const logger = pino({ level: 'silent' });
  // Until this process ends, at the end of the run.
  void dispatchUntil({
    system,
    poolId,
    waitForNews: (_, timeoutMs) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(timeoutMs, 100)).unref()),
    isOver: () => false,
    onFailure: (error) => logger.warn({ err: error }, 'a round failed'),
  });
}

/** Which worker gives the lines out now: its death is the one that lines could stand idle for. Throws when none does. */
export async function workerThatDispatches(place: Place): Promise<WorkerName> {
  return asClient(place, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'advisory' and l.classid = $1 and l.granted limit 1`,
      [DISPATCHER_LOCKS],
    );
    const pid = Number(rows[0]?.name.split(' ')[1]);
    const worker = WORKERS.find((one) => place.pidOf(one) === pid);
    if (worker === undefined) throw new Error('no worker gives lines out');
    return worker;
  });
}

async function asClient<T>({ databaseUrl }: Place, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
