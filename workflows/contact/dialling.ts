import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { EventOf } from '../../domain/contacts/rules/facts.ts';
import { hasMinVersion } from '../../domain/contacts/rules/logic-version.ts';
import { afterCall } from './rules/after-call.ts';
import { lastingFor } from './rules/deadlines.ts';
import { rested, restAfterOtherCall, restAfterRejection, restAfterUndialled } from './rules/rest.ts';
import { outcomeOfStop, strongest } from './rules/stops.ts';
import { advancePhone, dropPhone, phoneToDial } from './rules/phones.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import type { ContactState, Phase } from './state.ts';
import { close, type Decision, nextStep, unchanged } from './next-step.ts';

type PhaseOf<K extends Phase['kind']> = Extract<Phase, { readonly kind: K }>;

export function granted(state: ContactState, event: EventOf<'LineGranted'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'waiting' || phase.requestId !== event.requestId) return unchanged(state);
  const phone = phoneToDial(state);
  if (phone === undefined) return close(state, 'no_phone');
  const { requestId, slot, rescheduled: asked } = phase;
  const { phoneId } = phone;
  // One lease, one dial: the line is the attempt, so that a second dial on it cannot be written.
  const attemptId = event.leaseId;
  return {
    state: {
      ...state,
      phase: { kind: 'dialling', attemptId, requestId, slot, phoneId, rescheduled: asked },
      rescheduledTo: asked ? null : state.rescheduledTo,
      askedToCall: asked ? false : state.askedToCall,
      nextWakeAtMs: null,
    },
    commands: [
      { type: 'Dial', attemptId, requestId, phoneId, slot, number: state.attempts + 1, rescheduled: asked },
    ],
  };
}

export function suspended(state: ContactState, event: EventOf<'LineSuspended'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'waiting' || phase.requestId !== event.requestId || phase.suspended)
    return unchanged(state);
  // Nothing is withdrawn: the row is to say what the contact waits for, so that an operator finds it.
  return {
    state: {
      ...state,
      phase: { ...phase, suspended: true, ...(event.reason === 'budget' ? { overBudget: true } : {}) },
    },
    commands: [{ type: 'HoldContact', missedRequestId: null, withdrawnRequestId: null }],
  };
}

/**
 * The provider has the call: it counts from here, whatever becomes of it. Its end comes through the outbox: the sweeper
 * asks about every call that is on record, until its contact has been told.
 */
export function placed(state: ContactState, event: EventOf<'DialPlaced' | 'CallFound'>): Decision {
  const { phase } = state;
  const isOurs = inDial(phase) && phase.attemptId === event.attemptId;
  if (!isOurs || state.rules === null) return unchanged(state);
  const counted = phase.kind === 'dialling' ? count(state, phase) : state;
  const { attemptId, slot, phoneId } = phase;
  return {
    state: { ...counted, phase: { kind: 'calling', attemptId, slot, phoneId }, nextWakeAtMs: null },
    // The row says that the call is looked for; an operator would wait for that.
    commands:
      phase.kind === 'unconfirmed'
        ? [{ type: 'HoldContact', missedRequestId: null, withdrawnRequestId: null }]
        : [],
  };
}

/** No answer to the dial: it may ring now, so it counts against every limit, and is never repeated. */
export function unknown(state: ContactState, event: EventOf<'DialOutcomeUnknown'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId) return unchanged(state);
  const { attemptId, slot, phoneId, rescheduled } = phase;
  const unconfirmed = { kind: 'unconfirmed', attemptId, slot, phoneId, rescheduled } as const;
  return recover(count(state, phase), unconfirmed, event.atMs);
}

/** Six times as long as the sweeper takes to its proof. */
const recoverAgainMs = 3_600_000;

/**
 * Only this contact knows that its dial's answer was lost: what the gate or the answer has left in the database would
 * reach nobody. From there on the sweeper asks the provider, and tells. The record is read again after an hour: where a
 * restore has lost the attempt, the sweeper has nothing to ask about.
 */
export function recover(state: ContactState, phase: PhaseOf<'unconfirmed'>, atMs: number): Decision {
  const { attemptId } = phase;
  return {
    state: { ...state, phase, nextWakeAtMs: atMs + recoverAgainMs },
    commands: [{ type: 'RecoverDial', attemptId }],
  };
}

/**
 * Proven: the provider never had it. Not again in the same slot; an attempt that began still counts. Of a call that the
 * provider has confirmed it proves nothing: to go on would be to dial beside it.
 */
