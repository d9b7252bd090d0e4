import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { leadFeed, numberOnce, pruneHints, requireAlive } from '../domain/shared/queries-feed.ts';
import { createWaitingHints, parseHint } from '../domain/shared/rules/hints.ts';
import { type Loop, startLoop } from './loop.ts';

export interface FeedRelayDeps {
  readonly databaseUrl: string;
  readonly system: Database;
  readonly logger: Logger;
}

/** The same hint is told once in so long: a batch of ten thousand contacts changes all the time. */
const apartMs = 1_000;
/** Between two rounds: under load one of them numbers what came meanwhile. */
const restMs = 50;
/** The longest between two looks, and between two tries to become the one who numbers. */
const idleMs = 1_000;
/** More hints than that are one: look at everything again. */
const mostHints = 20_000;
const pruneEveryMs = 600_000;
/** A holder that is frozen keeps its connection: the server ends a session that has asked nothing for so long, and with it the lock. */
const frozenAfterMs = 10_000;

/**
 * Numbers the events of all accounts and tells hints. One of all workers does, by an advisory lock of the session that hears the hints:
 * both are lost together, and whoever takes over tells everybody to look again, for nobody heard what was announced in between.
 */
export function startFeedRelay({ databaseUrl, system, logger }: FeedRelayDeps): Loop {
  const hints = createWaitingHints(apartMs);
  let session: pg.Client | undefined;
  let owesReset = false;
  let prunedAtMs = 0;
  let wake = (): void => undefined;
  let isWoken = false;

  const lose = (client: pg.Client): void => {
    if (session !== client) return;
    session = undefined;
    hints.clear();
    wake();
  };
  const heard = (payload: string): void => {
    const hint = parseHint(payload);
    if (hint !== undefined) hints.add(hint);
    if (hints.size > mostHints) {
      hints.clear();
      owesReset = true;
    }
    isWoken = true;
    wake();
  };
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      wake = () => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve();
      };
    });
  /** The session, when it is the one that numbers. */
  const lead = async (): Promise<boolean> => {
    if (session !== undefined) {
      const held = session;
      // Asked for each time: a session that has ended unnoticed holds no lock.
      await requireAlive(held).catch((error: unknown) => {
        lose(held);
        void held.end().catch(() => undefined);
        throw error;
      });
      return true;
    }
    const client = newSession(databaseUrl);
    client.on('notification', ({ payload }) => heard(payload ?? ''));
    try {
      await client.connect();
      if (!(await leadFeed(client))) {
        await client.end();
        return false;
      }
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    client.on('error', () => lose(client));
    client.on('end', () => lose(client));
    session = client;
    // What was announced while nobody listened is behind it.
    owesReset = true;
    logger.info('numbers events');
    return true;
  };
  const round = async (): Promise<boolean> => {
    const due = hints.take(Date.now());
    const reset = owesReset;
    owesReset = false;
    isWoken = false;
    try {
      const { hasMore, hints: told } = await system
        .transaction()
        .execute((trx) => numberOnce(trx, { hints: due, reset }));
      for (const hint of told) hints.add(hint);
      return hasMore;
    } catch (error) {
      hints.putBack(due);
      owesReset ||= reset;
      throw error;
    }
  };
  const prune = async (): Promise<void> => {
    if (Date.now() - prunedAtMs < pruneEveryMs) return;
    while (await system.transaction().execute(pruneHints));
    prunedAtMs = Date.now();
  };

  const loop = startLoop('feed', logger, async (isStopping) => {
    if (!(await lead())) return rest(idleMs);
    const hasMore = await round();
    await prune();
    if (hasMore || isStopping()) return;
    await new Promise((resolve) => setTimeout(resolve, restMs));
    if (!isWoken) await rest(Math.min(idleMs, hints.dueInMs(Date.now()) ?? idleMs));
  });
  return {
    async stop() {
      const stopped = loop.stop();
      wake();
      await stopped;
      await session?.end().catch(() => undefined);
    },
  };
}

function newSession(databaseUrl: string): pg.Client {
  const client = new pg.Client({
    connectionString: databaseUrl,
    keepAlive: true,
    application_name: `tandas-feed ${process.pid}`,
    query_timeout: frozenAfterMs / 2,
    options: `-c role=tandas_system -c idle_session_timeout=${frozenAfterMs}`,
  });
  // One that fails before it is the session: whoever waits for its answer is told.
  client.on('error', () => undefined);
  return client;
}
