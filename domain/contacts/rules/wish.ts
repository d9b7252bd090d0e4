import { DateTime } from 'luxon';
import { monthsEs } from './spoken.ts';

/** When a person wants to be called, as they or a machine said it. */
export interface SaidWish {
  /** 'YYYY-MM-DD', or words: 'mañana', 'el lunes', '15 de marzo', 'en tres días'. */
  readonly day?: string | undefined;
  /** 'HH:mm', or words: 'a las 3 de la tarde', '10 y media', 'mediodía'. */
  readonly time?: string | undefined;
  /** Both in one sentence: 'mañana a las diez', 'en 20 minutos'. */
  readonly text?: string | undefined;
  /** ISO 8601 with an offset, instead of all that; without one it is read on the person's clock. */
  readonly at?: string | undefined;
}

export type ReadWish =
  /** ISO 8601, local on the person's clock unless it has an offset. */
  | { readonly kind: 'instant'; readonly at: string }
  /** A time without a day, 'HH:mm'. */
  | { readonly kind: 'time'; readonly time: string }
  /** A day without a time, 'YYYY-MM-DD'. */
  | { readonly kind: 'day'; readonly day: string }
  /** Something was said and is no day, or no time. */
  | { readonly kind: 'unclear'; readonly what: 'day' | 'time' }
  | { readonly kind: 'nothing' };

/** What a wish means on the person's clock. Pure. What was not said is never made up: the agent asks. */
export function readWish(wish: SaidWish, nowMs: number, zone: string): ReadWish {
  const { at } = wish;
  if (at !== undefined && at.trim() !== '') return { kind: 'instant', at: at.trim() };
  const now = DateTime.fromMillis(nowMs, { zone });
  const [day, time, text] = [plain(wish.day), plain(wish.time), plain(wish.text)];
  for (const said of [day, time, text]) {
    const soon = readSpan(said, now);
    if (soon !== undefined) return { kind: 'instant', at: soon };
  }
  const readDay = day === '' ? findDay(text, now) : (findDay(day, now) ?? 'unclear');
  // 'mañana a las 10' is often put into one of the two fields.
  const readTime = time === '' ? (findTime(text) ?? findTime(day, 'marked')) : (findTime(time) ?? 'unclear');
  if (readDay === 'unclear') return { kind: 'unclear', what: 'day' };
  if (readTime === 'unclear') return { kind: 'unclear', what: 'time' };
  const dayOfTime = readDay ?? findDay(time, now);
  if (dayOfTime !== undefined && readTime !== undefined)
    return { kind: 'instant', at: `${dayOfTime}T${readTime}` };
  if (readTime !== undefined) return { kind: 'time', time: readTime };
  if (dayOfTime !== undefined) return { kind: 'day', day: dayOfTime };
  return text === '' ? { kind: 'nothing' } : { kind: 'unclear', what: 'day' };
}

const numbers: Readonly<Record<string, number>> = {
  un: 1,
  una: 1,
  uno: 1,
  dos: 2,
  tres: 3,
  cuatro: 4,
  cinco: 5,
  seis: 6,
  siete: 7,
  ocho: 8,
  nueve: 9,
  diez: 10,
  once: 11,
  doce: 12,
  quince: 15,
  veinte: 20,
  treinta: 30,
};
const numberWord = `\\d{1,2}|${Object.keys(numbers).join('|')}`;
const weekdays = ['lunes', 'martes', 'miercoles', 'jueves', 'viernes', 'sabado', 'domingo'];

