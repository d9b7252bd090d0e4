import type { EventOf, StopReason } from './events.ts';
import { lastingFor } from './rules/deadlines.ts';
import { type AgreementRef, type ContactOutcome, type ContactState, type Phase, seeing } from './state.ts';
import { close, type Decision, turn, unchanged } from './turn.ts';

/** The database's clock can be behind the one that woke this contact. */
const lookAgainMs = 1_000;

/** Nothing is under way that must be let end: the contact can close at once. */
export function isIdle({ kind }: Phase): boolean {
  return kind === 'waiting' || kind === 'holding' || kind === 'following' || kind === 'verifying';
}

/** The link or the payment of an agreement is due. */
export function due(state: ContactState, atMs: number): Decision {
  const { agreement } = state;
  if (agreement === null) return turn(state, { atMs, notBeforeMs: 0, avoidSlotKey: null });
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
  const seen = seeing(state, `payment:${event.paymentId}`);
  if (seen === undefined || seen.phase.kind !== 'following' || seen.agreement === null) {
    return unchanged(seen ?? state);
  }
  return { state: seen, commands: [{ type: 'CheckAgreement', agreementId: seen.agreement.agreementId }] };
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
      return phase.kind === 'following' ? turn(open, next) : unchanged(open);
    }
    case 'partly_paid':
    case 'broken':
      return broken(free, next);
    case 'gone':
      return phase.kind === 'following' ? turn(free, next) : unchanged(free);
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

function broken(
  state: ContactState,
  next: { readonly atMs: number; readonly notBeforeMs: number; readonly avoidSlotKey: null },
): Decision {
  const brokenAgreements = state.brokenAgreements + 1;
  const counted = { ...state, brokenAgreements };
  const followUp = state.rules?.followUp;
  if (followUp === undefined || state.phase.kind !== 'following') return unchanged(counted);
  if (followUp.brokenThen === 'hand_over' || brokenAgreements >= followUp.handOverAt) {
    return close(counted, 'promise_broken', { handOver: 'broken_promise' });
  }
  return followUp.brokenThen === 'close' ? close(counted, 'promise_broken') : turn(counted, next);
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
      return turn(doubted, { atMs: event.atMs, notBeforeMs: 0, avoidSlotKey: null });
    }
    default: {
      const unreachable: never = event.resolution;
      return unreachable;
    }
  }
}

const outcomeOfStop: Readonly<Record<StopReason, ContactOutcome>> = {
  do_not_call: 'do_not_call',
  legal: 'legal',
  insolvency: 'legal',
  dispute: 'dispute',
  hardship: 'hardship',
  removed: 'removed',
  deceased: 'removed',
};

export function contactStopped(state: ContactState, { reason }: EventOf<'ContactStopped'>): Decision {
  return stopFor(state, outcomeOfStop[reason]);
}

/** At once when nothing is under way; a call that runs is let end, and is the last one. */
function stopFor(state: ContactState, outcome: ContactOutcome): Decision {
  // What the person or the law asked for outranks money that came in.
  const stop = state.stop === null || state.stop === 'paid' ? outcome : state.stop;
  const stopped = { ...state, stop };
  return isIdle(state.phase) ? close(stopped, stop) : unchanged(stopped);
}
