import { numberAt, numbersAt } from './numbers.ts';
import type { Token } from './words.ts';

export type Part = 'morning' | 'afternoon' | 'night' | 'dawn' | 'noon' | 'am' | 'pm';

/** Why an hour that was understood is none. */
export type HourFault = 'no_such_time' | 'day_part' | 'midnight';

/** An hour as it was said, before a part of the day has made it one of the clock. */
export interface SaidHour {
  readonly hour: number;
  readonly minute: number;
  /** 'un cuarto para las ocho': fifteen. */
  readonly minutesBefore: number;
  /** In figures of a clock, '03:30': what it says. */
  readonly isExact: boolean;
  readonly part: Part | undefined;
}

interface Found<T> {
  readonly value: T;
  readonly next: number;
}

/** What a part of the day is, in minutes from midnight. */
export const rangeOfPart: Readonly<Record<Part, readonly [from: number, to: number]>> = {
  dawn: [0, 360],
  morning: [360, 720],
  am: [0, 720],
  noon: [720, 960],
  afternoon: [720, 1200],
  pm: [720, 1440],
  night: [1140, 1440],
};

/** Minutes from midnight. An hour from one to seven without more is of the afternoon: nobody asks for a call at three at night. */
export function minutesOf(said: SaidHour): number | HourFault {
  const { hour, minute, minutesBefore } = said;
  if (hour > 24 || minute > 59) return 'no_such_time';
  const full = hourOf(said);
  return typeof full === 'number' ? (full * 60 + minute - minutesBefore + 1440) % 1440 : full;
}

