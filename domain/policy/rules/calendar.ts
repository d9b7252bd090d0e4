import { DateTime } from 'luxon';
import { holidayNameOn } from './holidays.ts';
import type { MinuteWindow, RulePack, Weekday } from './pack.ts';

/** A span of instants `[opensAtMs, closesAtMs)` inside one local day in which a call is allowed. */
export interface LegalWindow {
  readonly opensAtMs: number;
  readonly closesAtMs: number;
  /** In the first of the person's zones, 'YYYY-MM-DD'. */
  readonly localDay: string;
}

export type Zones = readonly [string, ...string[]];

const weekdays: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/** Every zone's offset is a whole number of these, and changes at the end of one: a local day ends with one, too. */
const quarterMs = 900_000;
/** A year of one zone; forgotten as a whole when it is full. */
const keptQuarters = 35_040;
const dayOfQuarter = new Map<string, Map<number, string>>();

/** The local day of an instant, 'YYYY-MM-DD'. */
export function localDayOf(zone: string, atMs: number): string {
  let days = dayOfQuarter.get(zone);
  if (days === undefined || days.size >= keptQuarters) {
    days = new Map();
    dayOfQuarter.set(zone, days);
  }
  const quarter = Math.floor(atMs / quarterMs);
  const known = days.get(quarter);
  if (known !== undefined) return known;
  const day = isoDay(DateTime.fromMillis(atMs, { zone }));
  days.set(quarter, day);
  return day;
}

/**
 * The legal windows of one local day (of the first zone): what every zone allows at once. Holidays are those of the
 * pack's country, looked up by each zone's own local day, so a zone that is still in yesterday is judged by yesterday.
 */
export function legalWindowsOfDay(pack: RulePack, zones: Zones, localDay: string): readonly LegalWindow[] {
  const [first, ...others] = zones;
  let spans = spansOfDay(pack, first, localDay);
  for (const zone of others) {
    // A zone apart by hours can have parts of the neighbouring days in this one.
    const around = [-1, 0, 1].flatMap((days) => spansOfDay(pack, zone, dayAfter(localDay, days)));
    spans = intersect(spans, around);
  }
  return spans.map(([opensAtMs, closesAtMs]) => ({ opensAtMs, closesAtMs, localDay }));
}

export type WhyClosed = 'holiday' | 'weekday' | 'hours' | undefined;

const minuteMs = 60_000;
/** A month of one pack in one set of zones; forgotten as a whole when it is full. */
const keptMinutes = 43_200;
const closedAtMinute = new WeakMap<RulePack, Map<string, Map<number, WhyClosed>>>();

/** Why an instant is not allowed, or undefined when it is. Windows, offsets and days begin and end with a minute. */
export function whyClosed(pack: RulePack, zones: Zones, atMs: number): WhyClosed {
  let byZones = closedAtMinute.get(pack);
  if (byZones === undefined) closedAtMinute.set(pack, (byZones = new Map()));
  const key = zones.length === 1 ? zones[0] : zones.join(' ');
  let minutes = byZones.get(key);
  if (minutes === undefined || minutes.size >= keptMinutes) byZones.set(key, (minutes = new Map()));
  const minute = Math.floor(atMs / minuteMs);
  if (minutes.has(minute)) return minutes.get(minute);
  const found = findWhyClosed(pack, zones, atMs);
  minutes.set(minute, found);
  return found;
}

function findWhyClosed(pack: RulePack, zones: Zones, atMs: number): WhyClosed {
  for (const zone of zones) {
    const localDay = localDayOf(zone, atMs);
    if (holidayName(pack, localDay) !== undefined) return 'holiday';
    if (windowsOn(pack, localDay).length === 0) return 'weekday';
    const inside = spansOfDay(pack, zone, localDay).some(([opens, closes]) => opens <= atMs && atMs < closes);
    if (!inside) return 'hours';
  }
  return undefined;
}

/** How many local days are searched for an opening: the longest closed stretch of any pack is far shorter. */
const searchDays = 45;

