import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../domain/contacts/rules/spoken-time/meaning.ts';
import { readUtterances, writeMeaning, zone } from '../../support/utterances.ts';

const utterances = readUtterances();

describe('what people say of days and hours', () => {
  it('is a table of more than 250 utterances, of which most are neighbours of another', () => {
    expect(utterances.length).toBeGreaterThan(250);
    expect(utterances.filter(({ isNeighbour }) => isNeighbour).length).toBeGreaterThan(utterances.length / 2);
    const asked = utterances.map(({ nowMs, text }) => `${nowMs} ${text}`);
    expect(asked.length - new Set(asked).size).toBeLessThan(3);
  });

  it.each(utterances)('$text at $nowMs: $meaning', ({ nowMs, text, meaning }) => {
    expect(writeMeaning(meaningOf([{ text, place: 'text' }], nowMs, zone))).toBe(meaning);
  });
});