export function absent(state: ContactState, event: EventOf<'CallAbsent'>): Decision {
  const { phase } = state;
  if (!inDial(phase) || phase.kind === 'calling' || phase.attemptId !== event.attemptId)
    return unchanged(state);
  const counted = phase.kind === 'dialling' && event.dialled ? count(state, phase) : state;
  const base = event.dialled || phase.kind === 'dialling' ? counted : uncount(counted, phase);
  // A dial that never began leaves an agreed call still owed, and a line on which nobody dialled.
  const owed = event.dialled ? base : restAfterUndialled(keepAgreedCall(base, phase), event.atMs);
  return nextStep(owed, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: phase.slot.key });
}

/** The provider said no before any phone could ring: not an attempt. */
export function rejected(state: ContactState, event: EventOf<'DialRejected'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId) return unchanged(state);
  const { atMs } = event;
  const owed = restAfterRejection(keepAgreedCall(state, phase), atMs);
  // The other rejections are about the account of the provider: they say nothing of the number.
  const isNumbers = event.reason === 'bad_request' && hasMinVersion(state, 5);
  if (!isNumbers) return nextStep(owed, { atMs, notBeforeMs: 0, avoidSlotKey: null });
  // Not dropped for ever: a request that is wrong for another reason would cost every phone of everybody.
  const turned = advancePhone(owed, phase.phoneId);
  const isOnlyPhone = phoneToDial(turned)?.phoneId === phase.phoneId;
  return nextStep(turned, { atMs, notBeforeMs: 0, avoidSlotKey: isOnlyPhone ? phase.slot.key : null });
}

export function refused(state: ContactState, event: EventOf<'DialRefused'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId) return unchanged(state);
  const { atMs, reason, notBeforeMs } = event;
  const closing = outcomeOfRefusal(event);
  if (closing !== undefined) return close(state, strongest(state.stop, closing));
  return notDialled(owedStill(state, phase), phase, { atMs, reason, notBeforeMs });
}

/** A call that the person asked for is still owed when a rule forbids it now. */
function owedStill(state: ContactState, phase: PhaseOf<'dialling'>): ContactState {
  return phase.rescheduled ? { ...state, askedToCall: true } : state;
}

function notDialled(
  state: ContactState,
  phase: PhaseOf<'dialling'>,
  { atMs, reason, notBeforeMs }: Pick<EventOf<'DialRefused'>, 'atMs' | 'reason' | 'notBeforeMs'>,
): Decision {
  switch (reason) {
    case 'phone_invalid':
      return nextStep(dropPhone(state, phase.phoneId), { atMs, notBeforeMs: 0, avoidSlotKey: null });
    case 'daily_limit': {
      const blockedDays = [...state.blockedDays.slice(-9), phase.slot.localDay];
      return nextStep({ ...state, blockedDays }, { atMs, notBeforeMs: 0, avoidSlotKey: null });
    }
    case 'person_on_call':
      return nextStep(restAfterOtherCall(keepAgreedCall(state, phase), atMs), {
        atMs,
        notBeforeMs: 0,
        avoidSlotKey: null,
      });
    case 'line_lost':
    case 'worker_late':
      return nextStep(restAfterUndialled(keepAgreedCall(state, phase), atMs), {
        atMs,
        notBeforeMs: 0,
        avoidSlotKey: null,
      });
    case 'batch_paused':
      // No line is granted to a batch that is paused: this one was on its way.
      return nextStep(keepAgreedCall(state, phase), { atMs, notBeforeMs: 0, avoidSlotKey: null });
    default: {
      // A slot in which the rule lets go is not given up. A rule that names no later instant would be asked again at
      // once, and refuse again.
      const letsGo = notBeforeMs !== null && notBeforeMs > atMs;
      return nextStep(state, {
        atMs,
        notBeforeMs: notBeforeMs ?? 0,
        avoidSlotKey: letsGo ? null : phase.slot.key,
      });
    }
  }
}

function outcomeOfRefusal({ reason, stop }: EventOf<'DialRefused'>): ContactOutcome | undefined {
  if (reason === 'do_not_call') return 'do_not_call';
  if (reason === 'debt_settled') return 'paid';
  // The same word as the signal would have brought, had it been faster than the line.
  if (reason === 'stopped') return outcomeOfStop[stop ?? 'removed'];
  if (reason === 'batch_not_running' || reason === 'contact_closed') return 'cancelled';
  return undefined;
}

/** Since then a day on which the person took a call is no day of silence, whatever its other calls were. */
const answeredDaySince = 6;

