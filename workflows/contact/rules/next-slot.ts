import type { Slot } from '../../../domain/policy/rules/slot.ts';
import type { ContactState } from '../state.ts';

export interface SlotWish {
  readonly atMs: number;
  readonly notBeforeMs: number;
  /** A slot that has been used: an unanswered call never repeats inside its own wave. */
  readonly avoidSlotKey: string | null;
}

/** A slot that ends sooner than this is not worth a place in the queue. */
const shortestTurnMs = 1_000;

/** The first known slot that the limits of a day leave open. Undefined: plan more. */
export function nextSlot(state: ContactState, wish: SlotWish): Slot | undefined {
  const fromMs = Math.max(wish.atMs, wish.notBeforeMs);
  return state.slots.find(
    (slot) =>
      slot.closesAtMs - fromMs > shortestTurnMs &&
      slot.key !== wish.avoidSlotKey &&
      !state.blockedDays.includes(slot.localDay) &&
      !dayIsFull(state, slot.localDay),
  );
}

/** The person has had every call that one local day allows. */
export function dayIsFull(state: ContactState, localDay: string): boolean {
  return state.rules !== null && (state.callsByDay[localDay] ?? 0) >= state.rules.callsPerDay;
}

/** From when more slots are needed: after the last known one, and not before anything that forbids a call. */
export function planFromMs(state: ContactState, wish: SlotWish): number {
  const last = state.slots.at(-1);
  return Math.max(wish.atMs, wish.notBeforeMs, last?.closesAtMs ?? 0);
}

/**
 * Silent days are counted when a day is over: an answer in the last wave of the third day still saves the contact.
 * True when the next call would fall on a further day.
 */
export function mustExclude(state: ContactState, next: Slot): boolean {
  if (state.rules === null || state.silentDays.length < state.rules.silentDaysToExclude) return false;
  return !state.silentDays.includes(next.localDay);
}
