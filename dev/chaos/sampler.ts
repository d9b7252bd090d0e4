import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Sample } from './recovery.ts';

export interface Sampler {
  readonly samples: readonly Sample[];
  /** Of the batch, as the last look found it; undefined before the first one. */
  open(): { readonly contacts: number; readonly isFinished: boolean } | undefined;
  stop(): Promise<void>;
}

const everyMs = 250;
const answerWithinMs = 2_000;

const look = `
  select (select count(*)::int from core.line_lease where released_at is null) as "inUse",
         (select count(*)::int from core.line_request
           where state = 'waiting' and eligible_at <= clock_timestamp() and deadline_at > clock_timestamp()) as waiting,
         (select count(*)::int from core.contact where state <> 'closed') as contacts,
         (select count(*)::int from core.batch where state <> 'finished') as batches`;

interface Row {
  readonly inUse: number;
  readonly waiting: number;
  readonly contacts: number;
  readonly batches: number;
}

/** Looks at lines and contacts four times a second, and goes on when PostgreSQL is away: then a sample is missing. */
export function startSampler(databaseUrl: string): Sampler {
  const samples: Sample[] = [];
  const stop = new AbortController();
  let open: { contacts: number; isFinished: boolean } | undefined;
  let client: pg.Client | undefined;

  const sample = async (): Promise<void> => {
    client ??= await connect(databaseUrl);
    const { rows } = await client.query<Row>(look);
    const [row] = rows;
    if (row === undefined) return;
    samples.push({ atMs: Date.now(), inUse: row.inUse, waiting: row.waiting });
    open = { contacts: row.contacts, isFinished: row.contacts === 0 && row.batches === 0 };
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const startedAtMs = Date.now();
      await sample().catch(() => {
        void client?.end().catch(() => undefined);
        client = undefined;
      });
      const restMs = Math.max(10, everyMs - (Date.now() - startedAtMs));
      await sleep(restMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    await client?.end().catch(() => undefined);
  };
  const running = run();
  return {
    samples,
    open: () => open,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
