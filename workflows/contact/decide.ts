import type { ContactEvent, ContactFact, EventOf } from '../../domain/contacts/rules/facts.ts';
import type { ContactCommand } from './commands.ts';
import * as dialling from './dialling.ts';
import * as followUp from './follow-up.ts';
import { planFromMs } from './rules/next-slot.ts';
import { type ContactState, initialState } from './state.ts';
import { close, type Decision, hold, nextStep, unchanged } from './next-step.ts';

/** Pause before a command that failed for good is tried again. */
const failedPauseMs = 300_000;

/** The first state of a contact, and what is done first. */
export function open(contactId: string, run: number, paused = false): Decision {
  return { state: { ...initialState(contactId, run), paused }, commands: [{ type: 'OpenContact' }] };
}

/** What is taken for the answer of a command that failed for good: never "it did not happen" where that is not known. */
export function failed(command: ContactCommand): ContactFact | null {
  switch (command.type) {
    case 'Dial':
      // A dead or late worker: the POST may have left it. Anything but "unknown" here could dial twice.
      return { type: 'DialOutcomeUnknown', attemptId: command.attemptId };
    case 'SendPaymentLink':
      // The message may have left: not a second one.
      return { type: 'LinkAnswered', agreementId: command.agreementId, result: 'unknown', notBeforeMs: null };
    case 'ResolveWish':
      return { type: 'WishRefused', requestId: command.requestId };
    case 'OpenContact':
    case 'PlanSlots':
    case 'RecoverDial':
    case 'CheckAgreement':
      return { type: 'CommandFailed', command: command.type };
    case 'RequestLine':
    case 'NoteLapsed':
    case 'HoldContact':
    case 'CloseContact':
      // Their phase has a deadline of its own, or waits for nothing.
      return null;
    default: {
      const unreachable: never = command;
      return unreachable;
    }
  }
}

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
      return dialling.granted(state, event);
    case 'LineSuspended':
      return dialling.suspended(state, event);
    case 'DialPlaced':
    case 'CallFound':
      return dialling.placed(state, event);
    case 'DialRefused':
      return dialling.refused(state, event);
    case 'DialRejected':
      return dialling.rejected(state, event);
    case 'DialOutcomeUnknown':
      return dialling.unknown(state, event);
    case 'CallAbsent':
      return dialling.absent(state, event);
    case 'CallEnded':
      return dialling.ended(state, event);
    case 'RescheduleRequested':
      return rescheduled(state, event);
    case 'RescheduleWished':
      return wished(state, event);
    case 'WishRefused':
      return unchanged(state);
    case 'PauseRequested':
      return paused(state);
    case 'ResumeRequested':
      return resumed(state, event);
    case 'BatchPaused':
      return unchanged({ ...state, batchPaused: true });
    case 'BatchResumed':
      return unchanged({ ...state, batchPaused: false });
    case 'BatchCancelled':
    case 'CancelRequested':
      return cancelled(state);
    case 'PaymentRecorded':
      return followUp.paymentRecorded(state, event);
    case 'PaymentReversed':
      return followUp.paymentReversed(state);
    case 'AgreementChecked':
      return followUp.agreementChecked(state, event);
    case 'LinkAnswered':
      return followUp.linkAnswered(state, event);
    case 'TaskResolved':
      return followUp.taskResolved(state, event);
    case 'ContactStopped':
      return followUp.contactStopped(state, event);
    case 'CommandFailed':
      return commandFailed(state, event);
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
  const { rules, phones, slots, logicVersion, batchPaused = false } = event;
  return nextStep(
    { ...state, logicVersion, rules, phones, slots, batchPaused },
    { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null },
  );
}

function slotsPlanned(state: ContactState, event: EventOf<'SlotsPlanned'>): Decision {
  if (state.phase.kind !== 'planning') return unchanged(state);
  const { notBeforeMs, avoidSlotKey } = state.phase;
  // Old slots are dropped: the state of a contact that waits for weeks must not grow.
  const slots = [...state.slots.filter((slot) => slot.closesAtMs > event.atMs), ...event.slots];
  const isOutOfSlots = event.slots.length === 0;
  return nextStep({ ...state, slots }, { atMs: event.atMs, notBeforeMs, avoidSlotKey, isOutOfSlots });
}

