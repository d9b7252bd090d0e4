import { DateTime } from 'luxon';
import { itemsOf, type Item, type Place } from './grammar.ts';
import { type DayFault, iso } from './days.ts';
import { minutesOf } from './hours.ts';
import { sidesOf } from './polarity.ts';
import { tokensOf } from './words.ts';

/** What is asked back, and why. */
export type AskReason =
  /** A day without an hour, an hour without a day, words of time that are neither. */
  | 'time'
  | 'day'
  | 'both'
  | 'several_days'
  | 'several_times'
  /** A name that may be of two days; two names of one day that are of two; an hour that its part of the day has not. */
  | 'which_day'
  | 'days_disagree'
  | 'day_part'
  | 'midnight'
  /** Only what does not suit; no call at all. */
  | 'other_day'
  | 'declined'
  | 'past'
  | 'no_such_time'
  | 'not_understood';

export type Meaning =
  /** ISO 8601, local on the person's clock; of a span, with its offset. */
  | { readonly kind: 'instant'; readonly at: string }
  /** A part of a day, 'YYYY-MM-DD' and 'HH:mm'. */
  | { readonly kind: 'window'; readonly day: string; readonly from: string; readonly to: string }
  | {
      readonly kind: 'ask';
      readonly why: AskReason;
      /** What was said and is good. */
      readonly day?: string;
      readonly from?: string;
      readonly to?: string;
    }
  | { readonly kind: 'nothing' };

export interface Said {
  readonly text: string;
  readonly place: Place;
}

/**
 * What was said of a day and an hour, in one or in several fields. Whatever is not understood whole is asked back: a wrong
 * instant is worse than a question. Pure, and linear in what was said.
 */
export function meaningOf(said: readonly Said[], nowMs: number, zone: string): Meaning {
  const now = DateTime.fromMillis(nowMs, { zone });
  const fields = said.filter(({ text }) => text.trim() !== '');
  if (fields.length === 0) return { kind: 'nothing' };
  const kept: Item[] = [];
  const refused: Item[] = [];
  let isEither = false;
  for (const { text, place } of fields) {
    const tokens = tokensOf(text);
    const items = tokens === undefined ? undefined : itemsOf(tokens, place, now);
    if (items === undefined) return ask('not_understood');
    if (items.some(({ kind }) => kind === 'never')) return ask('declined');
    const sides = sidesOf(items);
    if (sides === undefined) return ask('not_understood');
    kept.push(...sides.kept);
    refused.push(...sides.refused);
    isEither ||= sides.isEither;
  }
  return new Judge(kept, refused, now).meaning(isEither);
}

function ask(why: AskReason, more: Omit<Extract<Meaning, { kind: 'ask' }>, 'kind' | 'why'> = {}): Meaning {
  return { kind: 'ask', why, ...more };
}

type Kind<K extends Item['kind']> = Extract<Item, { readonly kind: K }>;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** One meaning of the pieces that were kept, against those that were refused. */
class Judge {
  readonly #kept: readonly Item[];
  readonly #refused: readonly Item[];
  readonly #now: DateTime;

  constructor(kept: readonly Item[], refused: readonly Item[], now: DateTime) {
    this.#kept = kept;
    this.#refused = refused;
    this.#now = now;
  }

