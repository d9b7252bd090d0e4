import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { removeExpiredPortion } from '../domain/rehearsal/queries-expired.ts';
import { type Loop, startLoop } from './loop.ts';

const pauseSeconds = 3_600;

/** Removes what rehearsals of more than seven days ago left, a portion a transaction. Any worker may; one at a time does. */
export function startRehearsalRemover({
  system,
  logger,
}: {
  readonly system: Database;
  readonly logger: Logger;
}): Loop {
  return startLoop('expired-rehearsals', logger, async (isStopping) => {
    while (!isStopping() && (await removeExpiredPortion(system)) === 'more');
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}
