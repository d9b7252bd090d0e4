import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DateTime } from 'luxon';
import type { Meaning } from '../../domain/contacts/rules/spoken-time/meaning.ts';

export const zone = 'America/Santiago';
const table = fileURLToPath(new URL('../unit/contacts/utterances.txt', import.meta.url));

/** One line of the table: what is said at an instant, and what it means. */
export interface Utterance {
  readonly nowMs: number;
  readonly text: string;
  readonly meaning: string;
  /** Set in: a small change of the utterance above it. */
  readonly isNeighbour: boolean;
}

export function readUtterances(): readonly Utterance[] {
  const found: Utterance[] = [];
  let nowMs: number | undefined;
  for (const line of readFileSync(table, 'utf8').split('\n')) {
    const now = /^# now (\S+)/.exec(line)?.[1];
    if (now !== undefined) nowMs = DateTime.fromISO(now, { zone }).toMillis();
    const [, text, meaning] = /^(.+) = (.+)$/.exec(line) ?? [];
    if (nowMs === undefined || text === undefined || meaning === undefined) continue;
    found.push({ nowMs, text: text.trim(), meaning, isNeighbour: line.startsWith('  ') });
  }
  return found;
}

/** A meaning as the table writes it; an instant with an offset on the clock of Santiago. */
export function writeMeaning(meaning: Meaning): string {
  switch (meaning.kind) {
    case 'instant':
      return DateTime.fromISO(meaning.at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
    case 'window':
      return `${meaning.day} ${meaning.from}-${meaning.to}`;
    case 'ask': {
      const { why, day, from, to } = meaning;
      const part = to === undefined ? from : `${from ?? ''}-${to}`;
      return ['ask', why, day, part].filter((one) => one !== undefined).join(' ');
    }
    case 'nothing':
      return 'nothing';
    default: {
      const unreachable: never = meaning;
      return unreachable;
    }
  }
}
