import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Database, inAccount } from '../db/client.ts';
import { tellOverdue } from '../domain/privacy/overdue.ts';
import { accountsWithOverdue } from '../domain/privacy/queries.ts';
import { type Loop, startLoop } from './loop.ts';

const pauseSeconds = 60;
const accountsAtOnce = 50;

/** Opens tasks for requests about people's data that are late. Any worker may: a request is told once. */
export function startPrivacyClock({
  app,
  system,
  logger,
}: {
  readonly app: Database;
  readonly system: Database;
  readonly logger: Logger;
}): Loop {
  return startLoop('privacy-clock', logger, async (isStopping) => {
    await tellAllOverdue(app, system);
    for (let seconds = 0; seconds < pauseSeconds && !isStopping(); seconds += 1) await sleep(1_000);
  });
}

/** One round over the accounts that have any. */
export async function tellAllOverdue(app: Database, system: Database): Promise<void> {
  const accounts = await system.transaction().execute((trx) => accountsWithOverdue(trx, accountsAtOnce));
  for (const accountId of accounts)
    while (await inAccount(app, accountId, (trx) => tellOverdue(trx, accountId)));
}