  meaning(isEither: boolean): Meaning {
    const day = this.#day();
    if (typeof day === 'object') return ask(day.fault);
    const hour = this.#hour();
    if (typeof hour === 'object' && 'fault' in hour) return ask(hour.fault);
    if (isEither) return ask(this.#has('hour') && !this.#has('day') ? 'several_times' : 'not_understood');
    if (this.#has('span')) return this.#span();
    // A refused day is never the agreed one, by whatever name it comes back.
    if (this.#isRefused(day, hour)) return ask('other_day');
    if (day === undefined) return this.#withoutDay(hour);
    if (hour === undefined) return ask('time', { day });
    return typeof hour === 'number' ? this.#instant(day, hour) : this.#window(day, hour);
  }

  #of<K extends Item['kind']>(kind: K): readonly Kind<K>[] {
    return this.#kept.filter((item): item is Kind<K> => item.kind === kind);
  }

  #has(kind: Item['kind']): boolean {
    return this.#kept.some((item) => item.kind === kind);
  }

  #day(): string | undefined | { readonly fault: DayFault | 'not_understood' } {
    const weeks = [...new Set(this.#of('week').map(({ monday }) => monday))];
    const days = new Set<string>();
    for (const { day, bareWeekday } of this.#of('day')) {
      if (typeof day !== 'string') return day;
      const [monday] = weeks;
      const isOfWeek = bareWeekday !== undefined && monday !== undefined;
      days.add(isOfWeek ? iso(DateTime.fromISO(monday).plus({ days: bareWeekday - 1 })) : day);
    }
    if (days.size > 1 || weeks.length > 1) return { fault: 'several_days' };
    const [day] = days;
    if (day === undefined) return undefined;
    const isElsewhere = weeks.some((monday) => iso(DateTime.fromISO(day).startOf('week')) !== monday);
    if (isElsewhere) return { fault: 'days_disagree' };
    // 'fin de mes, el lunes': nobody knows whether the one is the other.
    if (this.#has('some_day')) return { fault: 'not_understood' };
    return day < iso(this.#now) ? { fault: 'past' } : day;
  }

  /** Minutes from midnight, or a part of the day. */
  #hour(): number | Range | undefined | { readonly fault: AskReason } {
    let range: Range | undefined;
    for (const { window } of this.#of('window')) {
      if ('fault' in window) return window;
      range = { from: Math.max(range?.from ?? 0, window.from), to: Math.min(range?.to ?? 1440, window.to) };
      if (range.from >= range.to) return { fault: 'day_part' };
    }
    const hours = new Set<number>();
    for (const { said } of this.#of('hour')) {
      // 'en la tarde a las 4': the part that was said beside it.
      const parts = this.#of('window').flatMap(({ window }) => ('part' in window ? [window.part] : []));
      const minutes = minutesOf({ ...said, part: said.part ?? (said.isExact ? undefined : parts[0]) });
      if (typeof minutes !== 'number') return { fault: minutes };
      hours.add(minutes);
    }
    if (hours.size > 1) return { fault: 'several_times' };
    const [hour] = hours;
    if (hour === undefined) return range;
    return range !== undefined && (hour < range.from || hour > range.to) ? { fault: 'day_part' } : hour;
  }

  /** 'en dos horas', and nothing else of a day or an hour beside it. */
  #span(): Meaning {
    const [span, ...others] = this.#of('span');
    const isAlone = (['hour', 'window', 'week', 'some_day'] as const).every((kind) => !this.#has(kind));
    if (span === undefined || others.length > 0 || !isAlone || this.#of('day').some(({ isNow }) => !isNow)) {
      return ask('not_understood');
    }
    // The next whole minute: nobody agrees on seconds.
    const at = this.#now.plus({ minutes: span.minutes, seconds: 59 }).startOf('minute');
    if (this.#refused.some((item) => item.kind === 'span' && item.minutes === span.minutes))
      return ask('other_day');
    if (this.#isRefused(iso(at), at.hour * 60 + at.minute)) return ask('other_day');
    return { kind: 'instant', at: at.toISO({ suppressMilliseconds: true, suppressSeconds: true }) ?? '' };
  }

  #isRefused(day: string | undefined, hour: number | Range | undefined): boolean {
    const ofDays = this.#refused.some((item) => item.kind === 'day' || item.kind === 'week');
    return this.#refused.some((item) => {
      switch (item.kind) {
        case 'day':
          return !item.isNow && (item.day === day || typeof item.day !== 'string');
        case 'week':
          return day !== undefined && iso(DateTime.fromISO(day).startOf('week')) === item.monday;
        case 'some_day':
          return day !== undefined;
        case 'hour':
          // Of a day and an hour that are refused together it is the day.
          return !ofDays && typeof hour === 'number' && minutesOf(item.said) === hour;
        case 'window':
          return !ofDays && isWithin(hour, item.window);
        default:
          return false;
      }
    });
  }

  #withoutDay(hour: number | Range | undefined): Meaning {
    if (typeof hour === 'number') return ask('day', { from: clock(hour) });
    if (hour !== undefined) return ask('day', { from: clock(hour.from), to: clock(hour.to) });
    if (this.#has('week') || this.#has('some_day')) {
      const isRefused = this.#of('week').some(({ monday }) =>
        this.#refused.some((item) => item.kind === 'week' && item.monday === monday),
      );
      return ask(isRefused ? 'other_day' : 'day');
    }
    const isOther = this.#refused.some((item) => item.kind !== 'day' || !item.isNow);
    return ask(isOther ? 'other_day' : 'both');
  }

  #instant(day: string, minutes: number): Meaning {
    const at = `${day}T${clock(minutes)}`;
    const read = DateTime.fromISO(at, { zone: this.#now.zone });
    // On the nights on which the clock is moved, one hour is not there, and another is there twice.
    if (!read.isValid || read.toFormat("yyyy-MM-dd'T'HH:mm") !== at || read.getPossibleOffsets().length > 1) {
      return ask('no_such_time');
    }
    return read <= this.#now ? ask('past') : { kind: 'instant', at };
  }

  #window(day: string, { from, to }: Range): Meaning {
    const passed = day === iso(this.#now) ? this.#now.hour * 60 + this.#now.minute : 0;
    if (passed >= to) return ask('past');
    return { kind: 'window', day, from: clock(Math.max(from, passed)), to: clock(to) };
  }
}

function isWithin(hour: number | Range | undefined, window: Kind<'window'>['window']): boolean {
  if (hour === undefined || 'fault' in window) return false;
  if (typeof hour === 'number') return hour >= window.from && hour <= window.to;
  return hour.from < window.to && window.from < hour.to;
}

function clock(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