/** Lower case, no accents, single spaces: 'Miércoles' and 'miercoles' are one word. */
function plain(said: string | undefined): string {
  return (said ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

function numberOf(word: string | undefined): number {
  return word === undefined ? Number.NaN : (numbers[word] ?? Number(word));
}

const span = new RegExp(`\\ben (${numberWord}|media) (minutos?|horas?)( y media)?\\b`);

/** 'en 20 minutos', 'en una hora y media', 'en media hora'. */
function readSpan(said: string, now: DateTime): string | undefined {
  const match = span.exec(said);
  if (match === null) return undefined;
  const [, amount, unit = '', half] = match;
  const isHours = unit.startsWith('hora');
  const minutes =
    amount === 'media'
      ? 30
      : numberOf(amount) * (isHours ? 60 : 1) + (half === undefined || !isHours ? 0 : 30);
  // The next whole minute: nobody agrees on seconds.
  const at = now.plus({ minutes }).plus({ seconds: 59 }).startOf('minute');
  return at.toISO({ suppressMilliseconds: true, suppressSeconds: true }) ?? undefined;
}

const inDays = new RegExp(`\\b(?:en|dentro de) (${numberWord}) (dias?|semanas?)\\b`);
const dated = new RegExp(`\\b(\\d{1,2}) de (${monthsEs.join('|')})(?: (?:de|del) (\\d{4}))?\\b`);

/** The day that words mean, 'YYYY-MM-DD'; a day that does not exist stays as it was said, and is refused later. */
function findDay(said: string, now: DateTime): string | undefined {
  if (said === '') return undefined;
  const iso = /\b(\d{4}-\d{2}-\d{2})\b/.exec(said);
  if (iso !== null) return iso[1];
  const numeric = /\b(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?\b/.exec(said);
  if (numeric !== null) return dayOf(now, Number(numeric[1]), Number(numeric[2]), numeric[3]);
  const named = dated.exec(said);
  if (named !== null) return dayOf(now, Number(named[1]), monthsEs.indexOf(named[2] ?? '') + 1, named[3]);
  const later = inDays.exec(said);
  if (later !== null) {
    const count = numberOf(later[1]);
    return isoDay(now.plus(later[2]?.startsWith('semana') === true ? { weeks: count } : { days: count }));
  }
  if (/\bpasado manana\b/.test(said)) return isoDay(now.plus({ days: 2 }));
  // 'en la mañana' is a part of a day, not the next one.
  if (/(?<!\b(?:la|esta|de) )\bmanana\b/.test(said)) return isoDay(now.plus({ days: 1 }));
  if (/\b(hoy|esta tarde|esta manana|esta noche)\b/.test(said)) return isoDay(now);
  const weekday = weekdays.findIndex((name) => new RegExp(`\\b${name}\\b`).test(said));
  if (weekday !== -1) return isoDay(now.plus({ days: ((weekday + 1 - now.weekday + 6) % 7) + 1 }));
  const dayOfMonth = /\b(?:el|dia) (\d{1,2})\b/.exec(said);
  if (dayOfMonth === null) return undefined;
  const number = Number(dayOfMonth[1]);
  const month = number >= now.day ? now : now.plus({ months: 1 }).startOf('month');
  return spell(month.year, month.month, number);
}

/** A day and a month without a year are the next ones to come. */
function dayOf(now: DateTime, day: number, month: number, year: string | undefined): string {
  if (year !== undefined) return spell(Number(year), month, day);
  const isBehind = month < now.month || (month === now.month && day < now.day);
  return spell(isBehind ? now.year + 1 : now.year, month, day);
}

function spell(year: number, month: number, day: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}`;
}

function isoDay(at: DateTime): string {
  return at.toISODate() ?? '';
}

const clock = /\b(\d{1,2})[:.h](\d{2})\b(?! de)/;
const spoken = new RegExp(
  `(\\ba las? |\\btipo )?\\b(${numberWord})(?: y (media|cuarto)| menos cuarto|)(?= |$|,|\\.)`,
  'g',
);

/** 'HH:mm'. `marked`: only a time that is clearly one, in words that may be about a day. */
function findTime(said: string, how: 'any' | 'marked' = 'any'): string | undefined {
  if (said === '') return undefined;
  if (/\bmediodia\b/.test(said)) return '12:00';
  if (/\bmedianoche\b/.test(said)) return '00:00';
  const isEvening = /\b(p\.? ?m\b|de la (tarde|noche))/.test(said);
  const isMorning = /\b(a\.? ?m\b|de la (manana|madrugada))/.test(said);
  const digits = clock.exec(said);
  if (digits !== null)
    return timeOf(Number(digits[1]), Number(digits[2]), { isEvening, isMorning, isExact: true });
  for (const match of said.matchAll(spoken)) {
    const [whole, mark, word, part] = match;
    if (mark === undefined && (how === 'marked' || !(isEvening || isMorning || said === whole.trim())))
      continue;
    const minutes = part === 'media' ? 30 : part === 'cuarto' ? 15 : 0;
    const isBefore = whole.includes('menos cuarto');
    const hour = numberOf(word) - (isBefore ? 1 : 0);
    return timeOf(hour, isBefore ? 45 : minutes, { isEvening, isMorning, isExact: false });
  }
  return undefined;
}

interface PartOfDay {
  readonly isEvening: boolean;
  readonly isMorning: boolean;
  /** Said by digits of a clock: '03:00' is three at night. */
  readonly isExact: boolean;
}

/** An hour from one to seven without more words is of the afternoon: nobody asks for a call at three at night. */
function timeOf(
  hour: number,
  minute: number,
  { isEvening, isMorning, isExact }: PartOfDay,
): string | undefined {
  if (!Number.isInteger(hour) || hour < 0 || hour > 24 || minute > 59) return undefined;
  const isAfternoon = isEvening || (!isMorning && !isExact && hour >= 1 && hour <= 7);
  const full = isAfternoon && hour < 12 ? hour + 12 : isMorning && hour === 12 ? 0 : hour % 24;
  return `${String(full).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
