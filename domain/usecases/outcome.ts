/** What a finished call means in business words. Pure: no clock, no provider, no database. */

import { unaccented } from '../shared/rules/plain-text.ts';
import { decimalsOf } from '../shared/rules/currency.ts';
import type { DisconnectionClass } from '../calls/rules/disconnection.ts';
import { asksToStop } from '../people/rules/asks-to-stop.ts';

export type BusinessOutcome =
  | 'promise'
  | 'answered'
  | 'completed'
  | 'interested'
  | 'refused'
  | 'wrong_person'
  | 'callback_requested'
  | 'already_paid'
  | 'do_not_call'
  | 'dispute'
  | 'hardship'
  | 'legal'
  | 'voicemail'
  | 'silent'
  | 'no_answer'
  | 'busy'
  | 'declined'
  | 'technical'
  | 'invalid_destination'
  | 'capacity'
  | 'provider_blocked'
  | 'operator_stopped';

export interface CallFacts {
  readonly disconnectionClass: DisconnectionClass;
  /** Variables that the agent captured: `resultado`, `fecha_pago_cliente`, `monto_pago_cliente`. */
  readonly captured: Readonly<Record<string, string>>;
  /** The provider's own success flag; absent until its analysis. */
  readonly successful?: boolean;
  readonly callEndedAtMs: number;
  /** The contact's local day when the call ended, 'YYYY-MM-DD': a promise is measured against it. */
  readonly localDate: string;
  /** All debts of the contact, micro-units; a promise above it is a misheard figure. */
  readonly debtTotalMicros?: bigint;
  /** ISO 4217, of all of them: what a point within an amount means. Absent when they are in several. */
  readonly currency?: string;
}

export interface PaymentPromise {
  /** 'YYYY-MM-DD'. */
  readonly date: string;
  /** Micro-units of the debt's currency. */
  readonly amountMicros: bigint;
}

/** Why captured values did not become a promise. */
export type ReadingNote =
  'promise_in_the_past' | 'promise_without_amount' | 'promise_above_debt' | 'promise_without_date';

export interface CallReading {
  readonly outcome: BusinessOutcome;
  readonly promise?: PaymentPromise;
  readonly note?: ReadingNote;
}

/** What the agent writes into `resultado`; anything else counts as not said. */
const RESULT_OUTCOMES: Readonly<Record<string, BusinessOutcome>> = {
  ya_pago: 'already_paid',
  persona_equivocada: 'wrong_person',
  pide_llamar_despues: 'callback_requested',
  rechaza: 'refused',
  no_llamar: 'do_not_call',
  no_reconoce: 'dispute',
  no_puede_pagar: 'hardship',
  abogado: 'legal',
  sin_compromiso: 'answered',
  // As other models and other prompts write them.
  ya_pagado: 'already_paid',
  already_paid: 'already_paid',
  numero_equivocado: 'wrong_person',
  wrong_person: 'wrong_person',
  llamar_despues: 'callback_requested',
  callback_requested: 'callback_requested',
  rechazo: 'refused',
  refused: 'refused',
  no_llamar_mas: 'do_not_call',
  no_volver_a_llamar: 'do_not_call',
  no_contactar: 'do_not_call',
  do_not_call: 'do_not_call',
  do_not_contact: 'do_not_call',
  dispute: 'dispute',
  hardship: 'hardship',
  legal: 'legal',
  answered: 'answered',
};

/** A person spoke before the line was cut: what they asked must not be lost with the line. */
const HEARD_BEFORE_THE_END: readonly BusinessOutcome[] = [
  'do_not_call',
  'legal',
  'dispute',
  'hardship',
  'wrong_person',
  'callback_requested',
];

const MICROS_PER_UNIT = 1_000_000n;
const MICROS_PER_CENT = 10_000n;

/** A word is short; what is longer is a sentence, and none of ours. */
const longestResult = 60;

/** The word in `resultado` as we spell it: 'No llamar.' is `no_llamar`; '' when the agent captured none. */
export function capturedResult(captured: Readonly<Record<string, string>>): string {
  const said = (captured['resultado'] ?? '').trim().slice(0, longestResult);
  return (unaccented(said).match(/[a-z0-9]+/g) ?? []).join('_');
}

