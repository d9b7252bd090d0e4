import type { Slot } from '../../rules/slot.ts';
import type { ContactCommand } from './commands.ts';
import { missedAtMs } from './rules/deadlines.ts';
import { mustExclude, nextSlot, planFromMs, type SlotWish } from './rules/next-slot.ts';
import { phoneToDial } from './rules/phones.ts';
import type { ContactOutcome, ContactState, Phase } from './state.ts';

export interface Decision {
  readonly state: ContactState;
  readonly commands: readonly ContactCommand[];
}

export function unchanged(state: ContactState): Decision {
  return { state, commands: [] };
}

interface Turn extends SlotWish {
  readonly missedRequestId?: string;
  readonly replacedRequestId?: string;
}

/** Asks for a line for the next call, or closes when there is none to be made. */
export function turn(state: ContactState, wish: Turn): Decision {
  const missedRequestId = wish.missedRequestId ?? null;
  const replacedRequestId = wish.replacedRequestId ?? null;
  if (state.rules === null) return unchanged(state);
  if (state.cancelled) return close(state, 'cancelled', missedRequestId);
  if (state.paused) return hold(state, { missedRequestId, withdrawnRequestId: replacedRequestId });
  if (phoneToDial(state) === undefined) return close(state, 'no_phone', missedRequestId);
  if (state.attempts >= state.rules.maxAttempts) {
    const silent = state.silentDays.length >= state.rules.silentDaysToExclude;
    return close(state, silent ? 'excluded' : 'exhausted', missedRequestId);
  }
  if (wish.atMs >= state.rules.expiresAtMs) return close(state, 'expired', missedRequestId);
  const agreed = state.rescheduledTo;
  if (agreed !== null && agreed.closesAtMs > wish.atMs) {
    return request(state, {
      slot: agreed,
      notBeforeMs: 0,
      rescheduled: true,
      missedRequestId,
      replacedRequestId,
    });
  }
  const slot = nextSlot(state, wish);
  const { expiresAtMs } = state.rules;
  if (slot === undefined) {
    if (planFromMs(state, wish) >= expiresAtMs) return close(state, 'expired', missedRequestId);
    // The old request is withdrawn first: a line granted while slots are computed would have nobody to take it.
    const isQueued = missedRequestId !== null || replacedRequestId !== null;
    const phase: Phase = { kind: 'planning', notBeforeMs: wish.notBeforeMs, avoidSlotKey: wish.avoidSlotKey };
    return {
      state: { ...state, phase, rescheduledTo: null, nextWakeAtMs: null },
      commands: [
        ...(isQueued
          ? [{ type: 'HoldContact', missedRequestId, withdrawnRequestId: replacedRequestId } as const]
          : []),
        { type: 'PlanSlots', fromMs: planFromMs(state, wish) },
      ],
    };
  }
  if (mustExclude(state, slot)) return close(state, 'excluded', missedRequestId);
  // A turn that lies beyond the end (a cool-down longer than the batch) is not waited for.
  if (Math.max(slot.opensAtMs, wish.notBeforeMs) >= expiresAtMs)
    return close(state, 'expired', missedRequestId);
  return request(
    { ...state, rescheduledTo: null },
    { slot, notBeforeMs: wish.notBeforeMs, rescheduled: false, missedRequestId, replacedRequestId },
  );
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
  const requestId = `${state.contactId}:${state.run}:${requests}`;
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

export function close(
  state: ContactState,
  outcome: ContactOutcome,
  missedRequestId: string | null = null,
): Decision {
  return {
    state: { ...state, phase: { kind: 'closed', outcome }, rescheduledTo: null, nextWakeAtMs: null },
    commands: [{ type: 'CloseContact', outcome, missedRequestId }],
  };
}
