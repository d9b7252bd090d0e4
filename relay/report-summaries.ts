import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { touchedAccounts, type TouchedHour } from '../domain/summaries/queries-recount.ts';
import { recountSome } from '../domain/summaries/recount.ts';
import { type Loop, startLoop } from './loop.ts';

/** An hour in which calls go on is counted again at most so often. */
const quietMs = 2_000;
/** Between two looks, when nothing is left over. */
const pauseMs = 1_000;

interface Counting {
  readonly app: Database;
  readonly system: Database;
  readonly logger: Logger;
}

/**
 * Counts touched hours again. Any worker may. Reports do not wait for it: an hour that it has not come to is counted when it is read.
 */
export function startReportSummaries({ app, system, logger }: Counting): Loop {
  const places = new Map<string, TouchedHour>();
  return startLoop('report-summaries', logger, async (isStopping) => {
    const isLeftOver = await recountRound({ app, system, places });
    if (!isLeftOver && !isStopping()) await sleep(pauseMs);
  });
}

/**
 * One visit to each account with touched hours: one that has a million waits for its next turn like those that have one. `places`: where
 * the next visit to an account goes on, so that hours which are touched all the time do not keep those behind them from their turn.
 * Returns whether some account has more.
 */
export async function recountRound({
  app,
  system,
  places,
  quietForMs = quietMs,
}: {
  readonly app: Database;
  readonly system: Database;
  readonly places: Map<string, TouchedHour>;
  readonly quietForMs?: number;
}): Promise<boolean> {
  const touched = await touchedAccounts(system);
  // An account may have had just so many hours as a visit takes.
  for (const accountId of places.keys()) if (!touched.includes(accountId)) places.delete(accountId);
  const failed: unknown[] = [];
  for (const accountId of touched) {
    try {
      const { after } = await recountSome(app, accountId, {
        after: places.get(accountId),
        quietMs: quietForMs,
      });
      if (after === undefined) places.delete(accountId);
      else places.set(accountId, after);
    } catch (error) {
      // The accounts behind one that cannot be counted have their turn; its own goes on from the first of its hours.
      places.delete(accountId);
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, `${failed.length} accounts were not counted`);
  return places.size > 0;
}
