import { horizonDays } from '../contacts/rules/reschedule-slot.ts';
import { readDisconnection } from '../calls/rules/disconnection.ts';
import { judgeOffer } from '../negotiation/rules/judge.ts';
import { addDays, daysBetween } from '../negotiation/rules/instalments.ts';
import { shareOf } from '../negotiation/rules/share.ts';
import { chooseStage } from '../negotiation/rules/stage.ts';
import type { Stage } from '../negotiation/rules/types.ts';
import type { Slot } from '../policy/rules/slot.ts';
import { agreementDayMs } from '../policy/rules/policy.ts';
import { CALL_OUTCOMES, type CallOutcome } from '../contacts/rules/outcomes.ts';
import type { CallEnded } from '../contacts/rules/facts.ts';
import { spokenAmount } from '../usecases/variables.ts';
import { capturedOf, type SimulatedEnd } from '../rehearsal/rules/person.ts';
import type { ForecastContact, ForecastInput } from './types.ts';
import type { ZoneCalendar } from './calendar.ts';

/** What the person has agreed to, as the database would have it. */
export interface ForecastAgreement {
  readonly agreementId: string;
  readonly totalMicros: bigint;
  readonly checkAtMs: number;
  readonly paidMicros: bigint;
}

export interface Concluded {
  readonly ended: CallEnded;
  readonly agreement?: ForecastAgreement;
  /** Money on its way. */
  readonly payment?: { readonly atMs: number; readonly amountMicros: bigint };
}

const noonHour = 12;
const dayMs = 86_400_000;

/**
 * What a call comes to: the same reading, the same judgement of offers and the same calendar as settlement's, without
 * its rows. `atMs`: the call's end.
 */
export function conclude(
  input: ForecastInput,
  contact: ForecastContact,
  calendar: ZoneCalendar,
  call: {
    readonly attemptId: string;
    readonly end: SimulatedEnd;
    readonly atMs: number;
    readonly owedMicros: bigint;
  },
): Concluded {
  const { attemptId, end, atMs, owedMicros } = call;
  const today = end.talk === null ? '' : calendar.local(atMs).localDay;
  const promised = end.promise === null ? 0n : shareOf(owedMicros, end.promise.share);
  const captured =
    end.talk === null
      ? noWords
      : capturedOf(end, {
          promiseDay: end.promise === null ? '' : addDays(today, end.promise.days),
          promiseUnits: end.promise === null ? '' : spokenAmount(promised),
          callBackDay: end.callBack === null ? '' : addDays(today, end.callBack.days),
        });
  const disconnection = readDisconnection(end.reason, { durationMs: end.talkMs });
  const reading = input.useCase.readOutcome({
    disconnectionClass: disconnection.class,
    captured,
    callEndedAtMs: atMs,
    localDate: today,
    debtTotalMicros: owedMicros,
    currency: contact.currency,
  });
  const told = CALL_OUTCOMES.find((known) => known === reading.outcome) ?? 'technical';
  const base = { attemptId, rang: disconnection.rang };
  const human = (outcome: CallOutcome): boolean => disconnection.human && outcome !== 'wrong_person';
  const payment = paymentOf(calendar, end, { atMs, owedMicros, promisedMicros: promised });
  if (reading.promise !== undefined && input.negotiation !== undefined) {
    const debts = [debtOf(contact, owedMicros)];
    const stage = chooseStage(input.negotiation, debts, today);
    const agreement = agree(input, contact, calendar, stage, {
      today,
      atMs,
      owedMicros,
      ...reading.promise,
      attemptId,
    });
    if (agreement === undefined) return { ended: { ...base, outcome: 'answered', human: human('answered') } };
    const { agreementId, checkAtMs } = agreement;
    const ref = { agreementId, checkAtMs, linkAtMs: atMs, label: reading.promise.date };
    return {
      ended: { ...base, outcome: 'promise', human: human('promise'), agreement: ref },
      agreement,
      ...(payment === undefined ? {} : { payment }),
    };
  }
  const callback = told === 'callback_requested' ? callbackOf(input, calendar, end, atMs) : undefined;
  return {
    ended: { ...base, outcome: told, human: human(told), ...(callback === undefined ? {} : { callback }) },
    ...(payment === undefined || told !== 'already_paid' ? {} : { payment }),
  };
}

function debtOf({ currency, dueDate }: ForecastContact, balanceMicros: bigint) {
  return { id: 'debt', balanceMicros, currency, dueDate, reference: null };
}

const noWords: Readonly<Record<string, string>> = {};

function agree(
  input: ForecastInput,
  { currency }: ForecastContact,
  calendar: ZoneCalendar,
  stage: Stage,
  made: {
    readonly today: string;
    readonly atMs: number;
    readonly owedMicros: bigint;
    readonly date: string;
    readonly amountMicros: bigint;
    readonly attemptId: string;
  },
): ForecastAgreement | undefined {
  const { today, owedMicros, amountMicros, date, atMs } = made;
  const judged = judgeOffer(
    stage,
    { owedMicros, currency, today, offeredSteps: 0 },
    {
      kind: amountMicros < owedMicros ? 'part' : 'full',
      amountMicros,
      date,
      currency,
      count: null,
      parts: null,
    },
  );
  if (!judged.ok) return undefined;
  const dueDay = addDays(date, 1 + stage.graceDays);
  const isShort = input.policy.agreementDayMs !== undefined;
  const checkAtMs = isShort
    ? atMs + daysBetween(today, dueDay) * agreementDayMs(input.policy)
    : calendar.instant(dueDay, 0);
  return {
    agreementId: `agreement-${made.attemptId}`,
    totalMicros: judged.terms.totalMicros,
    checkAtMs,
    paidMicros: 0n,
  };
}

/** Noon of the day on which the person pays, or right after the call when that is past. */
function paymentOf(
  calendar: ZoneCalendar,
  end: SimulatedEnd,
  call: { readonly atMs: number; readonly owedMicros: bigint; readonly promisedMicros: bigint },
): Concluded['payment'] {
  if (end.pays === null) return undefined;
  const day = addDays(calendar.local(call.atMs).localDay, end.pays.days);
  const noonMs = calendar.instant(day, noonHour);
  const amountMicros = shareOf(end.promise === null ? call.owedMicros : call.promisedMicros, end.pays.share);
  return amountMicros <= 0n ? undefined : { atMs: Math.max(noonMs, call.atMs + 1), amountMicros };
}

/** The slot of the wished hour, as `chooseWish` finds it: not in the past, within the horizon, and allowed. */
function callbackOf(
  { policy }: ForecastInput,
  calendar: ZoneCalendar,
  end: SimulatedEnd,
  nowMs: number,
): Slot | undefined {
  if (end.callBack === null) return undefined;
  const day = addDays(calendar.local(nowMs).localDay, end.callBack.days);
  const slot = calendar.agreedSlot(day, end.callBack.hour);
  const latestMs = nowMs + Math.min(policy.maxDays, horizonDays) * dayMs;
  return slot === undefined || slot.opensAtMs < nowMs || slot.opensAtMs > latestMs ? undefined : slot;
}
