import type { AgreementRef, EventOf } from '../../domain/contacts/rules/facts.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import { lastingFor } from './rules/deadlines.ts';
import { outcomeOfStop, strongest } from './rules/stops.ts';
import { type ContactState, type Phase } from './state.ts';
import { close, type Decision, nextStep, unchanged } from './next-step.ts';

/** The database's clock can be behind the one that woke this contact. */
const lookAgainMs = 1_000;

/** Nothing is under way that must be let end: the contact can close at once. */
export function isIdle({ kind }: Phase): boolean {
  return kind !== 'dialling' && kind !== 'calling' && kind !== 'unconfirmed' && kind !== 'closed';
}

/** The link or the payment of an agreement is due. */
export function due(state: ContactState, atMs: number): Decision {
  const { agreement } = state;
  if (agreement === null) return nextStep(state, { atMs, notBeforeMs: 0, avoidSlotKey: null });
  const { agreementId, linkAtMs, checkAtMs } = agreement;
  if (checkAtMs > atMs && linkAtMs !== null) {
    return {
      state: { ...state, agreement: { ...agreement, linkAtMs: null }, nextWakeAtMs: checkAtMs },
      commands: [{ type: 'SendPaymentLink', agreementId }],
    };
  }
  // Its answer sets the next deadline, or ends this wait; this one is only there in case the answer is lost.
  const nextWakeAtMs = atMs + lookAgainMs;
  return { state: { ...state, nextWakeAtMs }, commands: [{ type: 'CheckAgreement', agreementId }] };
}

/** Quiet hours and message limits only put a link off; it is worth nothing after its due day. */
export function linkAnswered(state: ContactState, event: EventOf<'LinkAnswered'>): Decision {
  const { agreement, phase } = state;
  if (agreement === null || agreement.agreementId !== event.agreementId) return unchanged(state);
  const isLater = event.result === 'refused' && event.notBeforeMs !== null;
  if (!isLater || event.notBeforeMs >= agreement.checkAtMs) return unchanged(state);
  const linkAtMs = Math.max(event.notBeforeMs, event.atMs + 1);
  const later = { ...state, agreement: { ...agreement, linkAtMs } };
  return unchanged(phase.kind === 'following' ? { ...later, nextWakeAtMs: linkAtMs } : later);
}

/** Everything that is owed has been paid, or a part of it: whatever is open for the person ends, or is looked at. */
export function paymentRecorded(state: ContactState, event: EventOf<'PaymentRecorded'>): Decision {
  if (event.settled) return stopFor(state, 'paid');
  if (state.phase.kind !== 'following' || state.agreement === null) return unchanged(state);
  return { state, commands: [{ type: 'CheckAgreement', agreementId: state.agreement.agreementId }] };
}

/** Taken back before the contact could end for it. */
export function paymentReversed(state: ContactState): Decision {
  return unchanged(state.stop === 'paid' ? { ...state, stop: null } : state);
}

export function agreementChecked(state: ContactState, event: EventOf<'AgreementChecked'>): Decision {
  const { agreement, phase, rules } = state;
  if (agreement === null || agreement.agreementId !== event.agreementId || rules === null)
    return unchanged(state);
  const free = { ...state, agreement: null };
  const next = { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null };
  switch (event.result) {
    case 'settled':
      return stopFor(free, 'paid');
    case 'kept':
      return stopFor(free, 'promise_kept');
    case 'open': {
      if (event.next === null) return unchanged(state);
      if (event.next.checkAtMs === agreement.checkAtMs)
        return unchanged(waitOn(state, agreement, event.atMs));
      // Paid, before or on its day: the next instalment is what is waited for now.
      const open = { ...state, rules: lastingFor(rules, event.next.checkAtMs), agreement: event.next };
      return phase.kind === 'following' ? nextStep(open, next) : unchanged(open);
    }
    case 'partly_paid':
    case 'broken':
      return broken(free, next);
    case 'gone':
      return phase.kind === 'following' ? nextStep(free, next) : unchanged(free);
    default: {
      const unreachable: never = event.result;
      return unreachable;
    }
  }
}

function waitOn(state: ContactState, { checkAtMs, linkAtMs }: AgreementRef, atMs: number): ContactState {
  if (state.phase.kind !== 'following') return state;
  return { ...state, nextWakeAtMs: Math.max(Math.min(checkAtMs, linkAtMs ?? checkAtMs), atMs + lookAgainMs) };
}

/** What follows from it waits while a call is owed that the person asked for: see `nextStep`. */
function broken(
  state: ContactState,
  next: { readonly atMs: number; readonly notBeforeMs: number; readonly avoidSlotKey: null },
): Decision {
  const counted = { ...state, brokenAgreements: state.brokenAgreements + 1, isPromiseBroken: true };
  return state.phase.kind === 'following' ? nextStep(counted, next) : unchanged(counted);
}

/** A colleague has looked at what was handed over. */
export function taskResolved(state: ContactState, event: EventOf<'TaskResolved'>): Decision {
  switch (event.resolution) {
    case 'paid':
      return stopFor(state, 'paid');
    case 'close':
      return stopFor(state, 'stopped');
    case 'resume': {
      const doubted = { ...state, verifyUntilMs: null };
      if (state.phase.kind !== 'verifying') return unchanged(doubted);
      return nextStep(doubted, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null });
    }
    default: {
      const unreachable: never = event.resolution;
      return unreachable;
    }
  }
}

export function contactStopped(state: ContactState, { reason }: EventOf<'ContactStopped'>): Decision {
  return stopFor(state, outcomeOfStop[reason]);
}

/** At once when nothing is under way; a call that runs is let end, and is the last one. */
function stopFor(state: ContactState, outcome: ContactOutcome): Decision {
  const stop = strongest(state.stop, outcome);
  const stopped = { ...state, stop };
  return isIdle(state.phase) ? close(stopped, stop) : unchanged(stopped);
}
