import type { RefusalReason } from '../../rules/refusal.ts';
import type { Slot } from '../../rules/slot.ts';
import type { ContactEvent } from './events.ts';
import { afterCall } from './rules/after-call.ts';
import { callOverdueAtMs, nextLookUpAtMs } from './rules/deadlines.ts';
import { advancePhone, dropPhone, phoneToDial } from './rules/phones.ts';
import type { ContactOutcome, ContactState, Phase } from './state.ts';
import { close, type Decision, hold, turn, unchanged } from './turn.ts';

type EventOf<T extends ContactEvent['type']> = Extract<ContactEvent, { readonly type: T }>;
type PhaseOf<K extends Phase['kind']> = Extract<Phase, { readonly kind: K }>;

/**
 * The heart: what a contact does about one event. Synchronous and pure; time comes in as `event.atMs`. An event that
 * does not fit the phase (a repeated grant, a late answer) changes nothing and commands nothing.
 */
export function decide(state: ContactState, event: ContactEvent): Decision {
  if (state.phase.kind === 'closed') return unchanged(state);
  switch (event.type) {
    case 'ContactOpened':
      return opened(state, event);
    case 'SlotsPlanned':
      return slotsPlanned(state, event);
    case 'LineGranted':
      return granted(state, event);
    case 'LineSuspended':
      return suspended(state, event);
    case 'DialPlaced':
    case 'CallFound':
      return placed(state, event);
    case 'DialRefused':
      return refused(state, event);
    case 'DialRejected':
      return rejected(state, event);
    case 'DialOutcomeUnknown':
      return unknown(state, event);
    case 'CallNotFoundYet':
      return notFoundYet(state, event);
    case 'CallAbsent':
      return absent(state, event);
    case 'CallEnded':
      return ended(state, event);
    case 'RescheduleRequested':
      return rescheduled(state, event);
    case 'PauseRequested':
      return paused(state);
    case 'ResumeRequested':
      return resumed(state, event);
    case 'BatchCancelled':
    case 'CancelRequested':
      return cancelled(state);
    case 'DeadlineReached':
      return deadlineReached(state, event);
    default: {
      const unreachable: never = event;
      return unreachable;
    }
  }
}

function opened(state: ContactState, event: EventOf<'ContactOpened'>): Decision {
  if (state.phase.kind !== 'opening') return unchanged(state);
  const { rules, phones, slots } = event;
  return turn({ ...state, rules, phones, slots }, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null });
}

function slotsPlanned(state: ContactState, event: EventOf<'SlotsPlanned'>): Decision {
  if (state.phase.kind !== 'planning') return unchanged(state);
  if (event.slots.length === 0) return close(state, 'no_legal_time');
  const { notBeforeMs, avoidSlotKey } = state.phase;
  // Old slots are dropped: the state of a contact that waits for weeks must not grow.
  const slots = [...state.slots.filter((slot) => slot.closesAtMs > event.atMs), ...event.slots];
  return turn({ ...state, slots }, { atMs: event.atMs, notBeforeMs, avoidSlotKey });
}

function granted(state: ContactState, event: EventOf<'LineGranted'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'waiting' || phase.requestId !== event.requestId) return unchanged(state);
  const phone = phoneToDial(state);
  if (phone === undefined) return close(state, 'no_phone');
  const { requestId, slot, rescheduled: asked } = phase;
  const { phoneId } = phone;
  const attemptId = event.leaseId;
  return {
    state: {
      ...state,
      phase: { kind: 'dialling', attemptId, requestId, slot, phoneId, rescheduled: asked },
      rescheduledTo: asked ? null : state.rescheduledTo,
      nextWakeAtMs: null,
    },
    commands: [
      { type: 'Dial', attemptId, requestId, phoneId, slot, number: state.attempts + 1, rescheduled: asked },
    ],
  };
}

function suspended(state: ContactState, event: EventOf<'LineSuspended'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'waiting' || phase.requestId !== event.requestId || phase.suspended)
    return unchanged(state);
  // Nothing is withdrawn: the row is to say what the contact waits for, so that an operator finds it.
  return {
    state: { ...state, phase: { ...phase, suspended: true } },
    commands: [{ type: 'HoldContact', missedRequestId: null, withdrawnRequestId: null }],
  };
}

