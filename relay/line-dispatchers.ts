import pg from 'pg';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { dispatchTickMs, dispatchUntil } from '../domain/lines/dispatch.ts';
import { electDispatcher } from '../domain/lines/queries-elections.ts';
import { LINES_CHANNEL } from '../domain/shared/queries-notify.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';

export interface DispatchersDeps {
  readonly databaseUrl: string;
  readonly system: Database;
  readonly news: Notifications;
  readonly logger: Logger;
}

/**
 * A holder that is frozen keeps its connection: the server ends a session that has asked nothing for so long, and with it the
 * lock. Several ticks, so that a busy moment costs nobody the lines.
 */
const frozenAfterMs = 5_000;

/**
 * Gives out the lines of every live pool, one dispatcher a pool by an advisory lock; pools are found as they appear. The lock
 * only saves work: two dispatchers at once take turns by the pool's row, and exceed nothing. See docs/decisions/0022.
 */
export function startLineDispatchers({ databaseUrl, system, news, logger }: DispatchersDeps): Loop {
  let held: ReadonlySet<string> = new Set();
  let session: pg.Client | undefined;
  let isStopping = false;
  const running = new Map<string, Promise<void>>();

  const connect = async (): Promise<pg.Client> => {
    const client = newSession(databaseUrl);
    const lost = (): void => {
      if (session !== client) return;
      session = undefined;
      // Whoever has the locks now dispatches.
      held = new Set();
    };
    client.on('error', lost);
    client.on('end', lost);
    await client.connect();
    return client;
  };
  const dispatch = async (poolId: string): Promise<void> => {
    logger.info({ poolId }, 'dispatches lines');
    await dispatchUntil({
      system,
      poolId,
      waitForNews: (pool, timeoutMs) => news.wait(LINES_CHANNEL, pool, timeoutMs),
      isOver: () => isStopping || !held.has(poolId),
      onFailure: (error, failures) => logger.warn({ err: error, poolId, failures }, 'a round failed'),
    });
    running.delete(poolId);
  };
  const loop = startLoop('dispatchers', logger, async (stopping) => {
    session ??= await connect();
    held = await electDispatcher(session, held);
    for (const poolId of held) if (!running.has(poolId)) running.set(poolId, dispatch(poolId));
    if (!stopping()) await new Promise((resolve) => setTimeout(resolve, dispatchTickMs));
  });
  return {
    async stop() {
      isStopping = true;
      await loop.stop();
      await Promise.all(running.values());
      // With its locks: another worker takes over at its next tick.
      await session?.end().catch(() => undefined);
    },
  };
}

/** Named by its process, so that an operator, and a chaos run, see who dispatches. */
function newSession(databaseUrl: string): pg.Client {
  return new pg.Client({
    connectionString: databaseUrl,
    keepAlive: true,
    application_name: `tandas-dispatcher ${process.pid}`,
    query_timeout: frozenAfterMs,
    options: `-c role=tandas_system -c idle_session_timeout=${frozenAfterMs}`,
  });
}