/** The days of silence after a call of that day. Somebody else who answers is neither silence nor an answer of the person. */
function withSilence(state: ContactState, event: EventOf<'CallEnded'>, day: string): ContactState {
  const { silentDays, answeredDay } = state;
  if (event.outcome === 'wrong_person') return state;
  if (event.human) {
    if (!hasMinVersion(state, answeredDaySince)) return state;
    return { ...state, answeredDay: day, silentDays: silentDays.filter((other) => other !== day) };
  }
  const isKnown = silentDays.includes(day) || answeredDay === day;
  return event.rang && !isKnown ? { ...state, silentDays: [...silentDays, day] } : state;
}

export function ended(state: ContactState, event: EventOf<'CallEnded'>): Decision {
  const { phase, rules } = state;
  // The end can come before the dial's own answer: it proves that the call was placed.
  if (!inDial(phase) || phase.attemptId !== event.attemptId || rules === null) return unchanged(state);
  const counted = phase.kind === 'dialling' ? count(state, phase) : state;
  const heard = withSilence(counted, event, phase.slot.localDay);
  const noted = withWhatWasAgreed({ ...heard, lastOutcome: event.outcome }, event);
  const next = afterCall(event.outcome, rules);
  const avoid = { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: phase.slot.key };
  switch (next.kind) {
    case 'close': {
      // A call that was agreed on while this one ran is still owed, unless the person wants none.
      const isFinal = next.outcome === 'do_not_call' || next.handOver !== undefined;
      const owed = noted.rescheduledTo !== null && !isFinal && !noted.cancelled && noted.stop === null;
      if (owed) return nextStep(noted, avoid);
      return close(noted, isFinal ? next.outcome : (noted.stop ?? next.outcome), {
        handOver: next.handOver,
      });
    }
    case 'asked':
      return nextStep({ ...noted, askedToCall: noted.rescheduledTo === null }, avoid);
    case 'follow':
      // Of a cancelled batch nobody follows it; what was promised stays on record.
      return noted.agreement === null || noted.cancelled
        ? close(noted, noted.stop ?? 'promise')
        : nextStep(noted, avoid);
    case 'verify': {
      const verifyUntilMs = event.atMs + (rules.followUp?.verificationMs ?? 0);
      return nextStep({ ...noted, verifyUntilMs }, avoid);
    }
    case 'again': {
      const phoned = turnPhone(noted, phase.phoneId, next.phone);
      return nextStep(phoned, {
        atMs: event.atMs,
        notBeforeMs: next.sameSlot ? event.atMs + next.pauseMs : 0,
        avoidSlotKey: next.sameSlot ? null : phase.slot.key,
      });
    }
    default: {
      const unreachable: never = next;
      return unreachable;
    }
  }
}

function turnPhone(state: ContactState, phoneId: string, how: 'next' | 'drop' | 'keep'): ContactState {
  if (how === 'keep') return state;
  return how === 'drop' ? dropPhone(state, phoneId) : advancePhone(state, phoneId);
}

/** What was agreed on in the call: a payment, and when to call again. */
function withWhatWasAgreed(state: ContactState, event: EventOf<'CallEnded'>): ContactState {
  if (state.rules === null) return state;
  const { agreement, callback } = event;
  const called = callback === undefined ? state : { ...state, rescheduledTo: callback };
  if (agreement === undefined) return called;
  const lasting = lastingFor(state.rules, agreement.checkAtMs);
  return { ...called, rules: lasting, agreement, verifyUntilMs: null, isPromiseBroken: false };
}

function inDial(phase: Phase): phase is PhaseOf<'dialling' | 'calling' | 'unconfirmed'> {
  return phase.kind === 'dialling' || phase.kind === 'calling' || phase.kind === 'unconfirmed';
}

function count(state: ContactState, { slot }: { readonly slot: Slot }): ContactState {
  const today = (state.callsByDay[slot.localDay] ?? 0) + 1;
  return {
    ...rested(state),
    attempts: state.attempts + 1,
    callsByDay: { ...state.callsByDay, [slot.localDay]: today },
  };
}

/** A dial that was counted when its worker died, and turned out to have stopped before its attempt was recorded. */
function uncount(state: ContactState, { slot }: { readonly slot: Slot }): ContactState {
  const today = Math.max(0, (state.callsByDay[slot.localDay] ?? 0) - 1);
  return {
    ...state,
    attempts: Math.max(0, state.attempts - 1),
    callsByDay: { ...state.callsByDay, [slot.localDay]: today },
  };
}

/** A dial that was not made leaves the agreed call still owed. */
function keepAgreedCall(state: ContactState, phase: PhaseOf<'dialling' | 'unconfirmed'>): ContactState {
  return phase.rescheduled && state.rescheduledTo === null ? { ...state, rescheduledTo: phase.slot } : state;
}
