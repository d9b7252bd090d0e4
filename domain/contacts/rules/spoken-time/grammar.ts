import type { DateTime } from 'luxon';
import { DayReader, iso, type SaidDay, type SaidWeek } from './days.ts';
import {
  hourAt,
  hourToAt,
  minutesOf,
  type Part,
  partAt,
  partOfTodayAt,
  rangeOfPart,
  type SaidHour,
} from './hours.ts';
import { spanAt } from './spans.ts';
import {
  asides,
  conditions,
  signs,
  someDay,
  someTime,
  after,
  hourMarks,
  noon,
  midnight,
  openings,
  type SignKind,
} from './lexicon.ts';
import { phraseAt, type Token } from './words.ts';

/** Where a text comes from: a field that is about hours may have one by its number alone. */
export type Place = 'text' | 'day' | 'time';

/** Hours from one to another, in minutes from midnight; or why there are none. */
export type SaidWindow =
  | { readonly from: number; readonly to: number; readonly part?: Part }
  | { readonly fault: 'no_such_time' | 'day_part' | 'midnight' };

export type Piece =
  | ({ readonly kind: 'day'; readonly isNow: boolean } & SaidDay)
  | ({ readonly kind: 'week' } & SaidWeek)
  | { readonly kind: 'hour'; readonly said: SaidHour }
  | { readonly kind: 'window'; readonly window: SaidWindow }
  | { readonly kind: 'span'; readonly minutes: number }
  /** Words about a day, or about an hour, that are none: 'fin de mes', 'al almuerzo'. */
  | { readonly kind: 'some_day' | 'some_time' }
  | { readonly kind: SignKind };

/** One piece of meaning, and whether a pause stood before it. */
export type Item = Piece & { readonly pause: boolean };

interface Found {
  readonly pieces: readonly Piece[];
  readonly next: number;
}

function one(piece: Piece, next: number): Found {
  return { pieces: [piece], next };
}

/** A sentence as pieces of meaning, or undefined when one word of it belongs to none. Each step looks a bounded way ahead. */
export function itemsOf(tokens: readonly Token[], place: Place, now: DateTime): readonly Item[] | undefined {
  const days = new DayReader(tokens, now);
  const items: Item[] = [];
  let pause = false;
  for (let at = 0; at < tokens.length;) {
    pause ||= tokens[at]?.pause === true;
    if (phraseAt(conditions, tokens, at) > 0) return undefined;
    const found = pieceAt(tokens, at, place, days, now);
    if (found !== undefined) {
      for (const piece of found.pieces) {
        items.push({ ...piece, pause });
        pause = false;
      }
      at = found.next;
      continue;
    }
    const aside = phraseAt(asides, tokens, at);
    if (aside === 0) return undefined;
    at += aside;
  }
  return endsInNo(tokens) ? [...items, { kind: 'never', pause: false }] : items;
}

/** 'no me llame', and no day: it is no day that does not suit. */
function endsInNo(tokens: readonly Token[]): boolean {
  const said = tokens.map(({ text }) => text).join(' ');
  return ['no me llame', 'no me llamen', 'no llame', 'no llamen'].includes(said);
}

function pieceAt(
  tokens: readonly Token[],
  at: number,
  place: Place,
  days: DayReader,
  now: DateTime,
): Found | undefined {
  const never = fixedAt(tokens, at, signs.slice(0, 1));
  if (never !== undefined) return never;
  // Longer phrases that begin with a word that is a sign by itself.
  if (phraseAt(asides, tokens, at) > 1) return undefined;
  return (
    nowAt(tokens, at, now) ??
    spanPieceAt(tokens, at, now) ??
    windowAt(tokens, at) ??
    hourPieceAt(tokens, at, place) ??
    partPieceAt(tokens, at, now) ??
    someAt(tokens, at) ??
    weekAt(days, at) ??
    dayAt(days, at) ??
    fixedAt(tokens, at, signs)
  );
}

function fixedAt(tokens: readonly Token[], at: number, known: typeof signs): Found | undefined {
  for (const [kind, phrases] of known) {
    const length = phraseAt(phrases, tokens, at);
    if (length > 0) return one({ kind }, at + length);
  }
  return undefined;
}

/** 'ahora' is today with an hour beside it, and this minute without: who cannot now may well later. */
function nowAt(tokens: readonly Token[], at: number, now: DateTime): Found | undefined {
  if (tokens[at]?.text !== 'ahora') return undefined;
  return one({ kind: 'day', isNow: true, day: iso(now) }, at + 1);
}

function spanPieceAt(tokens: readonly Token[], at: number, now: DateTime): Found | undefined {
  const found = spanAt(tokens, at);
  if (found === undefined) return undefined;
  const { value, next } = found;
  switch (value.kind) {
    case 'minutes':
      return one({ kind: 'span', minutes: value.minutes }, next);
    case 'days':
      return one({ kind: 'day', isNow: false, day: iso(now.plus({ days: value.days })) }, next);
    case 'which_day':
      return one({ kind: 'day', isNow: false, day: { fault: 'which_day' } }, next);
    case 'some_day':
    case 'some_time':
      return one({ kind: value.kind }, next);
    default: {
      const unreachable: never = value;
      return unreachable;
    }
  }
}

