/** Spellings that most files have are read by a short way. Each must say what the long way says, which another spelling of it takes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, isBlank } from '../../../domain/imports/rules/cells.ts';
import { looksGarbled } from '../../../domain/people/rules/garbled.ts';
import { normaliseMoney } from '../../../domain/people/rules/money.ts';
import { normaliseNationalId, rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { normalisePhone, normalisePhones } from '../../../domain/people/rules/phone.ts';
import { normaliseText } from '../../../domain/people/rules/text.ts';

const runs = { numRuns: 3_000 };

/** A text with marks between its figures, as people write. */
function spelled(figures: fc.Arbitrary<string>, marks: readonly string[]): fc.Arbitrary<string> {
  const mark = fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    { weight: 2, arbitrary: fc.constantFrom(...marks) },
  );
  return figures.chain((text) =>
    fc.array(mark, { minLength: text.length, maxLength: text.length }).map((between) =>
      text
        .split('')
        .map((figure, index) => figure + (between[index] ?? ''))
        .join(''),
    ),
  );
}

const figures = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: min, maxLength: max });

describe('usual spellings', () => {
  test('a phone is the number that the library says', () => {
    const head = fc.constantFrom(
      '',
      '+56',
      '56',
      '+56 ',
      '56-',
      '+56 0',
      '+560',
      '0',
      '09',
      '9',
      '+569',
      '+56 9 ',
      '0056',
      '+54',
      '9 9',
    );
    const phone = fc
      .tuple(head, spelled(figures(6, 10), [' ', '-', '  ', '.', '/', ' - ']))
      .map((parts) => parts.join('').trim());
    let mobiles = 0;
    fc.assert(
      fc.property(phone, (text) => {
        const read = normalisePhone(text, 'CL');
        if (read.ok && read.value.startsWith('+569')) mobiles += 1;
        // How a spreadsheet marks a text: it is taken away on the long way only.
        expect(read, text).toEqual(normalisePhone(`'${text}`, 'CL'));
        expect(normalisePhones(text, 'CL'), text).toEqual(normalisePhones(`'${text}`, 'CL'));
      }),
      runs,
    );
    expect(mobiles).toBeGreaterThan(100);
  });

  test('a RUT is what it is behind its name', () => {
    const body = fc.oneof(
      fc.integer({ min: 0, max: 120_000_000 }),
      fc.integer({ min: 90_000, max: 110_000 }),
    );
    const rut = fc
      .tuple(
        body,
        fc.constantFrom('-', '', ' - ', '.'),
        fc.constantFrom('', 'k', 'K', '0', '5'),
        fc.constantFrom('', '0', '00'),
        fc.boolean(),
      )
      .map(([number, dash, check, zeros, grouped]) => {
        const text = grouped ? String(number).replace(/\B(?=(\d{3})+$)/g, '.') : String(number);
        const right = rutCheckDigit(number);
        return `${zeros}${text}${dash}${check === '' ? right : check}`;
      });
    let good = 0;
    fc.assert(
      fc.property(fc.oneof(rut, spelled(figures(5, 10), ['.', '-', '-k', ','])), (text) => {
        const read = normaliseNationalId(text, 'CL');
        if (read.ok) good += 1;
        expect(read, text).toEqual(normaliseNationalId(`RUT ${text}`, 'CL'));
      }),
      runs,
    );
    expect(good).toBeGreaterThan(100);
  });

  test('an amount is what it is behind its currency', () => {
    const amount = fc
      .tuple(
        fc.constantFrom('', '$', '$ ', '0'),
        spelled(figures(1, 9), ['.', ',', '.000', ',00']),
        fc.constantFrom('', ',00', '.-', ',0', '.00', ',000', '.'),
      )
      .map((parts) => parts.join(''));
    const grouped = fc
      .tuple(fc.constantFrom('', '$', '$ '), fc.nat(2_000_000_000), fc.constantFrom('', ',00', '.-', ',50'))
      .map(([sign, number, tail]) => `${sign}${String(number).replace(/\B(?=(\d{3})+$)/g, '.')}${tail}`);
    let good = 0;
    fc.assert(
      fc.property(fc.oneof(amount, grouped), fc.constantFrom('CLP', 'USD'), (text, currency) => {
        const read = normaliseMoney(text, currency);
        if (read.ok) good += 1;
        expect(read, text).toEqual(normaliseMoney(`CLP ${text}`, currency));
      }),
      runs,
    );
    expect(good).toBeGreaterThan(100);
  });

  test('a text that is said to be clean is its own clean form', () => {
    const unit = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('a', 'Ñ', ' ', 'é', 'ÿ', '¡', '~') },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0x180 }).map((code) => String.fromCharCode(code)) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\u0301', '\u00a0', '\u00ad', '\u0085', '\u200b', '\ud800', '漢'),
      },
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        const long = text
          .toWellFormed()
          .normalize('NFC')
          .replace(/\s+/g, ' ')
          .replace(/[\p{Cc}\p{Cf}]/gu, '')
          .trim();
        expect(cleanText(text)).toBe(long);
        expect(isBlank(text)).toBe(long === '');
        expect(normaliseText(text, 5)).toEqual(
          Array.from(long).length <= 5
            ? { ok: true, value: long, ...(looksGarbled(long) ? { notice: { code: 'text_garbled' } } : {}) }
            : {
                ok: true,
                value: Array.from(long).slice(0, 5).join('').trim(),
                notice: { code: 'text_cut', values: { max: 5 } },
              },
        );
      }),
      { numRuns: 10_000 },
    );
  });
});
