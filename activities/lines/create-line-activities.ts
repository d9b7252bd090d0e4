import { Context } from '@temporalio/activity';
import type { Database } from '../../db/client.ts';
import { dispatchRound, type Dispatched } from '../../domain/lines/queries-dispatch.ts';
import { writeOutbox } from '../../domain/shared/queries-outbox.ts';
import type { LineActivities } from './types.ts';
import { worstCaseSeconds } from '../../domain/lines/worst-case.ts';

export interface LineDeps {
  /** Sees every account's queue: fairness is between them. */
  readonly system: Database;
  /** Resolves at the next NOTIFY about this pool, or after the time-out. */
  readonly waitForNews: (poolId: string, timeoutMs: number) => Promise<void>;
  /** Aborted when the worker is asked to stop: the SDK itself tells an activity only after the grace time. */
  readonly stopping: AbortSignal;
}

/** Rounds go on for this long in one activity, so that its history stays short and deploys take over. */
const activityMs = 5 * 60_000;
const tickMs = 1_000;
/** People who come due one by one and may not be called yet (their account has all its lines) must not cost a round each. */
const leastDuePauseMs = 50;
/** A granted line that is not dialled within this returns. */
const grantMs = 30_000;
/** Rounds that may fail one after the other, a tick apart, before the activity does. */
const failuresInARow = 15;

export function createLineActivities({ system, waitForNews, stopping }: LineDeps): LineActivities {
  return {
    async dispatchLines({ poolId }) {
      const context = Context.current();
      const untilMs = Date.now() + activityMs;
      let words = '';
      await dispatchUntil({
        system,
        poolId,
        waitForNews,
        isOver: () => Date.now() >= untilMs || context.cancellationSignal.aborted || stopping.aborted,
        onRound(round) {
          words = wordsOf(round);
          context.heartbeat(words);
        },
        onFailure(error, failures) {
          context.log.warn('a round failed', { poolId, failures, error });
          context.heartbeat(`Falló una ronda y se repite (${failures})`);
        },
      });
      return { words };
    },
  };
}

export interface DispatcherOptions extends Pick<LineDeps, 'system' | 'waitForNews'> {
  readonly poolId: string;
  readonly isOver: () => boolean;
  readonly onRound: (round: Dispatched) => void;
  readonly onFailure: (error: unknown, failures: number) => void;
}

/** Round after round until it is over: at once when lines come free or somebody is due, else once a tick. Throws when rounds keep failing. */
export async function dispatchUntil(options: DispatcherOptions): Promise<void> {
  const { system, poolId, waitForNews, isOver, onRound, onFailure } = options;
  let failures = 0;
  while (!isOver()) {
    const round = await dispatchAndTell(system, poolId).catch((error: unknown) => {
      failures += 1;
      if (failures > failuresInARow) throw error;
      onFailure(error, failures);
    });
    if (round === undefined) {
      // A database that restarts is back in seconds: lines must not wait for the growing pause of a retry.
      await waitForNews(poolId, tickMs);
      continue;
    }
    failures = 0;
    onRound(round);
    if (round.granted.length === 0 || round.nextGrantAt !== null) {
      await waitForNews(poolId, pauseOf(round));
    }
  }
}

/**
 * Until the next grant can be made, or the next request is due: a wave that opens would wait for the tick. Between two instants
 * of the database's clock: by a worker's own, minutes late, each grant would wait for a whole tick.
 */
function pauseOf({ at, nextGrantAt, nextDueAt }: Dispatched): number {
  const next = nextGrantAt ?? nextDueAt;
  if (next === null) return tickMs;
  const leastMs = nextGrantAt === null ? leastDuePauseMs : 1;
  return Math.min(tickMs, Math.max(leastMs, next.getTime() - at.getTime()));
}

/** One round with its messages: a grant whose signal is not written is not a grant. */
export async function dispatchAndTell(system: Database, poolId: string): Promise<Dispatched> {
  return system.transaction().execute(async (trx) => {
    const round = await dispatchRound(trx, {
      poolId,
      at: null,
      grantMs,
      onlyRequestId: null,
      worstCaseSeconds: (policy) => worstCaseSeconds(trx, policy),
    });
    await writeOutbox(trx, [
      ...round.granted.map(({ accountId, workflowId, requestId, leaseId }) => ({
        accountId,
        workflowId,
        signal: 'lineGranted',
        payload: { requestId, leaseId },
      })),
      ...round.suspended.map(({ accountId, workflowId, requestId }) => ({
        accountId,
        workflowId,
        signal: 'lineSuspended',
        payload: { requestId },
      })),
    ]);
    return round;
  });
}

function wordsOf({ held, capacity, granted, expired }: Dispatched): string {
  const news = [
    granted.length > 0 ? `${granted.length} entregadas` : '',
    expired > 0 ? `${expired} devueltas sin usar` : '',
  ].filter((part) => part !== '');
  return [`${held} de ${capacity} líneas en uso`, ...news].join(' · ');
}
