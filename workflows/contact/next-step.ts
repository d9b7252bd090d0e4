import type { Slot } from '../../domain/policy/rules/slot.ts';
import type { ContactCommand, HandOver } from './commands.ts';
import { missedAtMs } from './rules/deadlines.ts';
import { mustExclude, nextSlot, planFromMs, type SlotWish } from './rules/next-slot.ts';
import { phoneToDial } from './rules/phones.ts';
import { whyOver } from './rules/stops.ts';
import type { AgreementRef } from '../../domain/contacts/rules/facts.ts';
import type { ContactOutcome } from '../../domain/contacts/rules/outcomes.ts';
import type { ContactState, Phase } from './state.ts';

export interface Decision {
  readonly state: ContactState;
  readonly commands: readonly ContactCommand[];
}

export function unchanged(state: ContactState): Decision {
  return { state, commands: [] };
}

interface StepWish extends SlotWish {
  readonly missedRequestId?: string;
  readonly replacedRequestId?: string;
  /** The calendar has no further slot: nothing more is planned. */
  readonly isOutOfSlots?: boolean;
}

/**
 * What the contact does next when nothing is under way: a call, a wait for money, or its end. The order is the rule: whatever stops the
 * person or the batch, then a pause, then a call that is owed (within the limits), then a promise (broken, or still waited for), then the limits, then the next wave.
 */
export function nextStep(state: ContactState, wish: StepWish): Decision {
  const missedRequestId = wish.missedRequestId ?? null;
  const replacedRequestId = wish.replacedRequestId ?? null;
  const withdrawn = { missedRequestId, withdrawnRequestId: replacedRequestId };
  if (state.rules === null) return unchanged(state);
  const over = whyOver(state);
  if (over !== undefined) return close(state, over, { missedRequestId });
  if (state.paused) return hold(state, withdrawn);
  const lapsed = lapsedCall(state, wish.atMs);
  if (lapsed !== undefined) return after(lapsed.commands, nextStep(lapsed.state, wish));
  const end = whyNoCall(state, wish.atMs);
  const callIsOwed = state.rescheduledTo !== null && end === undefined;
  if (!callIsOwed && state.isPromiseBroken) return afterBrokenPromise(state, wish);
  if (!callIsOwed && state.agreement !== null) return follow(state, state.agreement, wish.atMs, withdrawn);
  if (!callIsOwed && state.verifyUntilMs !== null && state.verifyUntilMs > wish.atMs) {
    return verify(state, state.verifyUntilMs, withdrawn);
  }
  if (end !== undefined) return close(state, end, { missedRequestId });
  return call(state, wish, { missedRequestId, replacedRequestId });
}

type Requests = { readonly missedRequestId: string | null; readonly replacedRequestId: string | null };

function call(state: ContactState, wish: StepWish, requests: Requests): Decision {
  const { missedRequestId } = requests;
  const rules = state.rules;
  if (rules === null) return unchanged(state);
  // A dial that was rejected, or a line that nobody dialled on, is not asked for again at once, whoever wants the call.
  const notBeforeMs = Math.max(wish.notBeforeMs, state.restUntilMs);
  const agreed = state.rescheduledTo;
  if (agreed !== null && agreed.closesAtMs > Math.max(wish.atMs, state.restUntilMs)) {
    return request(state, { slot: agreed, notBeforeMs: state.restUntilMs, rescheduled: true, ...requests });
  }
  const slot = nextSlot(state, { ...wish, notBeforeMs });
  if (slot === undefined && wish.isOutOfSlots === true)
    return close(state, ended(state, 'no_legal_time'), { missedRequestId });
  if (slot === undefined) return plan(state, { ...wish, notBeforeMs }, requests);
  if (!state.askedToCall && mustExclude(state, slot)) return close(state, 'excluded', { missedRequestId });
  // A turn that lies beyond the end (a cool-down longer than the batch) is not waited for.
  if (Math.max(slot.opensAtMs, notBeforeMs) >= rules.expiresAtMs)
    return close(state, ended(state, 'expired'), { missedRequestId });
  return request(agreed === null ? state : { ...state, rescheduledTo: null }, {
    slot,
    notBeforeMs,
    rescheduled: state.askedToCall,
    ...requests,
  });
}

