import { DateTime } from 'luxon';
import { hourAt } from './hours.ts';
import { numberAt, numbersAt } from './numbers.ts';
import type { Token } from './words.ts';

/** Why a day that was understood is none. */
export type DayFault = 'several_days' | 'which_day' | 'days_disagree' | 'no_such_time' | 'past';

export interface SaidDay {
  /** 'YYYY-MM-DD', or why there is none. */
  readonly day: string | { readonly fault: DayFault };
  /** A weekday without more, one is Monday: a week that is named beside it chooses which. */
  readonly bareWeekday?: number;
}

/** 'la próxima semana': the Monday of it. */
export interface SaidWeek {
  readonly monday: string;
}

interface Found<T> {
  readonly value: T;
  readonly next: number;
}

const weekdays = ['lunes', 'martes', 'miercoles', 'jueves', 'viernes', 'sabado', 'domingo'];
const months =
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');

const nextWeek =
  'la proxima semana, la semana proxima, la semana que viene, la otra semana, la semana siguiente, la siguiente semana, proxima semana'.split(
    ', ',
  );

/** Reads phrases of days; everything is as seen from one instant on the person's clock. Bounded look ahead everywhere. */
export class DayReader {
  readonly #tokens: readonly Token[];
  readonly #today: DateTime;

  constructor(tokens: readonly Token[], now: DateTime) {
    this.#tokens = tokens;
    this.#today = now.startOf('day');
  }

  /** A day there: 'pasado mañana', 'el viernes 11', 'de hoy en ocho', '15 de enero de 2027', '11/12'. */
  dayAt(at: number): Found<SaidDay> | undefined {
    const from = this.#is(at, 'para') || this.#is(at, 'pa') ? at + 1 : at;
    return this.#relativeAt(from) ?? this.#weekdayAt(from) ?? this.#typedAt(from) ?? this.#datedAt(from);
  }

