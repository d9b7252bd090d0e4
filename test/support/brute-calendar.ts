/**
 * The law a second time, by brute force: minute by minute, from the laws and not from rules/, whose code and figures this
 * file must not import. What both say is more likely what the law says.
 */

/** The packs by name, with hours [from, to) in minutes by weekday (0 Sunday … 6 Saturday). */
interface Law {
  readonly hours: readonly (readonly [from: number, to: number] | null)[];
  readonly holidays: 'CL' | 'CO' | 'PE' | null;
  readonly attemptsADay: number;
  /** Calls and messages together, one a day. */
  readonly oneContactADay: boolean;
  readonly humanAWeek: number;
  readonly attemptsInSevenDays: number;
  readonly silentDays: number;
  readonly declinedIsHuman: boolean;
  readonly machineIsHuman: boolean;
  readonly messagesAWeek: number;
  readonly hoursBetweenMessages: number;
  readonly noMessageInWeekOfCall: boolean;
}

const none = Number.POSITIVE_INFINITY;
const [h7, h8, h15, h19, h20, h21] = [420, 480, 900, 1_140, 1_200, 1_260] as const;
const chile: Law = {
  hours: [null, [h8, h20], [h8, h20], [h8, h20], [h8, h20], [h8, h20], [h8, h20]],
  holidays: 'CL',
  attemptsADay: 1,
  oneContactADay: false,
  humanAWeek: 1,
  attemptsInSevenDays: none,
  silentDays: 7,
  declinedIsHuman: true,
  machineIsHuman: true,
  messagesAWeek: 2,
  hoursBetweenMessages: 48,
  noMessageInWeekOfCall: false,
};
const free: Law = { ...chile, attemptsADay: none, humanAWeek: none, silentDays: 0, machineIsHuman: false };

export const laws = {
  'cl-collection-strict': chile,
  'cl-collection-waves': { ...chile, attemptsADay: 3, humanAWeek: none, machineIsHuman: false },
  'co-collection': {
    ...free,
    hours: [null, [h7, h19], [h7, h19], [h7, h19], [h7, h19], [h7, h19], [h8, h15]],
    holidays: 'CO',
    attemptsADay: 1,
    oneContactADay: true,
    messagesAWeek: none,
    hoursBetweenMessages: 0,
    noMessageInWeekOfCall: true,
  },
  'pe-collection': {
    ...free,
    hours: [null, [h7, h20], [h7, h20], [h7, h20], [h7, h20], [h7, h20], null],
    holidays: 'PE',
    messagesAWeek: none,
    hoursBetweenMessages: 0,
  },
  'us-regf-collection': {
    ...free,
    hours: [
      [h8, h21],
      [h8, h21],
      [h8, h21],
      [h8, h21],
      [h8, h21],
      [h8, h21],
      [h8, h21],
    ],
    holidays: null,
    attemptsInSevenDays: 7,
    silentDays: 7,
    declinedIsHuman: false,
    messagesAWeek: none,
    hoursBetweenMessages: 0,
  },
} as const satisfies Readonly<Record<string, Law>>;

export type LawName = keyof typeof laws;

const minuteMs = 60_000;
const dayMinutes = 1_440;
/** What the tables hold. Minute 0 is a midnight in UTC. */
export const firstMs = Date.UTC(2026, 11, 1);
const minutes = Math.round((Date.UTC(2028, 4, 1) - firstMs) / minuteMs);

/** One zone, minute by minute: its wall clock as minutes since 1970-01-01 00:00 on that clock. */
function wallClock(zone: string): Int32Array {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const wall = new Int32Array(minutes);
  // Clocks change on the hour of UTC in every zone here: one look an hour, and the minutes in it follow.
  for (let minute = 0; minute < minutes; minute += 60) {
    const parts = format.formatToParts(firstMs + minute * minuteMs);
    const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
    const day = Date.UTC(part('year'), part('month') - 1, part('day')) / minuteMs;
    const start = day + part('hour') * 60 + part('minute');
    for (let offset = 0; offset < 60; offset += 1) wall[minute + offset] = start + offset;
  }
  return wall;
}

const clocks = new Map<string, Int32Array>();
function clockOf(zone: string): Int32Array {
  const known = clocks.get(zone) ?? wallClock(zone);
  clocks.set(zone, known);
  return known;
}

const dayOf = (wall: number): number => Math.floor(wall / dayMinutes);
/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (day + 4) % 7;
/** Weeks begin on Monday: 1970-01-05. */
const weekOf = (day: number): number => Math.floor((day - 4) / 7);

const dayNumber = (year: number, month: number, day: number): number =>
  Date.UTC(year, month - 1, day) / 86_400_000;

/** Easter Sunday, by the anonymous Gregorian computus. */
function easter(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return dayNumber(year, month, ((h + l - 7 * m + 114) % 31) + 1);
}

type MonthDay = readonly [month: number, day: number];
const fixed = (year: number, days: readonly MonthDay[]): number[] =>
  days.map(([month, day]) => dayNumber(year, month, day));

