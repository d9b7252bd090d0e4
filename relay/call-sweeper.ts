import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import { type CallToCheck, takeCallsToCheck } from '../domain/calls/queries.ts';
import { checkCall, type CheckDeps } from '../domain/calls/check-call.ts';
import { callTiming } from '../domain/lines/rules/timing.ts';
import { type Loop, startLoop } from './loop.ts';

export interface CallSweeperDeps extends CheckDeps {
  readonly system: Database;
  readonly logger: Logger;
}

const pageSize = 20;

/**
 * Asks the provider about dials whose answer was lost and calls that have been silent for too long, and nobody else does:
 * a lost answer or webhook costs time, never truth. What it learns reaches the contact through the outbox.
 */
export function startCallSweeper(deps: CallSweeperDeps): Loop {
  return startLoop('sweeper', deps.logger, async () => {
    const taken = await sweepOnce(deps);
    if (taken < pageSize) await sleep((deps.timing ?? callTiming).sweepIdleMs);
  });
}

/** One page; returns how many calls were asked about. */
export async function sweepOnce(deps: CallSweeperDeps): Promise<number> {
  const { sweepAgainMs } = deps.timing ?? callTiming;
  const due = await deps.system.transaction().execute((trx) => takeCallsToCheck(trx, pageSize, sweepAgainMs));
  await Promise.all(due.map((call) => check(deps, call)));
  return due.length;
}

/** One call's failure (the provider does not answer) must not keep the others from being asked about. */
async function check(deps: CallSweeperDeps, call: CallToCheck): Promise<void> {
  try {
    await checkCall(deps, { accountId: call.account_id, attemptId: call.attempt_id });
  } catch (error) {
    deps.logger.warn({ err: error, attemptId: call.attempt_id }, 'provider could not be asked');
  }
}
