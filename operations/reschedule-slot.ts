import { DateTime } from 'luxon';
import { legalWindowsOfDay, localDayOf, type LegalWindow, type Zones, whyClosed } from '../rules/calendar.ts';
import type { RulePack } from '../rules/pack.ts';
import type { Slot } from '../rules/slot.ts';
import { slotAt } from '../rules/slots.ts';

export interface WishedInstant {
  readonly pack: RulePack;
  /** The person's; the first of them is what a local time is read in. */
  readonly zones: Zones;
  /** ISO 8601 with an offset, or a local 'YYYY-MM-DDTHH:mm' on the person's own clock. */
  readonly at: string;
  readonly nowMs: number;
}

export type SlotRule = 'no_such_time' | 'past' | 'horizon' | 'holiday' | 'weekday' | 'hours';

export type ChosenSlot =
  | { readonly ok: true; readonly slot: Slot }
  | {
      readonly ok: false;
      readonly rule: SlotRule;
      /** Nearest allowed instants, in the person's zone; null when there is none within reach. */
      readonly before: string | null;
      readonly after: string | null;
    };

/** A call is agreed on at most this many days ahead. */
export const horizonDays = 30;
const dayMs = 86_400_000;
const minuteMs = 60_000;
/** An instant nearer than this would be past before a line could be asked for. */
const shortestLeadMs = minuteMs;
/** The longest closed stretch of any pack is far shorter. */
const searchDays = 15;

/** The slot for a wished instant, or the rule that forbids it and the nearest instants that it allows. Pure. */
export function chooseSlot(wish: WishedInstant): ChosenSlot {
  const atMs = instantOf(wish);
  const earliestMs = wish.nowMs + shortestLeadMs;
  const latestMs = wish.nowMs + horizonDays * dayMs;
  if (atMs === undefined) return { ok: false, rule: 'no_such_time', before: null, after: null };
  if (atMs < wish.nowMs) return refused(wish, 'past', earliestMs);
  if (atMs > latestMs) return refused(wish, 'horizon', latestMs);
  const slot = slotAt(wish.pack, wish.zones, atMs);
  if (slot !== undefined) return { ok: true, slot };
  // With several zones an instant can be open by the clock of the first one and closed by another's.
  return refused(wish, whyClosed(wish.pack, wish.zones, atMs) ?? 'hours', atMs);
}

function instantOf({ at, zones }: WishedInstant): number | undefined {
  const read = DateTime.fromISO(at, { zone: zones[0] });
  if (!read.isValid) return undefined;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(at);
  // 00:30 on the night on which the clock springs forward: luxon would take 01:30 without a word.
  if (!hasOffset && read.toFormat("yyyy-MM-dd'T'HH:mm") !== at.slice(0, 16)) return undefined;
  return read.toMillis();
}

function refused(wish: WishedInstant, rule: SlotRule, aroundMs: number): ChosenSlot {
  const { pack, zones, nowMs } = wish;
  const earliestMs = nowMs + shortestLeadMs;
  const latestMs = nowMs + horizonDays * dayMs;
  const windows = windowsAround(pack, zones, aroundMs);
  const say = (ms: number | undefined): string | null =>
    ms === undefined
      ? null
      : DateTime.fromMillis(ms, { zone: zones[0] }).toISO({ suppressMilliseconds: true });
  const after = windows
    .map(({ opensAtMs, closesAtMs }) => ({ atMs: Math.max(opensAtMs, earliestMs, aroundMs), closesAtMs }))
    .find(({ atMs, closesAtMs }) => atMs < closesAtMs && atMs <= latestMs)?.atMs;
  const before = windows
    .toReversed()
    // The last whole minute of a window: its end is not in it.
    .map(({ opensAtMs, closesAtMs }) => ({
      opensAtMs,
      atMs: Math.min(closesAtMs - minuteMs, aroundMs, latestMs),
    }))
    .find(({ opensAtMs, atMs }) => atMs >= opensAtMs && atMs >= earliestMs)?.atMs;
  return {
    ok: false,
    rule,
    // Nothing before the past, and nothing after the last day, is of use to anybody.
    before: rule === 'past' ? null : say(before),
    after: rule === 'horizon' ? null : say(after),
  };
}

function windowsAround(pack: RulePack, zones: Zones, aroundMs: number): readonly LegalWindow[] {
  const [zone] = zones;
  const day = DateTime.fromISO(localDayOf(zone, aroundMs), { zone });
  const days = Array.from({ length: 2 * searchDays + 1 }, (_, index) =>
    day.plus({ days: index - searchDays }),
  );
  return days.flatMap((date) => legalWindowsOfDay(pack, zones, date.toISODate() ?? ''));
}