function hourOf({ hour, isExact, part }: SaidHour): number | HourFault {
  const isMidnight = hour === 0 || hour === 24;
  switch (part) {
    case undefined:
      if (isExact && hour < 24) return hour;
      return isMidnight ? 'midnight' : hour <= 7 ? hour + 12 : hour;
    case 'morning':
    case 'am':
      return (hour >= 1 && hour <= 11) || (isExact && hour === 0) ? hour : 'day_part';
    case 'dawn':
      return isMidnight || hour === 12 ? 'midnight' : hour <= 6 ? hour : 'day_part';
    case 'noon':
      return within(hour, 1, 4) ? hour + 12 : within(hour, 10, 16) ? hour : 'day_part';
    case 'afternoon':
      return within(hour, 1, 8) ? hour + 12 : within(hour, 12, 20) ? hour : 'day_part';
    case 'pm':
      return within(hour, 1, 11) ? hour + 12 : within(hour, 12, 23) ? hour : 'day_part';
    case 'night':
      if (isMidnight || hour === 12) return 'midnight';
      return within(hour, 6, 11) ? hour + 12 : within(hour, 19, 23) ? hour : 'day_part';
    default: {
      const unreachable: never = part;
      return unreachable;
    }
  }
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

const namedParts: Readonly<Record<string, Part>> = {
  manana: 'morning',
  tarde: 'afternoon',
  noche: 'night',
  madrugada: 'dawn',
};

function partNamed(word: string | undefined): Part | undefined {
  return word !== undefined && Object.hasOwn(namedParts, word) ? namedParts[word] : undefined;
}

/** 'en la tarde', 'por la mañana', 'temprano': a part of a day that stands by itself. */
export function partAt(tokens: readonly Token[], at: number): Found<Part> | undefined {
  const [first, second, third] = [0, 1, 2].map((offset) => tokens[at + offset]?.text);
  if (first === 'temprano' || first === 'tempranito') return { value: 'morning', next: at + 1 };
  if (first === 'a' && second === 'primera' && third === 'hora') return { value: 'morning', next: at + 3 };
  const isAfterLa = second === 'la' && ['en', 'por', 'a', 'de'].includes(first ?? '');
  const part = isAfterLa ? partNamed(third) : undefined;
  if (part !== undefined) return { value: part, next: at + 3 };
  const isBare = first === 'de' && (second === 'tarde' || second === 'noche');
  const bare = isBare ? partNamed(second) : undefined;
  return bare === undefined ? undefined : { value: bare, next: at + 2 };
}

/** 'esta tarde': the part of today. */
export function partOfTodayAt(tokens: readonly Token[], at: number): Found<Part> | undefined {
  const part = tokens[at]?.text === 'esta' ? partNamed(tokens[at + 1]?.text) : undefined;
  return part === undefined ? undefined : { value: part, next: at + 2 };
}

/** What belongs to the hour just said: 'hrs', 'en punto', 'de la tarde', 'pm', 'del día'. */
function suffixAt(
  tokens: readonly Token[],
  at: number,
): Found<Part | undefined> & { readonly isMark: boolean } {
  let next = at;
  const text = (offset: number): string | undefined => tokens[next + offset]?.text;
  let isMark = false;
  if (text(0) === 'en' && text(1) === 'punto') [next, isMark] = [next + 2, true];
  if (['hrs', 'hr', 'horas', 'hora', 'h'].includes(text(0) ?? '')) [next, isMark] = [next + 1, true];
  const two = `${text(0) ?? ''} ${text(1) ?? ''}`;
  const meridiem =
    text(0) === 'am' || two === 'a m' ? 'am' : text(0) === 'pm' || two === 'p m' ? 'pm' : undefined;
  if (meridiem !== undefined) {
    return { value: meridiem, next: next + (text(0) === meridiem ? 1 : 2), isMark: true };
  }
  if (two === 'del dia') return { value: 'noon', next: next + 2, isMark: true };
  const part = two === 'de la' ? partNamed(text(2)) : undefined;
  return part === undefined
    ? { value: undefined, next, isMark }
    : { value: part, next: next + 3, isMark: true };
}

/** What stands between the hour and its part: the minutes after it, or before it. */
interface Minutes {
  readonly minute: number;
  readonly minutesBefore: number;
  readonly next: number;
  readonly isMark: boolean;
  /** Joined by 'y' alone. */
  readonly isLoose?: boolean;
}

function minutesAt(tokens: readonly Token[], at: number, isBetween: boolean): Minutes | undefined {
  const [link, word] = [tokens[at]?.text, tokens[at + 1]?.text];
  const none = { minute: 0, minutesBefore: 0, next: at, isMark: false };
  if (link !== 'y' && link !== 'menos' && link !== 'con') return none;
  const named = word === 'media' ? 30 : word === 'cuarto' ? 15 : undefined;
  if (named !== undefined && link !== 'con' && !(link === 'menos' && word === 'media')) {
    const count = link === 'y' ? { minute: named, minutesBefore: 0 } : { minute: 0, minutesBefore: named };
    return { ...count, next: at + 2, isMark: true };
  }
  // 'entre 3 y 5' is no hour and five minutes.
  if (isBetween && link === 'y') return none;
  const number = numberAt(tokens, at + 1);
  // 'a las 10 y el martes': the link is of something else.
  if (number === undefined) return none;
  if (number.value < 1 || number.value > 59) return undefined;
  const count =
    link === 'menos'
      ? { minute: 0, minutesBefore: number.value }
      : { minute: number.value, minutesBefore: 0 };
  return { ...count, next: number.next, isMark: false, isLoose: link === 'y' };
}

/** Numbers in a row as one hour: 'quince treinta', 'uno nueve treinta', '1530'. One that could be two hours is none. */
function hourOfRun(digits: readonly string[]): readonly [hour: number, minute: number] | undefined {
  const [first = '', second = ''] = digits;
  const whole = digits.join('');
  if (digits.length === 1 && first.length <= 2) return [Number(first), 0];
  // 'tres cinco' is five past three, or thirty-five.
  if (digits.length === 2 && second.length === 2 && first.length <= 2) return [Number(first), Number(second)];
  if (digits.length === 2 || whole.length < 3 || whole.length > 4) return undefined;
  return [Number(whole.slice(0, -2)), Number(whole.slice(-2))];
}

/** An hour there. `how`: marked ('a las'), bare (only what shows by itself that it is one), or one end of 'entre 3 y 5'. */
export function hourAt(
  tokens: readonly Token[],
  at: number,
  how: 'marked' | 'bare' | 'between',
): Found<SaidHour> | undefined {
  const token = tokens[at];
  if (token?.kind === 'clock') {
    const [hour = '', minute = ''] = token.text.split(/[:.h]/);
    const { value: part, next } = suffixAt(tokens, at + 1);
    const isExact = hour.startsWith('0');
    return {
      value: { hour: Number(hour), minute: Number(minute), minutesBefore: 0, isExact, part },
      next,
    };
  }
  const run = numbersAt(tokens, at);
  const last = run.at(-1);
  const read = hourOfRun(run.map(({ digits }) => digits));
  if (last === undefined || read === undefined) return undefined;
  const [hour, minute] = read;
  const more: Minutes | undefined =
    run.length > 1
      ? { minute, minutesBefore: 0, next: last.next, isMark: false }
      : minutesAt(tokens, last.next, how === 'between');
  // 'a las 4 y 5' are two hours to some, and '10 y 11' to everybody.
  if (more === undefined || (more.isLoose && (more.minute % 5 !== 0 || more.minute === hour + 1)))
    return undefined;
  const suffix = suffixAt(tokens, more.next);
  // 'dos horas' is a span, 'a las dos horas' and '17 horas' are not.
  const isSpan = tokens[more.next]?.text.startsWith('hora') === true && hour < 13;
  const isMarked = more.isMark || (suffix.isMark && !isSpan);
  if (how === 'bare' && !isMarked) return undefined;
  // A number that is still to come belongs to it, and makes it something else: 'a las cinco para las ocho'.
  if (['para', 'pa'].includes(tokens[suffix.next]?.text ?? '') && tokens[suffix.next + 1]?.text === 'las')
    return undefined;
  return {
    value: {
      hour,
      minute: run.length > 1 || more.next === last.next ? minute : more.minute,
      minutesBefore: more.minutesBefore,
      isExact: false,
      part: suffix.value,
    },
    next: suffix.next,
  };
}

/** 'un cuarto para las ocho', 'diez para las nueve'. */
export function hourToAt(tokens: readonly Token[], at: number): Found<SaidHour> | undefined {
  const from = tokens[at]?.text === 'a' && tokens[at + 1]?.text === 'un' ? at + 1 : at;
  const quarterAt = tokens[from]?.text === 'un' ? from + 1 : from;
  const isQuarter = tokens[quarterAt]?.text === 'cuarto';
  const number = isQuarter ? undefined : numberAt(tokens, from);
  const minutes = isQuarter ? 15 : number?.value;
  let next = isQuarter ? quarterAt + 1 : (number?.next ?? from);
  if (minutes === undefined || minutes < 1 || minutes > 59) return undefined;
  if (tokens[next]?.text === 'minutos') next += 1;
  const isTo =
    ['para', 'pa'].includes(tokens[next]?.text ?? '') && ['las', 'la'].includes(tokens[next + 1]?.text ?? '');
  const hour = isTo ? hourAt(tokens, next + 2, 'marked') : undefined;
  if (hour === undefined || hour.value.minute !== 0 || hour.value.minutesBefore !== 0) return undefined;
  return { value: { ...hour.value, minutesBefore: minutes }, next: hour.next };
}
