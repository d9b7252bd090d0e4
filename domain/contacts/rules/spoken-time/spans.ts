import { numberAt } from './numbers.ts';
import type { Token } from './words.ts';

/** How long from now: minutes to an instant, days to a day; or only that it is some while. */
export type SaidSpan =
  | { readonly kind: 'minutes'; readonly minutes: number }
  | { readonly kind: 'days'; readonly days: number }
  /** 'en ocho días' is a week to most, and eight days to some. */
  | { readonly kind: 'which_day' }
  | { readonly kind: 'some_day' }
  | { readonly kind: 'some_time' };

interface Found {
  readonly value: SaidSpan;
  readonly next: number;
}

const units: Readonly<Record<string, 'minute' | 'hour' | 'day' | 'week' | 'month'>> = {
  ...fill('minute', 'minuto minutos minutito minutitos min mins'),
  ...fill('hour', 'hora horas horita horitas hrs'),
  ...fill('day', 'dia dias diita diitas'),
  ...fill('week', 'semana semanas semanita semanitas'),
  ...fill('month', 'mes meses'),
};
/** Longer than this nobody waits by that unit: what is above it was misheard. */
const most = { minute: 600, hour: 99, day: 60, week: 8, month: 12 } as const;

function fill<Unit>(unit: Unit, words: string): Readonly<Record<string, Unit>> {
  return Object.fromEntries(words.split(' ').map((word): [string, Unit] => [word, unit]));
}

/** A span there: 'en 20 minutos', 'en una hora y media', 'dentro de dos días', 'en un rato'. */
export function spanAt(tokens: readonly Token[], at: number): Found | undefined {
  const is = (from: number, phrase: string): boolean =>
    phrase.split(' ').every((word, offset) => tokens[from + offset]?.text === word);
  const opening = ['en', 'dentro de', 'de aqui a'].find((phrase) => is(at, phrase));
  if (opening === undefined) return undefined;
  let from = at + opening.split(' ').length;
  const isSome = ['unos', 'unas'].includes(tokens[from]?.text ?? '');
  if (isSome || is(from, 'como')) from += 1;
  const pair = is(from, 'un par de dias')
    ? { value: { kind: 'days', days: 2 } as const, next: from + 4 }
    : undefined;
  const found = pair ?? fixedAt(is, from) ?? countedAt(tokens, is, from) ?? someAt(tokens, is, from, isSome);
  if (found === undefined) return undefined;
  return is(found.next, 'mas') && !is(found.next, 'mas o menos') ? { ...found, next: found.next + 1 } : found;
}

type Is = (from: number, phrase: string) => boolean;

const fixed: readonly (readonly [phrase: string, minutes: number])[] = [
  ['una media horita', 30],
  ['una media hora', 30],
  ['media horita', 30],
  ['media hora', 30],
  ['hora y media', 90],
  ['un cuarto de hora', 15],
  ['cuarto de hora', 15],
  ['tres cuartos de hora', 45],
  ['un par de horas', 120],
  ['un par de horitas', 120],
];

function fixedAt(is: Is, from: number): Found | undefined {
  const known = fixed.find(([phrase]) => is(from, phrase));
  if (known === undefined) return undefined;
  const [phrase, minutes] = known;
  return { value: { kind: 'minutes', minutes }, next: from + phrase.split(' ').length };
}

function countedAt(tokens: readonly Token[], is: Is, from: number): Found | undefined {
  const number = numberAt(tokens, from);
  const word = tokens[number?.next ?? from]?.text ?? '';
  if (number === undefined || !Object.hasOwn(units, word)) return undefined;
  const unit = units[word] ?? 'minute';
  const next = number.next + 1;
  if (number.value < 1 || number.value > most[unit]) return undefined;
  switch (unit) {
    case 'minute':
      return { value: { kind: 'minutes', minutes: number.value }, next };
    case 'hour':
      return withMinutes(tokens, is, number.value * 60, next);
    case 'day':
      if (number.value === 8 || number.value === 15) return { value: { kind: 'which_day' }, next };
      return { value: { kind: 'days', days: number.value }, next };
    case 'week':
      return { value: { kind: 'days', days: 7 * number.value }, next };
    case 'month':
      return { value: { kind: 'some_day' }, next };
    default: {
      const unreachable: never = unit;
      return unreachable;
    }
  }
}

/** 'una hora y media', '1 hora 30', 'una hora y veinte minutos'. */
function withMinutes(tokens: readonly Token[], is: Is, minutes: number, at: number): Found | undefined {
  const found = (more: number, next: number): Found => ({
    value: { kind: 'minutes', minutes: minutes + more },
    next,
  });
  if (is(at, 'y media')) return found(30, at + 2);
  if (is(at, 'y cuarto')) return found(15, at + 2);
  const linked = is(at, 'y') || is(at, 'con') ? at + 1 : at;
  const number = tokens[linked]?.pause === true ? undefined : numberAt(tokens, linked);
  if (number === undefined) return found(0, at);
  if (number.value < 1 || number.value > 59) return undefined;
  const isNamed = ['minutos', 'minutitos', 'minuto', 'min'].includes(tokens[number.next]?.text ?? '');
  return found(number.value, isNamed ? number.next + 1 : number.next);
}

const whiles = ['rato', 'ratito', 'momento', 'momentito', 'ratico', 'segundo', 'instante'];

function someAt(tokens: readonly Token[], is: Is, from: number, isSome: boolean): Found | undefined {
  const next = is(from, 'un') ? from + 1 : from;
  const word = tokens[next]?.text ?? '';
  if (whiles.includes(word)) return { value: { kind: 'some_time' }, next: next + 1 };
  if (!isSome || !Object.hasOwn(units, word)) return undefined;
  const unit = units[word];
  return { value: { kind: unit === 'minute' || unit === 'hour' ? 'some_time' : 'some_day' }, next: next + 1 };
}
