import type { Item } from './grammar.ts';

/** What somebody said yes to, and what they said no to. */
export interface Sides {
  readonly kept: readonly Item[];
  readonly refused: readonly Item[];
  /** 'el lunes o el martes': neither is chosen. */
  readonly isEither: boolean;
}

type Values = Item['kind'] & ('day' | 'week' | 'hour' | 'window' | 'span' | 'some_day' | 'some_time');
const values: ReadonlySet<Item['kind']> = new Set<Values>([
  'day',
  'week',
  'hour',
  'window',
  'span',
  'some_day',
  'some_time',
]);
const ofDays: ReadonlySet<Item['kind']> = new Set<Values>(['day', 'week', 'span', 'some_day']);

interface Clause {
  readonly items: readonly Item[];
  /** 'mejor el martes': in the place of what was said before. */
  readonly isInstead: boolean;
}

/**
 * Which pieces a 'no' is of. Those of its own clause, on the one side where there are any: with some on both sides
 * nobody knows ('mañana no el viernes'), and undefined is the answer.
 */
export function sidesOf(items: readonly Item[]): Sides | undefined {
  let kept: readonly Item[] = [];
  const refused: Item[] = [];
  let isEither = false;
  for (const clause of clausesOf(items)) {
    const found = sidesOfClause(clause.items);
    const isAlone = found?.kept.length === 0 && found.refused.length === 0 && found.hasNo;
    // 'no, mañana': an answer to what was asked. 'mañana, no': nobody knows.
    if (found === undefined || (isAlone && (kept.length > 0 || refused.length > 0))) return undefined;
    if (clause.isInstead && found.kept.length > 0) {
      const isOfDays = found.kept.some(({ kind }) => ofDays.has(kind));
      // Another day has another hour; another hour leaves the day.
      const replaced = kept.filter(({ kind }) => isOfDays || !ofDays.has(kind));
      kept = kept.filter((item) => !replaced.includes(item));
      refused.push(...replaced.filter(({ kind }) => kind === 'day'));
      isEither = false;
    }
    kept = [...kept, ...found.kept];
    refused.push(...found.refused);
    isEither ||= found.isEither;
  }
  return { kept, refused, isEither };
}

function clausesOf(items: readonly Item[]): readonly Clause[] {
  const clauses: { items: Item[]; isInstead: boolean }[] = [{ items: [], isInstead: false }];
  for (const item of items) {
    const isNew = item.pause || item.kind === 'but' || item.kind === 'instead';
    if (isNew) clauses.push({ items: [], isInstead: item.kind === 'instead' });
    if (item.kind !== 'but' && item.kind !== 'instead') clauses.at(-1)?.items.push(item);
    // 'el lunes, mejor, el martes': a pause after the word does not undo it.
    const [before, last] = clauses.slice(-2);
    if (isNew && last !== undefined && before?.items.length === 0 && before.isInstead) last.isInstead = true;
  }
  return clauses;
}

interface ClauseSides extends Sides {
  readonly hasNo: boolean;
}

function sidesOfClause(items: readonly Item[]): ClauseSides | undefined {
  const kept: Item[] = [];
  const refused: Item[] = [];
  let waiting: Item[] = [];
  /** A 'no' without anything before it waits for what follows; a 'ni' always does. */
  let isRefusing = false;
  let hasNo = false;
  for (const [index, item] of items.entries()) {
    if (item.kind === 'no') {
      hasNo = true;
      const next = items[index + 1];
      const followed = next !== undefined && values.has(next.kind);
      if (waiting.length > 0 && followed) return undefined;
      if (waiting.length > 0 || isRefusing) refused.push(...waiting);
      else isRefusing = followed;
      waiting = [];
      continue;
    }
    if (item.kind === 'nor') {
      hasNo = true;
      if (!isRefusing) kept.push(...waiting);
      waiting = [];
      isRefusing = true;
      continue;
    }
    if (!values.has(item.kind)) continue;
    if (!isRefusing) {
      waiting.push(item);
      continue;
    }
    // 'ni hoy ni mañana el viernes': the second day after one word may be refused with it, or may not.
    const previous = items[index - 1];
    if (
      ofDays.has(item.kind) &&
      previous !== undefined &&
      values.has(previous.kind) &&
      ofDays.has(previous.kind)
    )
      return undefined;
    refused.push(item);
  }
  kept.push(...waiting);
  return { kept, refused, isEither: items.some(({ kind }) => kind === 'or'), hasNo };
}
