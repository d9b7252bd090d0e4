import type { Database } from '../../db/client.ts';
import { type OutboxMessage, writeOutbox } from '../shared/queries-outbox.ts';
import { type Dispatched, dispatchRound } from './queries-dispatch.ts';
import { worstCaseSeconds } from './worst-case.ts';

export const dispatchTickMs = 1_000;
/** People who come due one by one and may not be called yet (their account has all its lines) must not cost a round each. */
const leastDuePauseMs = 50;
/** A granted line that is not dialled within this returns. */
const grantMs = 30_000;

export interface DispatcherOptions {
  /** Sees every account's queue: fairness is between them. */
  readonly system: Database;
  readonly poolId: string;
  /** Resolves at the next NOTIFY about this pool, or after the time-out. */
  readonly waitForNews: (poolId: string, timeoutMs: number) => Promise<void>;
  readonly isOver: () => boolean;
  readonly onRound?: (round: Dispatched) => void;
  readonly onFailure: (error: unknown, failures: number) => void;
}

/** Round after round until it is over: at once when lines come free or somebody is due, else once a tick. */
export async function dispatchUntil(options: DispatcherOptions): Promise<void> {
  const { system, poolId, waitForNews, isOver, onRound, onFailure } = options;
  let failures = 0;
  while (!isOver()) {
    const round = await dispatchAndNotify(system, poolId).catch((error: unknown) => {
      failures += 1;
      onFailure(error, failures);
    });
    if (round === undefined) {
      // A database that restarts is back in seconds: lines must not wait for a growing pause.
      await waitForNews(poolId, dispatchTickMs);
      continue;
    }
    failures = 0;
    onRound?.(round);
    if (round.granted.length === 0 || round.nextGrantAt !== null) await waitForNews(poolId, pauseOf(round));
  }
}

/**
 * Until the next grant can be made, or the next request is due: a wave that opens would wait for the tick. Between two instants
 * of the database's clock: by a worker's own, minutes late, each grant would wait for a whole tick.
 */
function pauseOf({ at, nextGrantAt, nextDueAt }: Dispatched): number {
  const next = nextGrantAt ?? nextDueAt;
  if (next === null) return dispatchTickMs;
  const leastMs = nextGrantAt === null ? leastDuePauseMs : 1;
  return Math.min(dispatchTickMs, Math.max(leastMs, next.getTime() - at.getTime()));
}

/** One round with its messages: a grant whose signal is not written is not a grant. */
export async function dispatchAndNotify(system: Database, poolId: string): Promise<Dispatched> {
  return system.transaction().execute(async (trx) => {
    const round = await dispatchRound(trx, {
      poolId,
      at: null,
      grantMs,
      onlyRequestId: null,
      worstCaseSeconds: (policy) => worstCaseSeconds(trx, policy),
    });
    // Plain signals: they are for the run that asked, and a new one would have asked under other ids.
    await writeOutbox(trx, [
      ...round.granted.map(({ accountId, contactId, requestId, leaseId }): OutboxMessage => ({
        accountId,
        to: { contactId },
        kind: 'signal',
        signal: 'lineGranted',
        payload: { requestId, leaseId },
      })),
      ...round.suspended.map(({ accountId, contactId, requestId, reason }): OutboxMessage => ({
        accountId,
        to: { contactId },
        kind: 'signal',
        signal: 'lineSuspended',
        payload: { requestId, reason },
      })),
    ]);
    return round;
  });
}