/** Ley 19.668: 29 June and 12 October go to the Monday of their week from Tuesday to Thursday, and from Friday to the next. */
function toMondayOfChile(day: number): number {
  const weekday = weekdayOf(day);
  if (weekday >= 2 && weekday <= 4) return day - (weekday - 1);
  return weekday === 5 ? day + 3 : day;
}

/** Ley 21.357: the day of the winter solstice. */
const solstice: Readonly<Record<number, number>> = { 2026: 21, 2027: 21, 2028: 20 };

function chileanHolidays(year: number): number[] {
  const list = fixed(year, [
    [1, 1],
    [5, 1],
    [5, 21],
    [6, solstice[year] ?? 21],
    [7, 16],
    [8, 15],
    [9, 18],
    [9, 19],
    [11, 1],
    [12, 8],
    [12, 25],
  ]);
  list.push(easter(year) - 2, easter(year) - 1);
  list.push(toMondayOfChile(dayNumber(year, 6, 29)), toMondayOfChile(dayNumber(year, 10, 12)));
  // Ley 20.299: 31 October from Tuesday to the Friday before, from Wednesday to the Friday after.
  const reform = dayNumber(year, 10, 31);
  list.push(reform + (weekdayOf(reform) === 2 ? -4 : weekdayOf(reform) === 3 ? 2 : 0));
  // Leyes 20.215 and 20.983: the days that would stand alone beside the national ones.
  for (const [month, day, weekdays] of [
    [1, 2, [1]],
    [9, 17, [1, 5]],
    [9, 20, [5]],
  ] as const) {
    const candidate = dayNumber(year, month, day);
    if ((weekdays as readonly number[]).includes(weekdayOf(candidate))) list.push(candidate);
  }
  return list;
}

/** Ley 51 de 1983: most go to the Monday that follows. 9 July since 2026. */
function colombianHolidays(year: number): number[] {
  const moved = fixed(year, [
    [1, 6],
    [3, 19],
    [6, 29],
    [7, 9],
    [8, 15],
    [10, 12],
    [11, 1],
    [11, 11],
  ]).map((day) => day + ((8 - weekdayOf(day)) % 7));
  const kept = fixed(year, [
    [1, 1],
    [5, 1],
    [7, 20],
    [8, 7],
    [12, 8],
    [12, 25],
  ]);
  const sunday = easter(year);
  // Ascension, Corpus Christi and Sagrado Corazón, each on its Monday.
  return [...moved, ...kept, sunday - 3, sunday - 2, sunday + 43, sunday + 64, sunday + 71];
}

/** D. Leg. 713 and the laws that added to it. */
function peruvianHolidays(year: number): number[] {
  const list = fixed(year, [
    [1, 1],
    [5, 1],
    [6, 7],
    [6, 29],
    [7, 23],
    [7, 28],
    [7, 29],
    [8, 6],
    [8, 30],
    [10, 8],
    [11, 1],
    [12, 8],
    [12, 9],
    [12, 25],
  ]);
  return [...list, easter(year) - 3, easter(year) - 2];
}

const years = [2026, 2027, 2028];
const holidays = {
  CL: new Set(years.flatMap(chileanHolidays)),
  CO: new Set(years.flatMap(colombianHolidays)),
  PE: new Set(years.flatMap(peruvianHolidays)),
};
/** Ley 20.768. */
const chillan = new Set(years.map((year) => dayNumber(year, 8, 20)));

export interface Place {
  /** All of them must allow it; the first names days and weeks. */
  readonly zones: readonly [string, ...string[]];
  readonly inChillan: boolean;
}

export interface BruteCall {
  readonly atMs: number;
  readonly endedAtMs: number;
  readonly samePerson: boolean;
  readonly samePhone: boolean;
  readonly human: boolean;
  readonly declined: boolean;
  readonly voicemail: boolean;
}

export interface BruteCase extends Place {
  readonly law: LawName;
  readonly calls: readonly BruteCall[];
  readonly messages: readonly { readonly atMs: number; readonly requested: boolean }[];
  /** The policy's own limit. */
  readonly callsPerDay: number;
}

const openTables = new Map<string, Uint8Array>();

/** 1 for each minute in which the law lets somebody who lives there be reached. */
export function openMinutes(name: LawName, { zones, inChillan }: Place): Uint8Array {
  const key = `${name}/${zones.join()}/${inChillan}`;
  const known = openTables.get(key);
  if (known !== undefined) return known;
  const law: Law = laws[name];
  const table = new Uint8Array(minutes);
  for (let minute = 0; minute < minutes; minute += 1) {
    table[minute] = zones.every((zone) => isOpen(law, clockOf(zone)[minute] ?? 0, inChillan)) ? 1 : 0;
  }
  openTables.set(key, table);
  return table;
}

function isOpen(law: Law, wall: number, inChillan: boolean): boolean {
  const day = dayOf(wall);
  const hours = law.hours[weekdayOf(day)];
  if (hours === undefined || hours === null) return false;
  if (law.holidays !== null && holidays[law.holidays].has(day)) return false;
  if (law.holidays === 'CL' && inChillan && chillan.has(day)) return false;
  const minute = wall % dayMinutes;
  return minute >= hours[0] && minute < hours[1];
}

