import type { VoiceProvider } from '../voice/types.ts';
import type { Metrics } from './metrics.ts';

type Activity = (...args: never[]) => Promise<unknown>;

/** The same activities, each counted and timed. Nothing of their arguments is looked at. */
export function watchActivities(
  activities: Readonly<Record<string, Activity>>,
  metrics: Metrics,
): Record<string, Activity> {
  return Object.fromEntries(
    Object.entries(activities).map(([activity, run]) => [
      activity,
      async (...args: never[]) => {
        const end = metrics.activities.startTimer({ activity });
        try {
          const answer = await run(...args);
          end({ result: 'done' });
          if (activity === 'dial') countDial(metrics, answer);
          return answer;
        } catch (error) {
          end({ result: 'failed' });
          if (activity === 'dial') metrics.dials.inc({ result: 'failed' });
          throw error;
        }
      },
    ]),
  );
}

const dialResults: Readonly<Record<string, string>> = {
  DialPlaced: 'placed',
  DialOutcomeUnknown: 'unknown',
  DialRejected: 'rejected',
  DialRefused: 'refused',
};

function countDial(metrics: Metrics, answer: unknown): void {
  const fact = firstFact(answer);
  const result = dialResults[fact?.type ?? ''];
  // Of a rehearsal, whose dial answers with the whole call.
  if (fact === undefined || result === undefined) return;
  metrics.dials.inc({ result });
  if (result === 'refused') metrics.refusedTurns.inc({ reason: fact.reason ?? 'unnamed' });
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

/** The same provider, each question timed. */
export function watchVoice(voice: VoiceProvider, metrics: Metrics): VoiceProvider {
  const timed = async <T>(operation: string, ask: () => Promise<T>): Promise<T> => {
    const end = metrics.provider.startTimer({ operation });
    try {
      const answer = await ask();
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
