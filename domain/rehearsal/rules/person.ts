import { chance, chancesOf, logNormal, pick } from './chance.ts';

/**
 * An invented person at the other end of the line: whether they pick up at an hour, what they say, whether they keep
 * their word. Pure: rehearsals and forecasts meet the same people. The shares are assumptions of this project, not
 * facts about anybody; an account gives its own with `answerByHour` and `talks`.
 */
export interface Population {
  readonly seed: string;
  /** Share of calls that a human answers, by local hour 0 to 23. */
  readonly answerByHour: readonly number[];
  readonly talks: readonly (readonly [Talk, number])[];
}

export type Talk =
  | 'promise'
  | 'no_commitment'
  | 'refuses'
  | 'already_paid'
  | 'call_back'
  | 'wrong_person'
  | 'do_not_call'
  | 'dispute'
  | 'hardship';

/** One call to a person. */
export interface SimulatedDial {
  /** Who they are, the same in every run: a phone number, a row of the file. */
  readonly person: string;
  /** The contact's first, second, … dial. */
  readonly number: number;
  readonly localHour: number;
  /** The longest that a phone rings, in ms. */
  readonly ringMs: number;
}

export interface SimulatedEnd {
  /** The provider's disconnection reason. */
  readonly reason: string;
  readonly ringMs: number;
  /** 0: nobody was connected. */
  readonly talkMs: number;
  /** Null: nobody spoke. */
  readonly talk: Talk | null;
  /** A promise: its day, counted from the call, and what part of the debt it is. */
  readonly promise: { readonly days: number; readonly share: number } | null;
  /** A wish to be called back: days from now, and the hour; the hour may be one that no law allows. */
  readonly callBack: { readonly days: number; readonly hour: number } | null;
  /** Money that comes in: a share of what was agreed (or owed), so many days after the call. Null: none. */
  readonly pays: { readonly share: number; readonly days: number } | null;
}

/** Few at nine, most before lunch and in the evening: the shape of business-hour answer rates. */
const answerByHour: readonly number[] = [
  0.02, 0.01, 0.01, 0.01, 0.01, 0.02, 0.05, 0.1, 0.16, 0.22, 0.26, 0.28, 0.25, 0.2, 0.19, 0.22, 0.25, 0.29,
  0.32, 0.3, 0.22, 0.14, 0.07, 0.03,
];

const talks: Population['talks'] = [
  ['promise', 36],
  ['no_commitment', 20],
  ['refuses', 13],
  ['already_paid', 8],
  ['call_back', 9],
  ['wrong_person', 5],
  ['do_not_call', 3],
  ['dispute', 3],
  ['hardship', 3],
];

export function population(seed: string): Population {
  return { seed, answerByHour, talks };
}

const unanswered: readonly (readonly [string, number])[] = [
  ['dial_no_answer', 58],
  ['voicemail_reached', 24],
  ['dial_busy', 8],
  ['user_declined', 5],
  ['dial_failed', 2],
  ['telephony_provider_unavailable', 1],
  ['invalid_destination', 2],
];

const talkMedianMs = 75_000;
const silentMs = 12_000;
const longestPromiseDays = 10;

/** How one call to this person goes. The same population, person and number of the call: the same call. */
export function simulateCall(people: Population, dial: SimulatedDial): SimulatedEnd {
  const { seed } = people;
  const draw = chancesOf(seed, dial.person, dial.number);
  // Some people never pick up, some always do.
  const habit = 0.25 + 1.5 * chance(seed, dial.person, 'habit');
  const rate = Math.min(0.95, (people.answerByHour[dial.localHour] ?? 0) * habit);
  const ringMs = Math.round(dial.ringMs * (0.3 + 0.6 * draw('ring')));
  if (draw('answer') >= rate) return notAnswered(dial, draw, ringMs);
  const talk = pick(people.talks, draw('talk'));
  const talkMs = Math.round(logNormal(talkMedianMs, 0.5, [draw('long'), draw('longer')]));
  const end = {
    reason: draw('hangs up') < 0.5 ? 'user_hangup' : 'agent_hangup',
    ringMs,
    talkMs,
    talk,
    promise: null,
    callBack: null,
    pays: null,
  };
  switch (talk) {
    case 'promise': {
      const days = 1 + Math.floor(draw('day') * (longestPromiseDays - 1));
      const share = draw('part') < 0.7 ? 1 : 0.5;
      return { ...end, promise: { days, share }, pays: paysAfter(draw('keeps'), days) };
    }
    case 'already_paid':
      return { ...end, pays: draw('true') < 0.6 ? { share: 1, days: 1 } : null };
    case 'call_back':
      return { ...end, callBack: { days: Math.floor(draw('in days') * 3), hour: pickHour(draw('at')) } };
    case 'no_commitment':
    case 'refuses':
    case 'wrong_person':
    case 'do_not_call':
    case 'dispute':
    case 'hardship':
      return end;
    default: {
      const unreachable: never = talk;
      return unreachable;
    }
  }
}

function notAnswered(dial: SimulatedDial, draw: (what: string) => number, ringMs: number): SimulatedEnd {
  const reason = pick(unanswered, draw('why not'));
  const spoken = reason === 'voicemail_reached' ? silentMs : 0;
  const rings = reason === 'dial_no_answer' ? dial.ringMs : ringMs;
  const nothing = { talk: null, promise: null, callBack: null, pays: null };
  return { reason, ringMs: rings, talkMs: spoken, ...nothing };
}

/** Two of three keep their word, on the day or before it; some pay a part. */
function paysAfter(draw: number, days: number): SimulatedEnd['pays'] {
  if (draw < 0.5) return { share: 1, days };
  if (draw < 0.65) return { share: 1, days: Math.max(1, days - 1) };
  return draw < 0.77 ? { share: 0.4, days } : null;
}

/** Mostly office hours; now and then a time at which nobody may be called. */
function pickHour(draw: number): number {
  return draw < 0.12 ? 22 : 10 + Math.floor(((draw - 0.12) / 0.88) * 9);
}

/** What the agent would have captured, in the provider's own variables. `localDay` is the call's, 'YYYY-MM-DD'. */
export function capturedOf(
  end: SimulatedEnd,
  said: { readonly promiseDay: string; readonly promiseUnits: string; readonly callBackDay: string },
): Readonly<Record<string, string>> {
  switch (end.talk) {
    case null:
      return {};
    case 'promise':
      return {
        resultado: 'compromiso_pago',
        fecha_pago_cliente: said.promiseDay,
        monto_pago_cliente: said.promiseUnits,
      };
    case 'call_back':
      return {
        resultado: 'pide_llamar_despues',
        fecha_llamada: said.callBackDay,
        hora_llamada: `${String(end.callBack?.hour ?? 0).padStart(2, '0')}:00`,
      };
    case 'no_commitment':
      return { resultado: 'sin_compromiso' };
    case 'refuses':
      return { resultado: 'rechaza' };
    case 'already_paid':
      return { resultado: 'ya_pago' };
    case 'wrong_person':
      return { resultado: 'persona_equivocada' };
    case 'do_not_call':
      return { resultado: 'no_llamar' };
    case 'dispute':
      return { resultado: 'no_reconoce' };
    case 'hardship':
      return { resultado: 'no_puede_pagar' };
    default: {
      const unreachable: never = end.talk;
      return unreachable;
    }
  }
}