const minuteOf = (atMs: number): number => Math.floor((atMs - firstMs) / minuteMs);

/** May the person be called at this instant? */
export function mayCall(one: BruteCase, atMs: number): boolean {
  return openMinutes(one.law, one)[minuteOf(atMs)] === 1 && withinCallLimits(one, atMs);
}

function withinCallLimits(one: BruteCase, atMs: number): boolean {
  const law: Law = laws[one.law];
  const clock = clockOf(one.zones[0]);
  const dayAt = (ms: number): number => dayOf(clock[minuteOf(ms)] ?? 0);
  const today = dayAt(atMs);
  const perDay = Math.min(law.attemptsADay, one.callsPerDay);
  let [toPerson, toPhone, contacts, inSeven, humansInWeek] = [0, 0, 0, 0, 0];
  for (const call of one.calls) {
    const isToday = dayAt(call.atMs) === today;
    if (isToday && call.samePhone) toPhone += 1;
    if (!call.samePerson) continue;
    if (isToday) {
      toPerson += 1;
      contacts += 1;
    }
    if (atMs - call.atMs < 7 * 86_400_000) inSeven += 1;
    if (!isHuman(law, call)) continue;
    if (weekOf(dayAt(call.atMs)) === weekOf(today)) humansInWeek += 1;
    if (atMs < call.endedAtMs + law.silentDays * 86_400_000) return false;
  }
  for (const message of one.messages) {
    if (!message.requested && dayAt(message.atMs) === today) contacts += 1;
  }
  if (toPerson >= perDay || toPhone >= perDay) return false;
  if (law.oneContactADay && contacts >= 1) return false;
  return inSeven < law.attemptsInSevenDays && humansInWeek < law.humanAWeek;
}

function isHuman(law: Law, call: BruteCall): boolean {
  return call.human || (call.declined && law.declinedIsHuman) || (call.voicemail && law.machineIsHuman);
}

/** May a message that nobody asked for be sent at this instant? */
export function mayWrite(one: BruteCase, atMs: number): boolean {
  const law: Law = laws[one.law];
  if (openMinutes(one.law, one)[minuteOf(atMs)] !== 1) return false;
  const clock = clockOf(one.zones[0]);
  const dayAt = (ms: number): number => dayOf(clock[minuteOf(ms)] ?? 0);
  const today = dayAt(atMs);
  const counted = one.messages.filter((message) => !message.requested);
  const inWeek = counted.filter((message) => weekOf(dayAt(message.atMs)) === weekOf(today));
  if (inWeek.length >= law.messagesAWeek) return false;
  if (counted.some((message) => atMs - message.atMs < law.hoursBetweenMessages * 3_600_000)) return false;
  const own = one.calls.filter((call) => call.samePerson);
  const isToday = (contact: { readonly atMs: number }): boolean => dayAt(contact.atMs) === today;
  if (law.oneContactADay && (own.some(isToday) || counted.some(isToday))) return false;
  const spoke = own.some((call) => isHuman(law, call) && weekOf(dayAt(call.atMs)) === weekOf(today));
  return !(law.noMessageInWeekOfCall && spoke);
}

/** The first whole minute from the instant on in which `may` holds, looked for one by one. */
export function nextMinute(
  one: BruteCase,
  fromMs: number,
  days: number,
  may: (one: BruteCase, atMs: number) => boolean,
): number | undefined {
  const open = openMinutes(one.law, one);
  const first = Math.ceil((fromMs - firstMs) / minuteMs);
  for (let minute = first; minute < first + days * dayMinutes; minute += 1) {
    // Only a shortcut: `may` looks at the hours as well.
    if (open[minute] === 1 && may(one, firstMs + minute * minuteMs)) return firstMs + minute * minuteMs;
  }
  return undefined;
}

/** The first wave of ninety minutes that is not over, as the run of open minutes in it. */
export function nextWave(
  one: BruteCase,
  fromMs: number,
  startMinutes: readonly number[],
): { readonly opensAtMs: number; readonly closesAtMs: number } | undefined {
  const open = openMinutes(one.law, one);
  const clock = clockOf(one.zones[0]);
  const waveOf = (minute: number): string | undefined => {
    const wall = clock[minute] ?? 0;
    const start = startMinutes.find((from) => wall % dayMinutes >= from && wall % dayMinutes < from + 90);
    return start === undefined || open[minute] !== 1 ? undefined : `${dayOf(wall)}/${start}`;
  };
  let minute = minuteOf(fromMs);
  const last = minute + 40 * dayMinutes;
  while (minute < last && waveOf(minute) === undefined) minute += 1;
  const wave = waveOf(minute);
  if (wave === undefined) return undefined;
  let [opens, closes] = [minute, minute];
  while (waveOf(opens - 1) === wave) opens -= 1;
  while (waveOf(closes) === wave) closes += 1;
  return { opensAtMs: firstMs + opens * minuteMs, closesAtMs: firstMs + closes * minuteMs };
}
