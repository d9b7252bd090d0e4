import type { SpanContext } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { VoiceProvider } from '../domain/calls/voice-port.ts';
import { currentSpan, idsIn, inWork } from './context.ts';
import type { Metrics } from './metrics.ts';
import { dialOf } from './trace-rows.ts';
import { inSpan, type Tracing } from './tracing.ts';

type Activity = (...args: never[]) => Promise<unknown>;

export interface Watchers {
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly tracing: Pick<Tracing, 'tracer'>;
  readonly traceOfBatch: (batchId: string) => Promise<SpanContext | undefined>;
}

/** The same activities, each counted, timed, logged and traced. Of their arguments only the ids are looked at. */
export function watchActivities(
  activities: Readonly<Record<string, Activity>>,
  watchers: Watchers,
): Record<string, Activity> {
  return Object.fromEntries(
    Object.entries(activities).map(([activity, run]) => [
      activity,
      (...args: never[]) =>
        inWork({ ...idsIn(args[0]), activity }, () => watched(activity, run, args, watchers)),
    ]),
  );
}

async function watched(
  activity: string,
  run: Activity,
  args: never[],
  { metrics, logger, tracing, traceOfBatch }: Watchers,
): Promise<unknown> {
  const { batchId, attemptId } = idsIn(args[0]);
  const end = metrics.activities.startTimer({ activity });
  try {
    const parent =
      tracing.tracer === undefined || batchId === undefined ? undefined : await traceOfBatch(batchId);
    // Without a batch there is nothing to be part of: the dispatcher's rounds would be traces without end.
    const answer =
      parent === undefined
        ? await run(...args)
        : await inSpan(
            tracing,
            activity,
            {
              parent,
              ...(activity === 'dial' && attemptId !== undefined ? { key: `dial:${attemptId}` } : {}),
            },
            () => run(...args),
          );
    const seconds = end({ result: 'done' });
    const result = activity === 'dial' ? countDial(metrics, answer) : undefined;
    // Every dial is a line of the log; the rest is there for whoever looks closer.
    logger[activity === 'dial' ? 'info' : 'debug']({ ms: Math.round(seconds * 1_000), result }, activity);
    return answer;
  } catch (error) {
    end({ result: 'failed' });
    if (activity === 'dial') metrics.dials.inc({ result: 'failed' });
    throw error;
  }
}

const dialResults: Readonly<Record<string, string>> = {
  DialPlaced: 'placed',
  DialOutcomeUnknown: 'unknown',
  DialRejected: 'rejected',
  DialRefused: 'refused',
};

function countDial(metrics: Metrics, answer: unknown): string | undefined {
  const fact = firstFact(answer);
  const result = dialResults[fact?.type ?? ''];
  // Of a rehearsal, whose dial answers with the whole call.
  if (fact === undefined || result === undefined) return undefined;
  metrics.dials.inc({ result });
  if (result === 'refused') metrics.refusedTurns.inc({ reason: fact.reason ?? 'unnamed' });
  return result === 'refused' ? `refused: ${fact.reason ?? 'unnamed'}` : result;
}

function firstFact(answer: unknown): { readonly type: string; readonly reason?: string } | undefined {
  if (!isRecord(answer) || !Array.isArray(answer['deliveries'])) return undefined;
  const first: unknown = answer['deliveries'][0];
  const fact = isRecord(first) ? first['fact'] : undefined;
  if (!isRecord(fact) || typeof fact['type'] !== 'string') return undefined;
  const { type, reason } = fact;
  return { type, ...(typeof reason === 'string' ? { reason } : {}) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The same provider, each question timed, and traced where it is part of something. */
export function watchVoice(
  voice: VoiceProvider,
  { metrics, tracing }: Pick<Watchers, 'metrics' | 'tracing'>,
): VoiceProvider {
  const timed = async <T>(operation: string, ask: () => Promise<T>): Promise<T> => {
    const end = metrics.provider.startTimer({ operation });
    try {
      const isPart = currentSpan() !== undefined;
      const answer = isPart
        ? await inSpan(tracing, `provider ${operation}`, { kind: 'client' }, ask)
        : await ask();
      end({ result: 'answered' });
      return answer;
    } catch (error) {
      end({ result: 'failed' });
      throw error;
    }
  };
  return {
    placeCall: (request, signal) => timed('place', () => voice.placeCall(request, signal)),
    findCallByAttempt: (attemptId) => timed('find', () => voice.findCallByAttempt(attemptId)),
    getCall: (id) => timed('get', () => voice.getCall(id)),
    stopCall: (id) => timed('stop', () => voice.stopCall(id)),
    concurrency: () => timed('concurrency', () => voice.concurrency()),
  };
}

interface Outgoing {
  readonly account_id: string;
  readonly contact_id: string | null;
  readonly batch_id: string | null;
  /** Null: a start. */
  readonly signal: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The sending of one row of the outbox, as part of the dial that it tells of, or of its batch. */
export function watchSignals({
  tracing,
  traceOfBatch,
}: Pick<Watchers, 'tracing' | 'traceOfBatch'>): <T>(row: Outgoing, send: () => Promise<T>) => Promise<T> {
  return async (row, send) => {
    const { attemptId } = idsIn(row.payload);
    const batchId = row.batch_id;
    const ids = {
      accountId: row.account_id,
      ...(batchId === null ? {} : { batchId }),
      ...(row.contact_id === null ? {} : { contactId: row.contact_id }),
      ...(attemptId === undefined ? {} : { attemptId }),
    };
    if (tracing.tracer === undefined || batchId === null) return inWork(ids, send);
    const batch = await traceOfBatch(batchId);
    const parent = attemptId === undefined ? batch : dialOf(batch, attemptId);
    if (parent === undefined) return inWork(ids, send);
    return inWork(ids, () =>
      inSpan(
        tracing,
        row.signal === null ? 'start' : `signal ${row.signal}`,
        { kind: 'producer', parent },
        send,
      ),
    );
  };
}
