import { DateTime } from 'luxon';
import type { Zones } from '../policy/rules/calendar.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { Policy } from '../policy/rules/policy.ts';
import type { Slot } from '../policy/rules/slot.ts';
import { planSlots, slotAt } from '../policy/rules/slots.ts';

/** Slots that one look at the calendar gives: as many as the activity of a real contact reads. */
const slotsPerPlan = 12;
/** How far one search for slots goes, in slots. */
const slotsPerSearch = 120;
const hourMs = 3_600_000;

/**
 * The calendar of one zone, computed once for everybody in it. The same `planSlots` as in production; only its answers
 * are kept, because 100,000 people ask the same questions.
 */
export class ZoneCalendar {
  readonly zones: Zones;
  #known: Slot[] = [];
  #knownFromMs: number;
  readonly #policy: Policy;
  readonly #pack: RulePack;
  /** By the index of their first slot. */
  #plans = new Map<number, readonly Slot[]>();
  #instants = new Map<string, number>();
  #agreed = new Map<string, { readonly slot: Slot | undefined }>();
  #days = new Map<number, { readonly localDay: string; readonly hour: number }>();

  constructor(policy: Policy, pack: RulePack, zones: Zones, fromMs: number) {
    this.#policy = policy;
    this.#pack = pack;
    this.zones = zones;
    this.#knownFromMs = fromMs;
  }

  /** Interval waves are counted from each contact's own opening, and cannot be shared. */
  slots(fromMs: number, anchorMs: number): readonly Slot[] {
    if (this.#policy.schedule.mode === 'interval' || fromMs < this.#knownFromMs) {
      return this.#plan(fromMs, anchorMs, slotsPerPlan);
    }
    let first = this.#firstAfter(fromMs);
    if (first + slotsPerPlan > this.#known.length) {
      const lastMs = this.#known.at(-1)?.closesAtMs ?? this.#knownFromMs;
      this.#known.push(...this.#plan(Math.max(lastMs, this.#knownFromMs), anchorMs, slotsPerSearch));
      first = this.#firstAfter(fromMs);
    }
    // A search that ends long before what is asked for: asked directly.
    if (first >= this.#known.length) return this.#plan(fromMs, anchorMs, slotsPerPlan);
    const shared = this.#plans.get(first);
    if (shared !== undefined) return shared;
    const plan = this.#known.slice(first, first + slotsPerPlan);
    this.#plans.set(first, plan);
    return plan;
  }

  /** The local day and hour of an instant. Zones change their clocks on the quarter of an hour at the finest. */
  local(atMs: number): { readonly localDay: string; readonly hour: number } {
    const key = Math.floor(atMs / (hourMs / 4));
    const known = this.#days.get(key);
    if (known !== undefined) return known;
    const local = DateTime.fromMillis(atMs, { zone: this.zones[0] });
    const found = { localDay: local.toISODate() ?? '', hour: local.hour };
    this.#days.set(key, found);
    return found;
  }

  /** An hour of a local day by its wall clock. */
  instant(localDay: string, hour: number): number {
    const key = `${localDay}/${hour}`;
    const known = this.#instants.get(key);
    if (known !== undefined) return known;
    const atMs = DateTime.fromISO(localDay, { zone: this.zones[0] }).set({ hour }).toMillis();
    this.#instants.set(key, atMs);
    return atMs;
  }

  /** The slot of a call that is agreed on for an hour; undefined where the law allows none. */
  agreedSlot(localDay: string, hour: number): Slot | undefined {
    const key = `${localDay}/${hour}`;
    const known = this.#agreed.get(key);
    if (known !== undefined) return known.slot;
    const slot = slotAt(this.#pack, this.zones, this.instant(localDay, hour));
    this.#agreed.set(key, { slot });
    return slot;
  }

  #plan(fromMs: number, anchorMs: number, count: number): readonly Slot[] {
    return planSlots({ policy: this.#policy, pack: this.#pack, zones: this.zones, fromMs, anchorMs, count });
  }

  /** Index of the first known slot that closes after an instant. */
  #firstAfter(fromMs: number): number {
    let [low, high] = [0, this.#known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#known[middle]?.closesAtMs ?? Infinity) > fromMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
