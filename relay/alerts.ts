import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Database, inAccount } from '../db/client.ts';
import { accountsToWatch } from '../domain/alerts/queries.ts';
import { watchAccount } from '../domain/alerts/watch.ts';
import { type Loop, startLoop } from './loop.ts';

const pauseSeconds = 60;

export interface AlertDeps {
  readonly app: Database;
  readonly system: Database;
  readonly logger: Logger;
}

/** Looks at every account that works, once a minute. Any worker may: what comes up is written down once. */
export function startAlerts(deps: AlertDeps): Loop {
  return startLoop('alerts', deps.logger, async (isStopping) => {
    await watchAll(deps, isStopping);
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}

/** One look. An account that cannot be looked at keeps no other one waiting. */
export async function watchAll(
  { app, system, logger }: AlertDeps,
  isStopping: () => boolean = () => false,
): Promise<void> {
  for (const accountId of await accountsToWatch(system)) {
    if (isStopping()) return;
    try {
      const raised = await inAccount(app, accountId, (trx) => watchAccount(trx, accountId));
      if (raised > 0) logger.info({ accountId, raised }, 'alerts');
    } catch (err) {
      logger.error({ err, accountId }, 'an account was not looked at for alerts');
    }
  }
}