  /** A week there, also with 'para' or 'durante'. */
  weekAt(at: number): Found<SaidWeek> | undefined {
    const from = ['para', 'pa', 'durante', 'en'].includes(this.#text(at)) ? at + 1 : at;
    const found = this.#weeksAheadAt(from);
    if (found === undefined) return undefined;
    return { value: { monday: iso(this.#monday(found.value)) }, next: found.next };
  }

  #text(at: number): string {
    return this.#tokens[at]?.text ?? '';
  }

  #is(at: number, ...words: readonly string[]): boolean {
    return words.every((word, offset) => this.#text(at + offset) === word);
  }

  /** The first of these phrases that stands there: how long it is. */
  #oneOf(at: number, ...phrases: readonly string[]): number {
    const found = phrases.find((phrase) => this.#is(at, ...phrase.split(' ')));
    return found === undefined ? 0 : found.split(' ').length;
  }

  #monday(weeks: number): DateTime {
    return this.#today.startOf('week').plus({ weeks });
  }

  #weeksAheadAt(at: number): Found<number> | undefined {
    const kinds: readonly (readonly [number, readonly string[]])[] = [
      [0, ['esta semana', 'esta misma semana']],
      [2, ['la semana subsiguiente', 'la subsiguiente semana']],
      [1, nextWeek],
    ];
    for (const [weeks, phrases] of kinds) {
      const length = this.#oneOf(at, ...phrases);
      if (length > 0) return { value: weeks, next: at + length };
    }
    return undefined;
  }

  #relativeAt(at: number): Found<SaidDay> | undefined {
    // 'de hoy en ocho', 'de este lunes en ocho': the first word is of that phrase alone.
    const from = this.#is(at, 'de') ? at + 1 : at;
    const words: readonly (readonly [string, number])[] = [
      ['hoy dia', 0],
      ['hoy mismo', 0],
      ['hoy', 0],
      ['pasado manana', 2],
      ['manana mismo', 1],
      ['manana', 1],
    ];
    const found = words.find(([phrase]) => this.#oneOf(from, phrase) > 0);
    if (found === undefined) return undefined;
    const [phrase, days] = found;
    const next = from + phrase.split(' ').length;
    const day = this.#today.plus({ days });
    const later = this.#inEightAt(next);
    if (later !== undefined) return of(iso(day.plus({ days: later.value })), later.next);
    if (from > at) return undefined;
    return this.#alsoNamed(day, next);
  }

  /** 'mañana jueves', 'pasado mañana viernes 4': one day by two names, or two days. */
  #alsoNamed(day: DateTime, at: number): Found<SaidDay> | undefined {
    const weekday = weekdays.indexOf(this.#text(at)) + 1;
    if (weekday === 0 || this.#tokens[at]?.pause === true) return of(iso(day), at);
    const number = this.#dayNumberAt(at + 1);
    const isSame = day.weekday === weekday && (number === undefined || number.value === day.day);
    return of(isSame ? iso(day) : { fault: 'days_disagree' }, number?.next ?? at + 1);
  }

  /** 'en ocho' is a week from then, and 'en quince' two. */
  #inEightAt(at: number): Found<number> | undefined {
    if (!this.#is(at, 'en')) return undefined;
    const number = numberAt(this.#tokens, at + 1);
    if (number === undefined || (number.value !== 8 && number.value !== 15)) return undefined;
    const isDays = this.#is(number.next, 'dias');
    const isOfMore = /^(?:minut|hor|seman|mes|y$|de$)/.test(this.#text(number.next));
    if (isOfMore) return undefined;
    return { value: number.value === 8 ? 7 : 14, next: isDays ? number.next + 1 : number.next };
  }

  #weekdayAt(at: number): Found<SaidDay> | undefined {
    const isOf = this.#is(at, 'de');
    const from = isOf ? at + 1 : at;
    const length = this.#oneOf(
      from,
      'este proximo',
      'el proximo',
      'el siguiente',
      'proximo',
      'este',
      'el dia',
      'del dia',
      'del',
      'el',
      'los',
      'dia',
    );
    const article = Array.from({ length }, (_, index) => this.#text(from + index));
    const nameAt = from + length;
    const name = this.#text(nameAt);
    const plural = name === 'sabados' || name === 'domingos';
    const weekday = weekdays.indexOf(plural ? name.slice(0, -1) : name) + 1;
    if (weekday === 0) return undefined;
    const next = nameAt + 1;
    if (plural || article.includes('los')) return fault('several_days', next);
    // 'de lunes a viernes', 'lunes a viernes'.
    if (this.#is(next, 'a') && weekdays.includes(this.#text(next + 1)))
      return fault('several_days', next + 2);
    const nearest = this.#nearest(weekday, article.includes('este'));
    const later = this.#inEightAt(next);
    if (later !== undefined) return of(iso(nearest.plus({ days: later.value })), later.next);
    if (isOf) return undefined;
    const week = this.#is(next, 'de') ? this.#weeksAheadAt(next + 1) : undefined;
    if (week !== undefined) return of(iso(this.#monday(week.value).plus({ days: weekday - 1 })), week.next);
    const number = this.#dayNumberAt(next);
    if (number !== undefined) return this.#weekdayDated(weekday, number);
    // 'viernes 11 10 am' is the eleventh at ten, or ten past eleven.
    if (numbersAt(this.#tokens, next).length > 1) return undefined;
    return this.#whichWeek(weekday, nearest, article, next);
  }

  /** The next one after today; of 'este', today too. */
  #nearest(weekday: number, isThis: boolean): DateTime {
    const days = (weekday - this.#today.weekday + 7) % 7;
    return this.#today.plus({ days: days === 0 && !isThis ? 7 : days });
  }

  /** 'el próximo viernes', said on a Wednesday, is in two days or in nine; said of a weekday that is behind, it is one. */
  #whichWeek(weekday: number, nearest: DateTime, article: readonly string[], at: number): Found<SaidDay> {
    const after = this.#oneOf(at, 'que viene', 'proximo', 'siguiente');
    const isInThisWeek = nearest < this.#monday(1);
    if (this.#is(at, 'subsiguiente')) {
      // The one after the next, and the one of the week after the next.
      return isInThisWeek ? fault('which_day', at + 1) : of(iso(nearest.plus({ weeks: 1 })), at + 1);
    }
    const isNext = after > 0 || article.includes('proximo') || article.includes('siguiente');
    if (isNext) {
      return isInThisWeek && !article.includes('este')
        ? fault('which_day', at + after)
        : of(iso(nearest), at + after);
    }
    const value = { day: iso(nearest), ...(article.includes('este') ? {} : { bareWeekday: weekday }) };
    return { value, next: at };
  }

  #weekdayDated(weekday: number, number: Found<number>): Found<SaidDay> {
    const dated = this.#monthTail(number);
    const { day } = dated.value;
    const isOther = typeof day === 'string' && DateTime.fromISO(day).weekday !== weekday;
    // 'el miércoles 2', said on Wednesday the second, is today by its weekday.
    const today =
      number.value === this.#today.day && dated.next === number.next && weekday === this.#today.weekday;
    if (today) return of(iso(this.#today), dated.next);
    return isOther ? fault('days_disagree', dated.next) : dated;
  }

  /** A number that is of a day, and not the beginning of an hour: 'viernes 11', and not 'viernes 11 am'. */
  #dayNumberAt(at: number): Found<number> | undefined {
    if (this.#tokens[at]?.kind === 'clock') return undefined;
    const number = numberAt(this.#tokens, at);
    if (number === undefined || hourAt(this.#tokens, at, 'bare') !== undefined) return undefined;
    return number.digits.length > 2 ? undefined : { value: number.value, next: number.next };
  }

  #typedAt(at: number): Found<SaidDay> | undefined {
    const from = this.#is(at, 'el') || this.#is(at, 'dia') ? at + 1 : at;
    const token = this.#tokens[from];
    if (token?.kind === 'iso') return of(this.#checked(token.text), from + 1);
    if (token?.kind !== 'date') return undefined;
    const [day = '', month = '', year] = token.text.split(/[/-]/);
    return of(
      this.#onDay(Number(day), Number(month), year === undefined ? undefined : Number(year)),
      from + 1,
    );
  }

  #datedAt(at: number): Found<SaidDay> | undefined {
    const length = this.#oneOf(at, 'el dia', 'del dia', 'del', 'el', 'dia');
    const isFirst = this.#is(at + length, 'primero');
    const number = isFirst ? { value: 1, next: at + length + 1 } : this.#dayNumberAt(at + length);
    if (number === undefined) return undefined;
    const ordinal = !isFirst && ['ro', 'ero'].includes(this.#text(number.next)) ? 1 : 0;
    const dated = this.#monthTail({ value: number.value, next: number.next + ordinal });
    // A number by itself is no day.
    return length === 0 && dated.next === number.next + ordinal ? undefined : dated;
  }

  /** What follows the number of a day: the month and the year, or nothing. */
  #monthTail({ value: day, next }: Found<number>): Found<SaidDay> {
    const thisMonth = this.#oneOf(next, 'de este mes', 'del presente mes', 'del mes');
    if (
      this.#is(next, 'del', 'mes', 'que', 'viene') ||
      this.#oneOf(next, 'del proximo mes', 'del mes proximo', 'del otro mes') > 0
    ) {
      const length = this.#is(next, 'del', 'mes', 'que', 'viene') ? 4 : 3;
      const { year, month } = this.#today.startOf('month').plus({ months: 1 });
      return of(this.#checked(spell(year, month, day)), next + length);
    }
    if (thisMonth > 0) {
      const { year, month } = this.#today;
      return of(this.#checked(spell(year, month, day)), next + thisMonth);
    }
    const month = this.#is(next, 'de')
      ? months.indexOf(this.#text(next + 1).replace('setiembre', 'septiembre')) + 1
      : 0;
    if (month === 0) return of(this.#inSomeMonth(day), next);
    const year = this.#yearAt(next + 2);
    return of(this.#onDay(day, month, year?.value), year?.next ?? next + 2);
  }

  #yearAt(at: number): Found<number> | undefined {
    const next = this.#oneOf(at, 'del proximo ano', 'del ano que viene', 'del otro ano');
    if (next > 0) return { value: this.#today.year + 1, next: at + (this.#is(at, 'del', 'ano') ? 4 : 3) };
    const same = this.#oneOf(at, 'de este ano', 'del presente ano');
    if (same > 0) return { value: this.#today.year, next: at + same };
    const from = at + this.#oneOf(at, 'del ano', 'de', 'del');
    if (from === at) return undefined;
    const token = this.#tokens[from];
    if (token?.kind === 'number' && token.text.length === 4)
      return { value: Number(token.text), next: from + 1 };
    if (!this.#is(from, 'dos', 'mil')) return undefined;
    const rest = numberAt(this.#tokens, from + 2);
    return rest === undefined ? undefined : { value: 2000 + rest.value, next: rest.next };
  }

  /** A day and a month without a year are the next ones to come. */
  #onDay(day: number, month: number, year: number | undefined): SaidDay['day'] {
    if (year !== undefined) return this.#checked(spell(year, month, day));
    const isBehind = month < this.#today.month || (month === this.#today.month && day < this.#today.day);
    return this.#checked(spell(isBehind ? this.#today.year + 1 : this.#today.year, month, day));
  }

  /** 'el 18': of this month, or of the next when it is behind. Of today's number nobody knows. */
  #inSomeMonth(day: number): SaidDay['day'] {
    if (day === this.#today.day) return { fault: 'which_day' };
    const { year, month } =
      day > this.#today.day ? this.#today : this.#today.startOf('month').plus({ months: 1 });
    return this.#checked(spell(year, month, day));
  }

  #checked(day: string): SaidDay['day'] {
    const read = DateTime.fromISO(day, { zone: 'utc' });
    if (!read.isValid) return { fault: 'no_such_time' };
    return day < iso(this.#today) ? { fault: 'past' } : day;
  }
}

function of(day: SaidDay['day'], next: number): Found<SaidDay> {
  return { value: { day }, next };
}

function fault(why: DayFault, next: number): Found<SaidDay> {
  return of({ fault: why }, next);
}

function spell(year: number, month: number, day: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

export function iso(at: DateTime): string {
  return at.toISODate() ?? '';
}