function hourPieceAt(tokens: readonly Token[], at: number, place: Place): Found | undefined {
  const named = [noon, midnight].map((phrases) => phraseAt(phrases, tokens, at));
  const length = Math.max(...named);
  if (length > 0) {
    const hour = named[0] === length ? 12 : 0;
    const said = { hour, minute: 0, minutesBefore: 0, isExact: false, part: undefined };
    return one({ kind: 'hour', said }, at + length);
  }
  const to = hourToAt(tokens, at);
  if (to !== undefined) return one({ kind: 'hour', said: to.value }, to.next);
  const mark = phraseAt(hourMarks, tokens, at);
  const marked = mark === 0 ? undefined : hourAt(tokens, at + mark, 'marked');
  const found = marked ?? hourAt(tokens, at, place === 'time' ? 'marked' : 'bare');
  return found === undefined ? undefined : one({ kind: 'hour', said: found.value }, found.next);
}

/** 'en la tarde'; and 'esta tarde', which is a day and a part of it. */
function partPieceAt(tokens: readonly Token[], at: number, now: DateTime): Found | undefined {
  const ofToday = partOfTodayAt(tokens, at);
  const found = ofToday ?? partAt(tokens, at);
  if (found === undefined) return undefined;
  const [from, to] = rangeOfPart[found.value];
  const part: Piece = { kind: 'window', window: { from, to, part: found.value } };
  const today: Piece = { kind: 'day', isNow: false, day: iso(now) };
  return { pieces: ofToday === undefined ? [part] : [today, part], next: found.next };
}

function someAt(tokens: readonly Token[], at: number): Found | undefined {
  const day = phraseAt(someDay, tokens, at);
  const time = phraseAt(someTime, tokens, at);
  if (day === 0 && time === 0) return undefined;
  // 'después del viernes' is no hour of Friday.
  if (
    ['de', 'del', 'el'].includes(tokens[at + Math.max(day, time)]?.text ?? '') &&
    after.has(tokens[at]?.text ?? '')
  )
    return undefined;
  return one({ kind: day >= time ? 'some_day' : 'some_time' }, at + Math.max(day, time));
}

function weekAt(days: DayReader, at: number): Found | undefined {
  const found = days.weekAt(at);
  return found === undefined ? undefined : one({ kind: 'week', ...found.value }, found.next);
}

function dayAt(days: DayReader, at: number): Found | undefined {
  const found = days.dayAt(at);
  return found === undefined ? undefined : one({ kind: 'day', isNow: false, ...found.value }, found.next);
}

/** 'entre 3 y 5', 'de 3 a 5', 'desde las 3', 'después de las 6', 'hasta las 6'. */
function windowAt(tokens: readonly Token[], at: number): Found | undefined {
  for (const { phrases, end } of openings) {
    const length = phraseAt(phrases, tokens, at);
    if (length === 0) continue;
    const first = hourAt(tokens, at + length, 'between');
    if (first === undefined) continue;
    if (end !== 'both') {
      const minutes = minutesOf(first.value);
      return one({ kind: 'window', window: halfOpen(minutes, end) }, first.next);
    }
    const link = tokens[first.next]?.text ?? '';
    const isEntre = tokens[at]?.text === 'entre';
    const isLinked = isEntre ? ['y', 'a'].includes(link) : ['a', 'hasta'].includes(link);
    const article = ['las', 'la'].includes(tokens[first.next + 1]?.text ?? '') ? 2 : 1;
    const second = isLinked ? hourAt(tokens, first.next + article, 'between') : undefined;
    if (second !== undefined) {
      return one({ kind: 'window', window: between(first.value, second.value) }, second.next);
    }
    if (tokens[at]?.text === 'desde') {
      return one({ kind: 'window', window: halfOpen(minutesOf(first.value), 'from') }, first.next);
    }
  }
  return undefined;
}

function halfOpen(minutes: ReturnType<typeof minutesOf>, end: 'from' | 'to'): SaidWindow {
  if (typeof minutes !== 'number') return { fault: minutes };
  return end === 'from' ? { from: minutes, to: 1440 } : { from: 0, to: minutes };
}

/** A part that is said once is of both ends: 'entre las 3 y las 5 de la tarde'; where it cannot be, of the last. */
function between(first: SaidHour, second: SaidHour): SaidWindow {
  const to = minutesOf(second);
  const shared = minutesOf({ ...first, part: first.part ?? second.part });
  const from = typeof shared === 'number' ? shared : minutesOf(first);
  if (typeof to !== 'number') return { fault: to };
  if (typeof from !== 'number') return { fault: from };
  return from < to ? { from, to } : { fault: 'day_part' };
}