/** The provider has the call: it counts from here, whatever becomes of it. */
function placed(state: ContactState, event: EventOf<'DialPlaced' | 'CallFound'>): Decision {
  const { phase } = state;
  const isOurs = inDial(phase) && phase.attemptId === event.attemptId;
  if (!isOurs || state.rules === null) return unchanged(state);
  const counted = phase.kind === 'dialling' ? count(state, phase) : state;
  const { attemptId, slot, phoneId } = phase;
  return {
    state: {
      ...counted,
      phase: { kind: 'calling', attemptId, slot, phoneId },
      nextWakeAtMs: callOverdueAtMs(event.atMs, state.rules.longestCallMs),
    },
    commands: [],
  };
}

/** No answer to the dial: it may ring now, so it counts against every limit, and is looked for, never repeated. */
function unknown(state: ContactState, event: EventOf<'DialOutcomeUnknown'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId) return unchanged(state);
  const { attemptId, slot, phoneId, rescheduled } = phase;
  return {
    state: {
      ...count(state, phase),
      phase: { kind: 'looking_up', attemptId, slot, phoneId, rescheduled, lookUps: 0, isAsking: false },
      nextWakeAtMs: nextLookUpAtMs(event.atMs, 0),
    },
    commands: [],
  };
}

function notFoundYet(state: ContactState, event: EventOf<'CallNotFoundYet'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'looking_up' || phase.attemptId !== event.attemptId || !phase.isAsking)
    return unchanged(state);
  const lookUps = phase.lookUps + 1;
  return {
    state: {
      ...state,
      phase: { ...phase, lookUps, isAsking: false },
      nextWakeAtMs: nextLookUpAtMs(event.atMs, lookUps),
    },
    commands: [],
  };
}

/** Proven: the provider never had it. Not again in the same slot; an attempt that began still counts. */
function absent(state: ContactState, event: EventOf<'CallAbsent'>): Decision {
  const { phase } = state;
  if (!inDial(phase) || phase.attemptId !== event.attemptId) return unchanged(state);
  const counted = phase.kind === 'dialling' && event.dialled ? count(state, phase) : state;
  const base = event.dialled || phase.kind === 'dialling' ? counted : uncount(counted, phase);
  // A dial that never began leaves an agreed call still owed.
  const owed = !event.dialled && phase.kind !== 'calling' ? keepAgreement(base, phase) : base;
  return turn(owed, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: phase.slot.key });
}

/** The provider said no before any phone could ring: not an attempt. */
function rejected(state: ContactState, event: EventOf<'DialRejected'>): Decision {
  const { phase, rules } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId || rules === null)
    return unchanged(state);
  return turn(keepAgreement(state, phase), {
    atMs: event.atMs,
    notBeforeMs: event.atMs + rules.technicalRetryMs,
    avoidSlotKey: null,
  });
}

function refused(state: ContactState, event: EventOf<'DialRefused'>): Decision {
  const { phase } = state;
  if (phase.kind !== 'dialling' || phase.attemptId !== event.attemptId) return unchanged(state);
  const { atMs, reason, notBeforeMs } = event;
  const closing = outcomeOfRefusal(reason);
  if (closing !== undefined) return close(state, closing);
  switch (reason) {
    case 'phone_invalid':
      return turn(dropPhone(state, phase.phoneId), { atMs, notBeforeMs: 0, avoidSlotKey: null });
    case 'daily_limit': {
      const blockedDays = [...state.blockedDays.slice(-9), phase.slot.localDay];
      return turn({ ...state, blockedDays }, { atMs, notBeforeMs: 0, avoidSlotKey: null });
    }
    case 'person_on_call':
      return turn(keepAgreement(state, phase), {
        atMs,
        notBeforeMs: atMs + (state.rules?.technicalRetryMs ?? 0),
        avoidSlotKey: null,
      });
    case 'line_lost':
    case 'worker_late':
    case 'batch_paused':
      return turn(keepAgreement(state, phase), { atMs, notBeforeMs: 0, avoidSlotKey: null });
    default:
      return turn(state, { atMs, notBeforeMs: notBeforeMs ?? 0, avoidSlotKey: phase.slot.key });
  }
}

function outcomeOfRefusal(reason: RefusalReason): ContactOutcome | undefined {
  if (reason === 'do_not_call') return 'do_not_call';
  if (reason === 'batch_not_running' || reason === 'contact_closed') return 'cancelled';
  return undefined;
}

