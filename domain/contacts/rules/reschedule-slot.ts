import { DateTime } from 'luxon';
import {
  legalWindowsOfDay,
  localDayOf,
  type LegalWindow,
  type Zones,
  whyClosed,
} from '../../policy/rules/calendar.ts';
import type { RulePack } from '../../policy/rules/pack.ts';
import type { Slot } from '../../policy/rules/slot.ts';
import { slotAt } from '../../policy/rules/slots.ts';
import type { AskReason } from './spoken-time/meaning.ts';
import { readWish, type SaidWish } from './wish.ts';

/** What every wish is judged by. */
export interface WishCalendar {
  readonly pack: RulePack;
  /** The person's; the first of them is what a local time is read in. */
  readonly zones: Zones;
  readonly nowMs: number;
  /** A call is agreed on at most so many days ahead. Default: `horizonDays`. */
  readonly horizonDays?: number;
}

export interface WishedInstant extends WishCalendar {
  /** ISO 8601 with an offset, or a local 'YYYY-MM-DDTHH:mm' on the person's own clock. */
  readonly at: string;
}

/** Why a call is not agreed on: the calendar's no, or what was not said. */
export type SlotRule =
  | 'no_such_time'
  | 'past'
  | 'horizon'
  | 'holiday'
  | 'weekday'
  | 'hours'
  | 'day_missing'
  | 'time_missing'
  | 'several_days'
  | 'several_times'
  | 'which_day'
  | 'days_disagree'
  | 'day_part'
  | 'other_day'
  | 'declined'
  | 'not_understood'
  | 'nothing_said';

export type ChosenSlot =
  | { readonly ok: true; readonly slot: Slot }
  | {
      readonly ok: false;
      readonly rule: SlotRule;
      /**
       * Nearest allowed instants, in the person's zone; null when there is none within reach. Of a day without a time:
       * the first and the last one of that day. Of a time without a day: the next day that allows it.
       */
      readonly before: string | null;
      readonly after: string | null;
    };

/** The longest that any policy looks ahead. */
export const horizonDays = 30;
const dayMs = 86_400_000;
const minuteMs = 60_000;
/** An instant nearer than this would be past before a line could be asked for. */
const shortestLeadMs = minuteMs;
/** What is suggested leaves time for a line, and is a time that people say. */
const suggestedMinutes = 30;
/** The longest closed stretch of any pack is far shorter. */
const searchDays = 15;

/**
 * The one rule for a wish from whatever side: the slot that it means, or why not and what is near. What was not said is
 * asked for, never made up. Pure.
 */
export function chooseWish(calendar: WishCalendar, wish: SaidWish): ChosenSlot {
  const { zones, nowMs } = calendar;
  const read = readWish(wish, nowMs, zones[0]);
  switch (read.kind) {
    case 'instant':
      return chooseSlot({ ...calendar, at: read.at });
    case 'window':
      return withoutTime(calendar, read.day, read);
    case 'ask':
      return asked(calendar, read);
    case 'nothing':
      return { ok: false, rule: 'nothing_said', ...aroundNow(calendar) };
    default: {
      const unreachable: never = read;
      return unreachable;
    }
  }
}

/** A question is a no with its reason, and with what would do where one day or one hour is known. */
function asked(
  calendar: WishCalendar,
  { why, day, from }: { readonly why: AskReason; readonly day?: string; readonly from?: string },
): ChosenSlot {
  switch (why) {
    case 'time':
      if (day !== undefined) return withoutTime(calendar, day);
      return { ok: false, rule: 'time_missing', ...aroundNow(calendar) };
    case 'day':
      if (from !== undefined) return withoutDay(calendar, from);
      // 'la próxima semana': today would be no answer to it.
      return { ok: false, rule: 'day_missing', before: null, after: null };
    case 'past':
      return refused(calendar, 'past', reachOf(calendar).earliestMs);
    case 'midnight':
      return { ok: false, rule: 'hours', ...aroundNow(calendar) };
    case 'no_such_time':
      return { ok: false, rule: why, before: null, after: null };
    case 'both':
      return { ok: false, rule: 'not_understood', ...aroundNow(calendar) };
    case 'declined':
      // Who wants no call is not offered one.
      return { ok: false, rule: why, before: null, after: null };
    case 'several_days':
    case 'several_times':
    case 'which_day':
    case 'days_disagree':
    case 'day_part':
    case 'other_day':
    case 'not_understood':
      return { ok: false, rule: why, ...aroundNow(calendar) };
    default: {
      const unreachable: never = why;
      return unreachable;
    }
  }
}

/** The slot for a wished instant, or the rule that forbids it and the nearest instants that it allows. Pure. */
export function chooseSlot(wish: WishedInstant): ChosenSlot {
  const atMs = instantOf(wish);
  const { earliestMs, latestMs } = reachOf(wish);
  if (atMs === undefined) return { ok: false, rule: 'no_such_time', before: null, after: null };
  if (atMs < wish.nowMs) return refused(wish, 'past', earliestMs);
  if (atMs > latestMs) return refused(wish, 'horizon', latestMs);
  const slot = slotAt(wish.pack, wish.zones, atMs);
  if (slot !== undefined) return { ok: true, slot };
  // With several zones an instant can be open by the clock of the first one and closed by another's.
  return refused(wish, whyClosed(wish.pack, wish.zones, atMs) ?? 'hours', atMs);
}

