import { DateTime } from 'luxon';
import { addDays } from '../negotiation/rules/instalments.ts';
import type { SimulatedCall } from '../calls/simulated-port.ts';
import type { PlaceCallRequest, ProviderCall } from '../calls/voice-port.ts';
import { capturedOf, type Population, simulateCall, type SimulatedEnd } from './rules/person.ts';

/** What the voice needs to know of the person: where their clock is, and what they owe. */
export interface Called {
  readonly zone: string;
  /** Whole units of the debt's currency; 0 when nothing is owed, or in several currencies. */
  readonly owedUnits: number;
}

/** The provider's price of the demo, so that a rehearsal shows a margin: micro-USD a second. */
const costMicrosPerSecond = 1_900;

/** One call of a provider whose people are invented: who answers, what they say and how long it takes is the seed's. */
export function simulatedCall(
  people: Population,
  called: Called,
  request: PlaceCallRequest,
  { number, startsAtMs }: { readonly number: number; readonly startsAtMs: number },
): SimulatedCall {
  const { zone, owedUnits } = called;
  const localHour = DateTime.fromMillis(startsAtMs, { zone }).hour;
  const { toNumber: person, ringMs } = request;
  const end = simulateCall(people, { person, number, localHour, ringMs });
  const durationMs = end.ringMs + end.talkMs;
  const endsAtMs = startsAtMs + durationMs;
  const today = DateTime.fromMillis(endsAtMs, { zone }).toISODate() ?? '';
  const captured = capturedOf(end, {
    promiseDay: end.promise === null ? '' : addDays(today, end.promise.days),
    promiseUnits: String(Math.floor(owedUnits * (end.promise?.share ?? 0))),
    callBackDay: end.callBack === null ? '' : addDays(today, end.callBack.days),
  });
  return {
    durationMs,
    call: callOf(request, end, { startsAtMs, captured }),
    ...(end.pays === null
      ? {}
      : { pays: { share: end.pays.share, atMs: paymentAtMs(zone, today, end.pays.days, endsAtMs) } }),
  };
}

const noonHour = 12;

/** Noon of the day on which the person pays, or right after the call when that is past. */
function paymentAtMs(zone: string, today: string, days: number, endsAtMs: number): number {
  const noon = DateTime.fromISO(addDays(today, days), { zone }).set({ hour: noonHour });
  return Math.max(noon.toMillis(), endsAtMs + 1);
}

function callOf(
  request: PlaceCallRequest,
  end: SimulatedEnd,
  told: { readonly startsAtMs: number; readonly captured: Readonly<Record<string, string>> },
): ProviderCall {
  const isConnected = end.talkMs > 0;
  const billableSeconds = Math.ceil(end.talkMs / 1_000);
  return {
    providerCallId: `call_${request.attemptId}`,
    status: isConnected ? 'ended' : 'not_connected',
    attemptId: request.attemptId,
    startedAtMs: told.startsAtMs + end.ringMs,
    endedAtMs: told.startsAtMs + end.ringMs + end.talkMs,
    durationMs: end.talkMs,
    disconnectionReason: end.reason,
    analysed: true,
    inVoicemail: end.reason === 'voicemail_reached',
    captured: told.captured,
    billableSeconds,
    costMicros: billableSeconds * costMicrosPerSecond,
    costByProduct: [],
  };
}
