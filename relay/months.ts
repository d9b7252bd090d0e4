import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ensurePartitions } from '../db/partitions.ts';
import type { Database } from '../db/client.ts';
import { type Loop, startLoop } from './loop.ts';

/** A worker that was away for a quarter still finds its month made. */
const monthsAhead = 4;
const pauseSeconds = 3_600;

/** Makes the partitions of the months to come. Any worker may; a month that is there is left alone. */
export function startMonthMaker({
  system,
  logger,
}: {
  readonly system: Database;
  readonly logger: Logger;
}): Loop {
  return startLoop('months', logger, async (isStopping) => {
    await ensurePartitions(system, monthsAhead);
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}