/** The nearest days that allow this time; at 22:00 there is none, and the hours are the answer. */
function withoutDay(calendar: WishCalendar, time: string): ChosenSlot {
  const today = DateTime.fromISO(localDayOf(calendar.zones[0], calendar.nowMs), { zone: calendar.zones[0] });
  let byHours: ChosenSlot | undefined;
  for (let days = 0; days <= searchDays; days += 1) {
    const chosen = chooseSlot({ ...calendar, at: `${today.plus({ days }).toISODate() ?? ''}T${time}` });
    if (chosen.ok && chosen.slot.opensAtMs >= reachOf(calendar).earliestMs) {
      return { ok: false, rule: 'day_missing', before: null, after: say(calendar, chosen.slot.opensAtMs) };
    }
    // Not a Sunday's or a holiday's no: at this time no day would do.
    if (!chosen.ok && chosen.rule === 'hours') byHours ??= chosen;
  }
  return byHours ?? { ok: false, rule: 'day_missing', before: null, after: null };
}

/** The first and the last instant of the day, or of the part of it that was said; of one that allows none, why, and what is near. */
function withoutTime(
  calendar: WishCalendar,
  day: string,
  part?: { readonly from: string; readonly to: string },
): ChosenSlot {
  const [zone] = calendar.zones;
  const { earliestMs, latestMs } = reachOf(calendar);
  if (!DateTime.fromISO(day, { zone }).isValid) {
    return { ok: false, rule: 'no_such_time', before: null, after: null };
  }
  const ofPart = (clock: string): number => DateTime.fromISO(`${day}T${clock}`, { zone }).toMillis();
  const [partFromMs, partToMs] = [ofPart(part?.from ?? '00:00'), ofPart(part?.to ?? '24:00')];
  const open = legalWindowsOfDay(calendar.pack, calendar.zones, day).flatMap(({ opensAtMs, closesAtMs }) => {
    const fromMs = Math.max(opensAtMs, earliestMs, partFromMs);
    const toMs = Math.min(lastSuggested(opensAtMs, closesAtMs), latestMs, partToMs);
    return fromMs <= toMs ? [{ fromMs, toMs }] : [];
  });
  const [first, last] = [open[0], open.at(-1)];
  if (first !== undefined && last !== undefined) {
    return {
      ok: false,
      rule: 'time_missing',
      before: say(calendar, first.fromMs),
      after: say(calendar, last.toMs),
    };
  }
  const noon = chooseSlot({ ...calendar, at: `${day}T${part?.from ?? '12:00'}` });
  if (noon.ok && part !== undefined && noon.slot.opensAtMs >= earliestMs) {
    // 'después de las 19:45' of a day that closes at 20:00: too late to be suggested, and still what was said.
    const only = say(calendar, noon.slot.opensAtMs);
    return { ok: false, rule: 'time_missing', before: only, after: only };
  }
  return noon.ok ? refused(calendar, 'hours', calendar.nowMs) : noon;
}

function aroundNow(calendar: WishCalendar): { readonly before: null; readonly after: string | null } {
  const next = refused(calendar, 'past', reachOf(calendar).earliestMs);
  return { before: null, after: next.ok ? null : next.after };
}

function reachOf({ nowMs, horizonDays: days = horizonDays }: WishCalendar): {
  readonly earliestMs: number;
  readonly latestMs: number;
} {
  return { earliestMs: nowMs + shortestLeadMs, latestMs: nowMs + days * dayMs };
}

function instantOf({ at, zones }: WishedInstant): number | undefined {
  const read = DateTime.fromISO(at, { zone: zones[0] });
  if (!read.isValid) return undefined;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(at);
  // 00:30 on the night on which the clock springs forward: luxon would take 01:30 without a word.
  if (!hasOffset && read.toFormat("yyyy-MM-dd'T'HH:mm") !== at.slice(0, 16)) return undefined;
  return read.toMillis();
}

function refused(wish: WishCalendar, rule: SlotRule, aroundMs: number): ChosenSlot {
  const { pack, zones } = wish;
  const { earliestMs, latestMs } = reachOf(wish);
  const windows = windowsAround(pack, zones, aroundMs);
  const after = windows
    .map(({ opensAtMs, closesAtMs }) => ({ atMs: Math.max(opensAtMs, earliestMs, aroundMs), closesAtMs }))
    .find(({ atMs, closesAtMs }) => atMs < closesAtMs && atMs <= latestMs)?.atMs;
  const before = windows
    .toReversed()
    .map(({ opensAtMs, closesAtMs }) => ({
      opensAtMs,
      atMs: Math.min(lastSuggested(opensAtMs, closesAtMs), aroundMs, latestMs),
    }))
    .find(({ opensAtMs, atMs }) => atMs >= opensAtMs && atMs >= earliestMs)?.atMs;
  return {
    ok: false,
    rule,
    // Nothing before the past, and nothing after the last day, is of use to anybody.
    before: rule === 'past' || before === undefined ? null : say(wish, before),
    after: rule === 'horizon' || after === undefined ? null : say(wish, after),
  };
}

/** Half an hour before a window closes; of a shorter one, its last whole minute: its end is not in it. */
function lastSuggested(opensAtMs: number, closesAtMs: number): number {
  const atMs = closesAtMs - suggestedMinutes * minuteMs;
  return atMs >= opensAtMs ? atMs : closesAtMs - minuteMs;
}

function say({ zones }: WishCalendar, ms: number): string {
  return DateTime.fromMillis(ms, { zone: zones[0] }).toISO({ suppressMilliseconds: true }) ?? '';
}

function windowsAround(pack: RulePack, zones: Zones, aroundMs: number): readonly LegalWindow[] {
  const [zone] = zones;
  const day = DateTime.fromISO(localDayOf(zone, aroundMs), { zone });
  const days = Array.from({ length: 2 * searchDays + 1 }, (_, index) =>
    day.plus({ days: index - searchDays }),
  );
  return days.flatMap((date) => legalWindowsOfDay(pack, zones, date.toISODate() ?? ''));
}
