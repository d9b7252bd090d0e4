import { DateTime } from 'luxon';
import type { Zones } from './calendar.ts';
import { type GateFacts, gateBreaches } from './gate.ts';
import type { ContactHistory } from './history.ts';
import type { Breach } from './limits.ts';
import { messageBreaches, type MessageGateFacts } from './message-gate.ts';

/** What holds at any instant. */
export type CallQuestion = Omit<GateFacts, 'atMs' | 'latestDialMs'> & {
  /** From the gate to the last instant at which the POST may leave. */
  readonly dialWindowMs: number;
};
export type MessageQuestion = Omit<MessageGateFacts, 'atMs' | 'latestSendMs'>;

export interface Explanation {
  readonly allowed: boolean;
  /** Every rule that forbids it. */
  readonly breaches: readonly Breach[];
  /** The first instant from the asked one on that every rule allows, as far as is known now; null: none in sight. */
  readonly nextMs: number | null;
}

/**
 * The gate itself is asked, at the instant and at those at which its rules let go. `standing`: what no calendar knows and
 * forbids it all the same, such as a contact that is closed.
 */
export function explainCall(
  question: CallQuestion,
  atMs: number,
  standing: readonly Breach[] = [],
): Explanation {
  const history = until(question.history, atMs);
  return explain(atMs, standing, (instantMs) =>
    gateBreaches({
      ...question,
      history,
      atMs: instantMs,
      latestDialMs: instantMs + question.dialWindowMs,
    }),
  );
}

export function explainMessage(
  question: MessageQuestion,
  atMs: number,
  standing: readonly Breach[] = [],
): Explanation {
  const history = until(question.history, atMs);
  return explain(atMs, standing, (instantMs) =>
    messageBreaches({ ...question, history, atMs: instantMs, latestSendMs: instantMs }).filter(
      ({ waivable }) => !(waivable && question.requestedByPerson),
    ),
  );
}

/** A question about the past is judged by what had happened then. */
function until(history: ContactHistory, atMs: number): ContactHistory {
  return {
    calls: history.calls.filter((call) => call.atMs <= atMs),
    messages: history.messages
      .filter((message) => message.atMs <= atMs)
      .map((message) =>
        (message.answeredAtMs ?? atMs) > atMs ? { ...message, answeredAtMs: null } : message,
      ),
  };
}

/** Each step leaves at least one rule behind; longer than this no sequence of limits and closed days has been. */
const mostSteps = 60;
const horizonMs = 60 * 86_400_000;

function explain(
  atMs: number,
  standing: readonly Breach[],
  rules: (instantMs: number) => readonly Breach[],
): Explanation {
  const judge = (instantMs: number): readonly Breach[] => [...standing, ...rules(instantMs)];
  const breaches = judge(atMs);
  let nextMs: number | null = atMs;
  let forbidding = breaches;
  for (let step = 0; forbidding.length > 0 && nextMs !== null; step += 1) {
    const letsGoMs: number = Math.max(...forbidding.map(({ notBeforeMs }) => notBeforeMs ?? Infinity));
    nextMs = step < mostSteps && letsGoMs <= atMs + horizonMs ? letsGoMs : null;
    if (nextMs !== null) forbidding = judge(nextMs);
  }
  return { allowed: breaches.length === 0, breaches, nextMs };
}

/**
 * An instant as people write it: ISO 8601 with an offset, or 'YYYY-MM-DDTHH:mm' on the person's own clock. Undefined for
 * what is no time, and for a time that the clock skips where the person lives.
 */
export function readInstant(text: string, zones: Zones): number | undefined {
  const read = DateTime.fromISO(text, { zone: zones[0] });
  if (!read.isValid || read.year < 2000 || read.year > 2100) return undefined;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  if (!hasOffset && read.toFormat("yyyy-MM-dd'T'HH:mm").slice(0, text.length) !== text.slice(0, 16))
    return undefined;
  return read.toMillis();
}
