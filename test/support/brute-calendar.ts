import { dayNumber, holidays, weekdayOf, years } from './brute-holidays.ts';

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
  /** From the first contact both ways on, that channel alone until Sunday. */
  readonly oneChannelAWeek: boolean;
  /** What a city or a state makes stricter holds as well: see `Place`. */
  readonly localRules: boolean;
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
  oneChannelAWeek: false,
  localRules: false,
};
const free: Law = { ...chile, attemptsADay: none, humanAWeek: none, silentDays: 0, machineIsHuman: false };

const regf: Law = {
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
};

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
    oneChannelAWeek: true,
  },
  'pe-collection': {
    ...free,
    hours: [null, [h7, h20], [h7, h20], [h7, h20], [h7, h20], [h7, h20], null],
    holidays: 'PE',
    messagesAWeek: none,
    hoursBetweenMessages: 0,
  },
  'us-regf-collection': regf,
  'us-strict-collection': { ...regf, localRules: true },
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
/** Weeks begin on Monday: 1970-01-05. */
const weekOf = (day: number): number => Math.floor((day - 4) / 7);

/** Days of rest of a part of Chile. Ley 20.768: Chillán and Chillán Viejo. Ley 20.663: Arica y Parinacota. */
const localHolidays = {
  chillan: new Set(years.map((year) => dayNumber(year, 8, 20))),
  arica: new Set(years.map((year) => dayNumber(year, 6, 7))),
};

/** A part of Chile with a day of rest of its own. */
export type Part = keyof typeof localHolidays;

export interface Place {
  /** All of them must allow it; the first names days and weeks. */
  readonly zones: readonly [string, ...string[]];
  /** Parts of the country in which a person may live whose file says `region`. */
  readonly mayLiveIn: readonly Part[];
  /** As the file says it; null: it says nothing. */
  readonly region: string | null;
  /** Most contacts and attempts in seven days that a city or a state allows, by all channels. */
  readonly contactsInSevenDays?: number;
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

export interface BruteMessage {
  readonly atMs: number;
  readonly requested: boolean;
  readonly channel: 'whatsapp' | 'sms';
  /** When the person answered it. */
  readonly answeredAtMs: number | null;
}

export interface BruteCase extends Place {
  readonly law: LawName;
  readonly calls: readonly BruteCall[];
  readonly messages: readonly BruteMessage[];
  /** The policy's own limit. */
  readonly callsPerDay: number;
}

const openTables = new Map<string, Uint8Array>();

/** 1 for each minute in which the law lets somebody who lives there be reached. */
export function openMinutes(name: LawName, { zones, mayLiveIn }: Place): Uint8Array {
  const key = `${name}/${zones.join()}/${mayLiveIn.join()}`;
  const known = openTables.get(key);
  if (known !== undefined) return known;
  const law: Law = laws[name];
  const table = new Uint8Array(minutes);
  for (let minute = 0; minute < minutes; minute += 1) {
    table[minute] = zones.every((zone) => isOpen(law, clockOf(zone)[minute] ?? 0, mayLiveIn)) ? 1 : 0;
  }
  openTables.set(key, table);
  return table;
}

function isOpen(law: Law, wall: number, mayLiveIn: Place['mayLiveIn']): boolean {
  const day = dayOf(wall);
  const hours = law.hours[weekdayOf(day)];
  if (hours === undefined || hours === null) return false;
  if (law.holidays !== null && holidays[law.holidays].has(day)) return false;
  if (law.holidays === 'CL' && mayLiveIn.some((part) => localHolidays[part].has(day))) return false;
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
    const { answeredAtMs } = message;
    const isThisWeek = answeredAtMs !== null && weekOf(dayAt(answeredAtMs)) === weekOf(today);
    if (law.oneChannelAWeek && isThisWeek) return false;
  }
  if (law.localRules && contactsInSeven(one, atMs) >= (one.contactsInSevenDays ?? none)) return false;
  if (toPerson >= perDay || toPhone >= perDay) return false;
  if (law.oneContactADay && contacts >= 1) return false;
  return inSeven < law.attemptsInSevenDays && humansInWeek < law.humanAWeek;
}

function contactsInSeven(one: BruteCase, atMs: number): number {
  const own = [
    ...one.calls.filter((call) => call.samePerson),
    ...one.messages.filter((message) => !message.requested),
  ];
  return own.filter((contact) => atMs - contact.atMs < 7 * 86_400_000).length;
}

function isHuman(law: Law, call: BruteCall): boolean {
  return call.human || (call.declined && law.declinedIsHuman) || (call.voicemail && law.machineIsHuman);
}

/** May a WhatsApp that nobody asked for be sent at this instant? */
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
  const wrote = one.messages.some(
    ({ channel, answeredAtMs }) =>
      channel === 'sms' && answeredAtMs !== null && weekOf(dayAt(answeredAtMs)) === weekOf(today),
  );
  if (law.localRules && contactsInSeven(one, atMs) >= (one.contactsInSevenDays ?? none)) return false;
  return !(law.oneChannelAWeek && (spoke || wrote));
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