/** What closes a contact that can be called no more; undefined while it can. */
function whyNoCall(state: ContactState, atMs: number): ContactOutcome | undefined {
  if (state.rules === null) return undefined;
  if (phoneToDial(state) === undefined) return 'no_phone';
  if (state.attempts >= state.rules.maxAttempts) {
    const silent = state.silentDays.length >= state.rules.silentDaysToExclude;
    return ended(state, silent ? 'excluded' : 'exhausted');
  }
  return atMs >= state.rules.expiresAtMs ? ended(state, 'expired') : undefined;
}

/** A broken promise, or what the person said last, says more about the end than that attempts or time ran out. */
function ended(state: ContactState, outcome: ContactOutcome): ContactOutcome {
  if (state.brokenAgreements > 0) return 'promise_broken';
  return lastWord(state) ?? outcome;
}

function lastWord({ lastOutcome }: ContactState): ContactOutcome | undefined {
  switch (lastOutcome) {
    case 'refused':
    case 'answered':
    case 'already_paid':
    case 'callback_requested':
      return lastOutcome;
    default:
      return undefined;
  }
}

/** An agreed call whose time passed before it could be made: it is on record, and still owed. */
function lapsedCall(state: ContactState, atMs: number): Decision | undefined {
  const agreed = state.rescheduledTo;
  if (agreed === null || agreed.closesAtMs > Math.max(atMs, state.restUntilMs)) return undefined;
  return {
    state: { ...state, rescheduledTo: null, askedToCall: true },
    commands: [{ type: 'NoteLapsed', slotKey: agreed.key }],
  };
}

function after(commands: readonly ContactCommand[], decision: Decision): Decision {
  return { state: decision.state, commands: [...commands, ...decision.commands] };
}

function plan(state: ContactState, wish: StepWish, requests: Requests): Decision {
  const { missedRequestId, replacedRequestId } = requests;
  const fromMs = planFromMs(state, wish);
  if (state.rules !== null && fromMs >= state.rules.expiresAtMs)
    return close(state, ended(state, 'expired'), { missedRequestId });
  // The old request is withdrawn first: a line granted while slots are computed would have nobody to take it.
  const isQueued = missedRequestId !== null || replacedRequestId !== null;
  const phase: Phase = { kind: 'planning', notBeforeMs: wish.notBeforeMs, avoidSlotKey: wish.avoidSlotKey };
  return {
    state: { ...state, phase, rescheduledTo: null, nextWakeAtMs: null },
    commands: [
      ...(isQueued
        ? [{ type: 'HoldContact', missedRequestId, withdrawnRequestId: replacedRequestId } as const]
        : []),
      { type: 'PlanSlots', fromMs },
    ],
  };
}

/** Waits for the agreed payment; the link goes out when its time has come. */
function follow(state: ContactState, agreement: AgreementRef, atMs: number, withdrawn: Withdrawn): Decision {
  const { agreementId, linkAtMs, checkAtMs } = agreement;
  const isLinkDue = linkAtMs !== null && linkAtMs <= atMs;
  const open = isLinkDue ? { ...agreement, linkAtMs: null } : agreement;
  return {
    state: {
      ...state,
      phase: { kind: 'following' },
      agreement: open,
      nextWakeAtMs: Math.min(checkAtMs, open.linkAtMs ?? checkAtMs),
    },
    commands: [
      { type: 'HoldContact', ...withdrawn },
      ...(isLinkDue ? [{ type: 'SendPaymentLink', agreementId } as const] : []),
    ],
  };
}

