import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { type Meaning, meaningOf } from '../../../domain/contacts/rules/spoken-time/meaning.ts';
import { fillers } from '../../../domain/contacts/rules/spoken-time/words.ts';
import { readUtterances, writeMeaning, zone } from '../../support/utterances.ts';

const utterances = readUtterances();
const utterance = fc.constantFrom(...utterances);
const read = (text: string, nowMs: number): Meaning => meaningOf([{ text, place: 'text' }], nowMs, zone);
const write = (text: string, nowMs: number): string => writeMeaning(read(text, nowMs));
/** Monday 8 March 2027, 11:20 in Santiago. */
const monday = Date.parse('2027-03-08T14:20:00Z');

function insert(text: string, word: string, place: number): string {
  const words = text.split(' ');
  return words.toSpliced(place % (words.length + 1), 0, word).join(' ');
}

describe('the reader of what people say', () => {
  it('asks back when one word anywhere means nothing to it', () => {
    const words = fc.constantFrom(
      'elefante',
      'cuñado',
      'feriado',
      'xyz',
      'depende',
      'excepto',
      'antier',
      '🙂',
      '%',
    );
    fc.assert(
      fc.property(utterance, words, fc.nat(), ({ text, nowMs }, word, place) => {
        expect(read(insert(text, word, place), nowMs)).toEqual({ kind: 'ask', why: 'not_understood' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('hears the same with a filler anywhere', () => {
    fc.assert(
      fc.property(
        utterance,
        fc.constantFrom(...fillers.split(',').map((one) => one.trim())),
        fc.nat(),
        ({ text, nowMs }, filler, place) => {
          expect(write(insert(text, filler, place), nowMs)).toBe(write(text, nowMs));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('hears the same in capitals, without accents and between other marks', () => {
    const changes: readonly ((text: string) => string)[] = [
      (text) => text.toUpperCase(),
      (text) => text.normalize('NFD').replace(/\p{M}/gu, ''),
      (text) => text.normalize('NFD'),
      (text) => `¡${text}!`,
      (text) => `  «${text}».  `,
      (text) => `¿${text}?`,
      (text) => text.replaceAll(' ', '  '),
    ];
    fc.assert(
      fc.property(utterance, fc.constantFrom(...changes), ({ text, nowMs }, change) => {
        expect(write(change(text), nowMs)).toBe(write(text, nowMs));
      }),
      { numRuns: 2_000 },
    );
  });

  it('without its commas means the same, or is asked back: never another instant', () => {
    for (const { text, nowMs } of utterances) {
      const [whole, bare] = [write(text, nowMs), read(text.replaceAll(',', ''), nowMs)];
      if (bare.kind === 'instant') expect(writeMeaning(bare)).toBe(whole);
    }
  });

  const days = [
    'hoy',
    'mañana',
    'pasado mañana',
    'el viernes',
    'el sábado 13',
    'el 20',
    'el 3 de abril',
    'el lunes',
  ];
  const noes = ['no', 'no puedo', 'tampoco', 'imposible', 'no me acomoda', 'estoy ocupado'];
  const clauses = ['{d} {n}', '{n} {d}', 'ni {d}', '{d}, {n} {d}', '{n} {d} a las 9', '{d} en la tarde {n}'];
  const links = [', ', ' ', ', pero ', ' y ', ', mejor ', ' o ', '. '];

  it('never agrees on a day that was refused, in whatever order it was said', () => {
    const one = fc.record({
      refused: fc.constantFrom(...days),
      no: fc.constantFrom(...noes),
      clause: fc.constantFrom(...clauses),
      link: fc.constantFrom(...links),
      other: fc.constantFrom(
        ...days,
        'en dos horas',
        'en una semana',
        'el viernes de esta semana',
        '2027-03-12',
      ),
      hour: fc.constantFrom(' a las 10', ' en la tarde', '', ' a las 7 y media', ' tipo 5'),
      isFirst: fc.boolean(),
    });
    let agreed = 0;
    fc.assert(
      fc.property(one, ({ refused, no, clause, link, other, hour, isFirst }) => {
        const said = clause.replaceAll('{d}', refused).replaceAll('{n}', no);
        const [first, second] = isFirst ? [said, other + hour] : [other + hour, said];
        const meaning = read(`${first}${link}${second}`, monday);
        if (meaning.kind !== 'instant' && meaning.kind !== 'window') return;
        const day =
          meaning.kind === 'window' ? meaning.day : DateTime.fromISO(meaning.at, { zone }).toISODate();
        const alone = read(refused, monday);
        expect(alone).toMatchObject({ kind: 'ask', why: 'time' });
        expect(alone).not.toMatchObject({ day });
        agreed += 1;
      }),
      { numRuns: 5_000 },
    );
    // Whoever always asks never agrees on the wrong day, and is of no use.
    expect(agreed).toBeGreaterThan(200);
  });

  it('agrees on nothing that is behind, at any instant of a year, whatever is said', () => {
    const minutes = fc.integer({ min: 0, max: 366 * 24 * 60 });
    fc.assert(
      fc.property(utterance, minutes, ({ text }, later) => {
        const nowMs = monday + later * 60_000;
        const meaning = read(text, nowMs);
        if (meaning.kind === 'window') {
          const ends = DateTime.fromISO(`${meaning.day}T${meaning.to}`, { zone }).toMillis();
          expect(ends).toBeGreaterThan(nowMs);
        }
        if (meaning.kind !== 'instant') return;
        expect(DateTime.fromISO(meaning.at, { zone }).toMillis()).toBeGreaterThan(nowMs);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes words in any order and of any length, and never throws', () => {
    const words = [...new Set(utterances.flatMap(({ text }) => text.split(' ')))];
    const salad = fc.array(fc.constantFrom(...words), { maxLength: 80 }).map((said) => said.join(' '));
    const place = fc.constantFrom('text' as const, 'day' as const, 'time' as const);
    fc.assert(
      fc.property(fc.oneof(salad, fc.string({ unit: 'binary', maxLength: 400 })), place, (text, where) => {
        const meaning = meaningOf([{ text, place: where }], monday, zone);
        expect(meaning.kind).toMatch(/^(?:instant|window|ask|nothing)$/);
      }),
      { numRuns: 3_000 },
    );
  });
});