function ended(state: ContactState, event: EventOf<'CallEnded'>): Decision {
  const { phase, rules } = state;
  // The end can come before the dial's own answer: it proves that the call was placed.
  if (!inDial(phase) || phase.attemptId !== event.attemptId || rules === null) return unchanged(state);
  const counted = phase.kind === 'dialling' ? count(state, phase) : state;
  // Somebody else who answers is no silence of the person.
  const isSilence = event.rang && !event.human && event.outcome !== 'wrong_person';
  const silent = isSilence && !counted.silentDays.includes(phase.slot.localDay);
  const silentDays = silent ? [...counted.silentDays, phase.slot.localDay] : counted.silentDays;
  const noted = { ...counted, silentDays, lastOutcome: event.outcome };
  const next = afterCall(event.outcome, rules);
  if (next.kind === 'close') {
    // A call that was agreed on while this one ran is still owed, unless the person wants none.
    const owed = noted.rescheduledTo !== null && next.outcome !== 'do_not_call' && !noted.cancelled;
    if (!owed) return close(noted, next.outcome);
    return turn(noted, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: phase.slot.key });
  }
  const phoned = next.phone === 'drop' ? dropPhone(noted, phase.phoneId) : advancePhone(noted, phase.phoneId);
  return turn(phoned, {
    atMs: event.atMs,
    notBeforeMs: next.sameSlot ? event.atMs + next.pauseMs : 0,
    avoidSlotKey: next.sameSlot ? null : phase.slot.key,
  });
}

/** An agreed call goes before everything else that this contact waits for. */
function rescheduled(state: ContactState, event: EventOf<'RescheduleRequested'>): Decision {
  const { phase } = state;
  if (phase.kind === 'waiting' && phase.slot.key === event.slot.key) return unchanged(state);
  const agreed = { ...state, rescheduledTo: event.slot };
  if (phase.kind !== 'waiting') return unchanged(agreed);
  return turn(agreed, {
    atMs: event.atMs,
    notBeforeMs: 0,
    avoidSlotKey: null,
    replacedRequestId: phase.requestId,
  });
}

function paused(state: ContactState): Decision {
  if (state.paused) return unchanged(state);
  const held = { ...state, paused: true };
  if (state.phase.kind !== 'waiting') return unchanged(held);
  const agreed = state.phase.rescheduled ? state.phase.slot : state.rescheduledTo;
  const withdrawn = { missedRequestId: null, withdrawnRequestId: state.phase.requestId };
  return hold({ ...held, rescheduledTo: agreed }, withdrawn);
}

function resumed(state: ContactState, event: EventOf<'ResumeRequested'>): Decision {
  if (!state.paused) return unchanged(state);
  const going = { ...state, paused: false };
  if (state.phase.kind !== 'holding') return unchanged(going);
  return turn(going, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null });
}

/** A call that runs is let end; anything else closes at once. */
function cancelled(state: ContactState): Decision {
  const stopped = { ...state, cancelled: true };
  const { kind } = state.phase;
  return kind === 'waiting' || kind === 'holding' ? close(stopped, 'cancelled') : unchanged(stopped);
}

function deadlineReached(state: ContactState, event: EventOf<'DeadlineReached'>): Decision {
  const { phase } = state;
  if (state.nextWakeAtMs === null || event.atMs < state.nextWakeAtMs || state.rules === null) {
    return unchanged(state);
  }
  if (phase.kind === 'waiting') {
    const missed = { ...state, rescheduledTo: phase.rescheduled ? null : state.rescheduledTo };
    return turn(missed, {
      atMs: event.atMs,
      notBeforeMs: 0,
      avoidSlotKey: phase.slot.key,
      missedRequestId: phase.requestId,
    });
  }
  if (phase.kind !== 'calling' && phase.kind !== 'looking_up') return unchanged(state);
  // Its answer sets the next deadline; this one is only there in case the answer is lost as well.
  const nextWakeAtMs = callOverdueAtMs(event.atMs, state.rules.longestCallMs);
  const asking = phase.kind === 'looking_up' ? { ...phase, isAsking: true } : phase;
  return {
    state: { ...state, phase: asking, nextWakeAtMs },
    commands: [{ type: 'CheckCall', attemptId: phase.attemptId }],
  };
}

function inDial(phase: Phase): phase is PhaseOf<'dialling' | 'calling' | 'looking_up'> {
  return phase.kind === 'dialling' || phase.kind === 'calling' || phase.kind === 'looking_up';
}

function count(state: ContactState, { slot }: { readonly slot: Slot }): ContactState {
  const today = (state.callsByDay[slot.localDay] ?? 0) + 1;
  return {
    ...state,
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
function keepAgreement(state: ContactState, phase: PhaseOf<'dialling' | 'looking_up'>): ContactState {
  return phase.rescheduled && state.rescheduledTo === null ? { ...state, rescheduledTo: phase.slot } : state;
}