/** What a broken promise comes to, once no call is owed that the person has asked for. */
function afterBrokenPromise(state: ContactState, wish: StepWish): Decision {
  const missedRequestId = wish.missedRequestId ?? null;
  const settled = { ...state, isPromiseBroken: false };
  if (handsOver(state)) {
    return close(settled, 'promise_broken', { missedRequestId, handOver: 'broken_promise' });
  }
  return state.rules?.followUp?.brokenThen === 'close'
    ? close(settled, 'promise_broken', { missedRequestId })
    : nextStep(settled, wish);
}

function handsOver({ rules, brokenAgreements }: ContactState): boolean {
  const followUp = rules?.followUp;
  if (followUp === undefined) return false;
  return followUp.brokenThen === 'hand_over' || brokenAgreements >= followUp.handOverAt;
}

/** Each time anew: the task is one, by its key. */
function verify(state: ContactState, untilMs: number, withdrawn: Withdrawn): Decision {
  return {
    state: { ...state, phase: { kind: 'verifying' }, nextWakeAtMs: untilMs },
    commands: [{ type: 'HoldContact', ...withdrawn, handOver: 'verify_payment' }],
  };
}

interface LineWish {
  readonly slot: Slot;
  readonly notBeforeMs: number;
  readonly rescheduled: boolean;
  readonly missedRequestId: string | null;
  readonly replacedRequestId: string | null;
}

function request(state: ContactState, wish: LineWish): Decision {
  const { slot, rescheduled, missedRequestId, replacedRequestId } = wish;
  const requests = state.requests + 1;
  // With the slot in it: a task whose result was lost is taken again, and may ask for another slot under the same number.
  const requestId = `${state.contactId}:${state.run}:${requests}:${slot.key}`;
  const eligibleAtMs = Math.max(slot.opensAtMs, wish.notBeforeMs);
  return {
    state: {
      ...state,
      requests,
      phase: { kind: 'waiting', requestId, slot, eligibleAtMs, suspended: false, rescheduled },
      nextWakeAtMs: missedAtMs(slot, state.contactId),
    },
    commands: [
      {
        type: 'RequestLine',
        requestId,
        slot,
        eligibleAtMs,
        priority: rescheduled || state.attempts > 0 ? 0 : 1,
        missedRequestId,
        replacedRequestId,
      },
    ],
  };
}

export interface Withdrawn {
  /** Its slot has ended: a refusal with the reason. */
  readonly missedRequestId: string | null;
  readonly withdrawnRequestId: string | null;
}

export function hold(state: ContactState, withdrawn: Withdrawn): Decision {
  return {
    state: { ...state, phase: { kind: 'holding' }, nextWakeAtMs: null },
    commands: [{ type: 'HoldContact', ...withdrawn }],
  };
}

export interface Closing {
  readonly missedRequestId?: string | null;
  /** A person goes on from here. */
  readonly handOver?: HandOver | undefined;
}

/** After these nobody goes after a promise that was broken. */
const settledFor: ReadonlySet<ContactOutcome> = new Set([
  'paid',
  'promise_kept',
  'do_not_call',
  'legal',
  'dispute',
  'hardship',
  'removed',
  'stopped',
  'cancelled',
]);

export function close(
  state: ContactState,
  outcome: ContactOutcome,
  { missedRequestId = null, handOver }: Closing = {},
): Decision {
  // A broken promise that was found while a call was owed has not had its task yet.
  const isOwedTask = state.isPromiseBroken && handsOver(state) && !settledFor.has(outcome);
  const task = handOver ?? (isOwedTask ? 'broken_promise' : undefined);
  return {
    state: { ...state, phase: { kind: 'closed', outcome }, rescheduledTo: null, nextWakeAtMs: null },
    commands: [
      { type: 'CloseContact', outcome, missedRequestId, ...(task === undefined ? {} : { handOver: task }) },
    ],
  };
}