/** The first instant from `fromMs` on that every zone allows; undefined when there is none for `searchDays` days. */
export function nextOpening(pack: RulePack, zones: Zones, fromMs: number): number | undefined {
  const today = localDayOf(zones[0], fromMs);
  for (let searched = 0; searched <= searchDays; searched += 1) {
    const windows = legalWindowsOfDay(pack, zones, dayAfter(today, searched));
    const open = windows.find((window) => fromMs < window.closesAtMs);
    if (open !== undefined) return Math.max(open.opensAtMs, fromMs);
  }
  return undefined;
}

/** The pack as it holds for messages, which may have hours of their own. */
export function forMessages(pack: RulePack): RulePack {
  return pack.messageWindows === undefined ? pack : { ...pack, windows: pack.messageWindows };
}

/** The first instant of the local day (of that zone) so many days after the one of `atMs`. */
export function startOfDayAfter(zone: string, atMs: number, days: number): number {
  return DateTime.fromMillis(atMs, { zone }).plus({ days }).startOf('day').toMillis();
}

/** Monday 00:00 of the local week of an instant. */
export function startOfWeek(zone: string, atMs: number): number {
  return DateTime.fromMillis(atMs, { zone }).startOf('week').toMillis();
}

/** Monday 00:00 of the local week after the one of an instant. */
export function startOfNextWeek(zone: string, atMs: number): number {
  return DateTime.fromMillis(atMs, { zone }).startOf('week').plus({ weeks: 1 }).toMillis();
}

type Span = readonly [opensAtMs: number, closesAtMs: number];

function spansOfDay(pack: RulePack, zone: string, localDay: string): readonly Span[] {
  if (holidayName(pack, localDay) !== undefined) return [];
  return windowsOn(pack, localDay).map(({ from, to }) => [
    instantOf(zone, localDay, from),
    instantOf(zone, localDay, to),
  ]);
}

/** The same few minutes of the same few days are asked for again and again, and finding one takes a calendar. */
const instants = new Map<string, number>();
const mostInstants = 50_000;

function instantOf(zone: string, localDay: string, minuteOfDay: number): number {
  const key = `${zone} ${localDay} ${minuteOfDay}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const instantMs = localMinute(zone, localDay, minuteOfDay).toMillis();
  if (Number.isNaN(instantMs)) throw new Error(`no such day or zone: ${localDay} in ${zone}`);
  if (instants.size >= mostInstants) instants.clear();
  instants.set(key, instantMs);
  return instantMs;
}

/** Days of a calendar, which no clock changes. */
function dayAfter(localDay: string, days: number): string {
  return new Date(Date.parse(`${localDay}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * An instant by its wall clock, not by adding hours to midnight: on a day on which the clock changes the two differ,
 * and the law means the clock on the wall.
 */
export function localMinute(zone: string, localDay: string, minuteOfDay: number): DateTime {
  const day = DateTime.fromISO(localDay, { zone }).plus({ days: Math.floor(minuteOfDay / 1440) });
  return day.set({ hour: Math.floor((minuteOfDay % 1440) / 60), minute: minuteOfDay % 60 });
}

function windowsOn(pack: RulePack, localDay: string): readonly MinuteWindow[] {
  // 0 is Sunday, which ISO counts last.
  const weekday = weekdays[(new Date(`${localDay}T00:00:00Z`).getUTCDay() + 6) % 7];
  return (weekday === undefined ? undefined : pack.windows[weekday]) ?? [];
}

function holidayName(pack: RulePack, localDay: string): string | undefined {
  if (!pack.closedOnHolidays || pack.country === null) return undefined;
  return holidayNameOn(pack.country, pack.holidayChanges ?? [], localDay);
}

/** Both lists ordered; the parts that are in both. */
function intersect(left: readonly Span[], right: readonly Span[]): readonly Span[] {
  const both: Span[] = [];
  for (const [leftOpens, leftCloses] of left) {
    for (const [rightOpens, rightCloses] of right) {
      const opens = Math.max(leftOpens, rightOpens);
      const closes = Math.min(leftCloses, rightCloses);
      if (opens < closes) both.push([opens, closes]);
    }
  }
  return both;
}

function isoDay(local: DateTime): string {
  const day = local.toISODate();
  if (day === null) throw new Error(`not a valid instant: ${local.invalidExplanation ?? 'unknown reason'}`);
  return day;
}