/** An agreed call goes before everything else that this contact waits for. */
function rescheduled(state: ContactState, event: EventOf<'RescheduleRequested'>): Decision {
  const { phase } = state;
  if (phase.kind === 'waiting' && phase.slot.key === event.slot.key) return unchanged(state);
  const agreed = { ...state, rescheduledTo: event.slot };
  const wish = { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null };
  if (phase.kind === 'waiting') return nextStep(agreed, { ...wish, replacedRequestId: phase.requestId });
  return phase.kind === 'following' || phase.kind === 'verifying'
    ? nextStep(agreed, wish)
    : unchanged(agreed);
}

/** From a system that knows no calendar: what the wish means is looked up, and comes back as a request or a refusal. */
function wished(state: ContactState, { requestId, wish }: EventOf<'RescheduleWished'>): Decision {
  return { state, commands: [{ type: 'ResolveWish', requestId, wish }] };
}

function paused(state: ContactState): Decision {
  if (state.paused) return unchanged(state);
  const { phase } = state;
  const held = { ...state, paused: true };
  if (phase.kind === 'following' || phase.kind === 'verifying') {
    return hold(held, { missedRequestId: null, withdrawnRequestId: null });
  }
  if (phase.kind !== 'waiting') return unchanged(held);
  const agreed = phase.rescheduled ? phase.slot : state.rescheduledTo;
  const withdrawn = { missedRequestId: null, withdrawnRequestId: phase.requestId };
  return hold({ ...held, rescheduledTo: agreed }, withdrawn);
}

function resumed(state: ContactState, event: EventOf<'ResumeRequested'>): Decision {
  if (!state.paused) return unchanged(state);
  const going = { ...state, paused: false };
  if (state.phase.kind !== 'holding') return unchanged(going);
  return nextStep(going, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null });
}

/** A call that runs is let end; anything else closes at once. */
function cancelled(state: ContactState): Decision {
  const stopped = { ...state, cancelled: true };
  return followUp.isIdle(state.phase) ? close(stopped, 'cancelled') : unchanged(stopped);
}

/** Whoever waits for its answer tries again after a pause; meanwhile a pause, a stop or a payment is taken. */
function commandFailed(state: ContactState, event: EventOf<'CommandFailed'>): Decision {
  const waits = {
    OpenContact: 'opening',
    PlanSlots: 'planning',
    RecoverDial: 'unconfirmed',
    CheckAgreement: 'following',
  } as const;
  if (state.phase.kind !== waits[event.command]) return unchanged(state);
  return unchanged({ ...state, nextWakeAtMs: event.atMs + failedPauseMs });
}

function deadlineReached(state: ContactState, event: EventOf<'DeadlineReached'>): Decision {
  const { phase } = state;
  if (state.nextWakeAtMs === null || event.atMs < state.nextWakeAtMs) return unchanged(state);
  if (state.rules === null) {
    return phase.kind === 'opening'
      ? { state: { ...state, nextWakeAtMs: null }, commands: [{ type: 'OpenContact' }] }
      : unchanged(state);
  }
  switch (phase.kind) {
    case 'waiting':
      return missed(state, phase, event.atMs);
    case 'following':
      return followUp.due(state, event.atMs);
    case 'verifying':
      // Nothing came, and nobody said anything: calls go on.
      return nextStep(
        { ...state, verifyUntilMs: null },
        { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null },
      );
    case 'unconfirmed':
      return dialling.recover(state, phase, event.atMs);
    case 'planning':
      return {
        state: { ...state, nextWakeAtMs: null },
        commands: [{ type: 'PlanSlots', fromMs: planFromMs(state, { ...phase, atMs: event.atMs }) }],
      };
    case 'opening':
    case 'dialling':
    case 'calling':
    case 'holding':
    case 'closed':
      return unchanged(state);
    default: {
      const unreachable: never = phase;
      return unreachable;
    }
  }
}

function missed(
  state: ContactState,
  phase: Extract<ContactState['phase'], { readonly kind: 'waiting' }>,
  atMs: number,
): Decision {
  const wish = { atMs, notBeforeMs: 0, avoidSlotKey: phase.slot.key, missedRequestId: phase.requestId };
  if (!phase.rescheduled) return nextStep(state, wish);
  // A call that the person asked for and that found no line is still owed, at the next time that is allowed.
  return nextStep({ ...state, rescheduledTo: null, askedToCall: true }, wish);
}
