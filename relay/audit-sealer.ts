import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Database, inAccount } from '../db/client.ts';
import {
  accountsToSeal,
  accountsWithSeals,
  sealHead,
  type SealScope,
} from '../domain/shared/queries-audit-seal.ts';
import { sealAccount } from '../domain/shared/seal-audit.ts';
import { type Loop, startLoop } from './loop.ts';

const pauseMs = 2_000;
const accountsAtOnce = 100;
const wholeEveryMs = 3_600_000;
const headsEveryMs = 86_400_000;

interface Sealing {
  readonly app: Database;
  readonly system: Database;
  readonly logger: Logger;
}

/**
 * Seals audit rows behind those who write them: no transaction of a call waits for the chain. Any worker may; one at a time
 * does for an account. Once a day the head of each chain goes to the log, where a hand that rewrites the database does not reach.
 */
export function startAuditSealer({ app, system, logger }: Sealing): Loop {
  let wholeAt = 0;
  let headsAt = 0;
  return startLoop('audit-sealer', logger, async (isStopping) => {
    const now = performance.now();
    const isWhole = wholeAt === 0 || now - wholeAt >= wholeEveryMs;
    await sealRound(app, system, isWhole ? 'all' : 'recent');
    if (isWhole) wholeAt = now;
    if (headsAt === 0 || now - headsAt >= headsEveryMs) {
      await logHeads({ app, system, logger });
      headsAt = now;
    }
    for (let waited = 0; waited < pauseMs && !isStopping(); waited += 500) await sleep(500);
  });
}

/** One round over the accounts that have rows without a seal. */
export async function sealRound(app: Database, system: Database, scope: SealScope): Promise<void> {
  for (const accountId of await accountsToSeal(system, scope, accountsAtOnce))
    while (await sealAccount(app, accountId, scope));
}

/** Says where each account's chain stands. */
export async function logHeads({ app, system, logger }: Sealing): Promise<void> {
  for (const accountId of await accountsWithSeals(system)) {
    const head = await inAccount(app, accountId, sealHead);
    if (head !== undefined)
      logger.info(
        { accountId, no: head.no.toString(), hash: head.hash.toString('hex') },
        'head of the audit chain',
      );
  }
}