/** The outcome of a call in which nobody's words matter, or undefined when a person was on the line. */
export function readUnanswered(facts: CallFacts): BusinessOutcome | undefined {
  switch (facts.disconnectionClass) {
    case 'answered':
      return undefined;
    case 'answered_silent':
      return heardBeforeTheEnd(facts) ?? 'silent';
    case 'voicemail':
    case 'machine':
      // A greeting that the agent transcribed can look like an answer: captured values are not read here.
      return 'voicemail';
    case 'technical':
    case 'operator_stopped':
      return heardBeforeTheEnd(facts) ?? facts.disconnectionClass;
    case 'no_answer':
    case 'busy':
    case 'declined':
    case 'invalid_destination':
    case 'capacity':
    case 'provider_blocked':
      return facts.disconnectionClass;
    default: {
      const unreachable: never = facts.disconnectionClass;
      return unreachable;
    }
  }
}

function heardBeforeTheEnd({ captured }: CallFacts): BusinessOutcome | undefined {
  const said = readResult(captured);
  return said !== undefined && HEARD_BEFORE_THE_END.includes(said) ? said : undefined;
}

/** What a person said, by `resultado`; undefined when the agent captured nothing that we know. */
export function readResult(captured: Readonly<Record<string, string>>): BusinessOutcome | undefined {
  const result = capturedResult(captured);
  if (Object.hasOwn(RESULT_OUTCOMES, result)) return RESULT_OUTCOMES[result];
  // 'No quiere que la llamen' in whatever words: the miss of it is a call to somebody who said no.
  return asksToStop(captured['resultado'] ?? '') === 'person' ? 'do_not_call' : undefined;
}

/** Outcome of a call without payments: what the person said, else whether the call reached its aim. */
export function readConversation(facts: CallFacts): CallReading {
  const outcome =
    readUnanswered(facts) ??
    readResult(facts.captured) ??
    (facts.successful === true ? 'completed' : 'answered');
  return { outcome };
}

/**
 * Outcome of a collection call. A promise needs a date not before the call's local day and an amount above zero and
 * not above the debt; otherwise the call was merely answered, and `note` says why.
 */
export function readCollection(facts: CallFacts): CallReading {
  const outcome = readUnanswered(facts) ?? readResult(facts.captured);
  // An explicit other result outranks figures that were talked about: "ya pagué 50.000" is not a promise.
  return outcome === undefined ? readPromise(facts) : { outcome };
}

function readPromise({ captured, localDate, debtTotalMicros, currency }: CallFacts): CallReading {
  const dateText = (captured['fecha_pago_cliente'] ?? '').trim();
  const amountText = (captured['monto_pago_cliente'] ?? '').trim();
  if (dateText === '' && amountText === '' && capturedResult(captured) !== 'compromiso_pago') {
    return { outcome: 'answered' };
  }
  if (!isDay(dateText)) return { outcome: 'answered', note: 'promise_without_date' };
  if (dateText < localDate) return { outcome: 'answered', note: 'promise_in_the_past' };
  const amountMicros = readAmount(amountText, currency);
  if (amountMicros === undefined) return { outcome: 'answered', note: 'promise_without_amount' };
  if (debtTotalMicros !== undefined && amountMicros > debtTotalMicros) {
    return { outcome: 'answered', note: 'promise_above_debt' };
  }
  return { outcome: 'promise', promise: { date: dateText, amountMicros } };
}

/** True for a day that exists: agents capture '2026-02-30' and 'mañana' too. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/**
 * An amount above zero as an agent writes it down: '104050', '$104.050', '250.50', '1,250.50'. Undefined for anything else, and for a point
 * before three figures where the currency has cents: '250.500' may be a quarter of a thousand or of a million.
 */
function readAmount(text: string, currency: string | undefined): bigint | undefined {
  const bare = text.replace(/^(?:\$|S\/\.?|US\$)\s*/, '');
  const [, whole, decimals = ''] =
    /^(\d{1,12}|\d{1,3}(?:\.\d{3}){1,3}(?=$|,)|\d{1,3}(?:,\d{3}){1,3}(?=$|\.))(?:[.,](\d{1,2}))?$/.exec(
      bare,
    ) ?? [];
  if (whole === undefined) return undefined;
  const places = currency === undefined ? 0 : decimalsOf(currency);
  if (places > 0 && decimals === '' && /^\d{1,3}\.\d{3}$/.test(whole)) return undefined;
  // Parts of a coin that nobody can pay are no promise of it.
  if (currency !== undefined && places === 0 && /[1-9]/.test(decimals)) return undefined;
  const amountMicros =
    BigInt(whole.replace(/[.,]/g, '')) * MICROS_PER_UNIT + BigInt(decimals.padEnd(2, '0')) * MICROS_PER_CENT;
  return amountMicros > 0n ? amountMicros : undefined;
}
