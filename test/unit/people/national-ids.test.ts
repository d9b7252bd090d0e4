import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseNationalId, rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import type { RawCell } from '../../../domain/imports/rules/cells.ts';

/** The value with the notice, or the code of the refusal. */
function read(cell: RawCell, country = 'CL', digit?: RawCell): string {
  const result = normaliseNationalId(cell, country, digit);
  return result.ok ? [result.value, result.notice?.code].filter(Boolean).join(' ') : result.code;
}

const bodies = fc.integer({ min: 1_000_000, max: 99_999_999 });

describe('a RUT and its check digit in two columns', () => {
  test('is the body and the digit, for every body: also where the body ends in a right digit of the rest', () => {
    fc.assert(
      fc.property(bodies, fc.boolean(), (body, isNumber) => {
        const digit = rutCheckDigit(body);
        const expected = `${body}-${digit}`;
        const cell = isNumber ? body : String(body);
        expect(read(cell, 'CL', digit.toLowerCase()).split(' ')[0]).toBe(expected);
        if (digit !== 'K') expect(read(cell, 'CL', Number(digit)).split(' ')[0]).toBe(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a digit that is not the body’s is refused, for every body and digit', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(...'0123456789K'.split('')), (body, digit) => {
        fc.pre(digit !== rutCheckDigit(body) && !String(body).endsWith(digit));
        expect(read(body, 'CL', digit)).toBe('national_id_check_digit');
      }),
    );
  });

  test.each([
    ['13000018', '', '13000018-5 national_id_computed'],
    ['13.000.018-5', '5', '13000018-5'],
    ['13.000.018-5', '', '13000018-5'],
    ['13.000.018-5', '3', 'national_id_check_digit'],
    ['130000185', '5', '13000018-5'],
    ['130000185', '', '13000018-5'],
    ['130000185', '2', 'national_id_check_digit'],
    ['13000018', 'x', 'national_id_check_digit'],
    ['13000018', '-5', '13000018-5'],
    ['13000018', '5.0', '13000018-5'],
    ['13000018.0', '5', '13000018-5'],
    ['no tiene', '2', 'national_id_malformed'],
  ])('%j beside %j: %s', (cell, digit, expected) => {
    expect(read(cell, 'CL', digit)).toBe(expected);
  });
});

describe('a RUT without dash and without a column for its digit', () => {
  test('is nobody’s when it may be of two people that live', () => {
    // 13000018: 8 is the check digit of 1.300.001, and 5 that of 13.000.018.
    const result = normaliseNationalId('13000018', 'CL');
    expect(result).toMatchObject({
      ok: false,
      code: 'national_id_ambiguous',
      values: { body: '13000018-5', whole: '1300001-8' },
    });
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 29_999_999 }), (body) => {
        const isWhole = rutCheckDigit(Math.floor(body / 10)) === String(body % 10);
        expect(read(body).split(' ').at(-1)).toBe(isWhole ? 'national_id_ambiguous' : 'national_id_computed');
      }),
    );
  });

  test('of an older person is taken with its last figure as the digit, and told', () => {
    expect(read('82742220')).toBe('8274222-0 national_id_whole');
  });

  test('with dots has no digit, and with nine figures it has', () => {
    expect(read('13.000.018')).toBe('13000018-5 national_id_computed');
    expect(read('130000185')).toBe('13000018-5');
  });
});

describe('what is masked is no identity', () => {
  test.each(['***-**-6789', 'XXX-XX-6789', '•••6789', '6789', '#####6789', '12.345.***-*'])('%j', (text) => {
    expect(read(text, 'US')).toBe('national_id_masked');
    if (text.length > 4) expect(read(text, 'CL')).toBe('national_id_masked');
  });
});

describe('ids of other countries in one spelling', () => {
  test.each([
    ['PE', 1_234_567, '01234567 national_id_padded'],
    ['PE', '01234567', '01234567'],
    ['PE', 'DNI 01234567', '01234567'],
    ['PE', 'D.N.I. N° 01234567', '01234567'],
    ['PE', 'RUC 20123456789', '20123456789'],
    ['PE', '12345', '12345'],
    ['CO', 1_020_304_050, '1020304050'],
    ['CO', 'C.C. 1.020.304.050', '1020304050'],
    ['CO', 'CC1020304050', '1020304050'],
    ['CO', '1020304050.0', '1020304050'],
    ['EC', '912345678', '0912345678 national_id_padded'],
    ['AR', 'DNI 30.123.456', '30123456'],
    ['AR', 'CUIT 20-30123456-3', '20301234563'],
    ['US', '123-45-6789', '123456789'],
    ['US', 'SSN: 123-45-6789', '123456789'],
    ['PA', '8-123-4567', '81234567'],
    ['PE', '00000000', '00000000 national_id_placeholder'],
    ['PE', 'no tiene', 'national_id_malformed'],
  ])('%s %j: %s', (country, cell, expected) => {
    expect(read(cell, country)).toBe(expected);
  });
});
