import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chileanNumber } from '../../../domain/people/rules/chile-phone.ts';
import { isNumberOf, normalisePhones } from '../../../domain/people/rules/phone.ts';
import type { RawCell } from '../../../domain/imports/rules/cells.ts';

/** The numbers with the notice, or the code of the refusal. */
function read(cell: RawCell, country = 'CL'): string {
  const result = normalisePhones(cell, country);
  return result.ok ? [...result.value, result.notice?.code].filter(Boolean).join(' ') : result.code;
}

describe('numbers that nobody can have', () => {
  test.each([
    ['a mobile that lost its last two figures behind 56', '569624681', 'phone_too_short'],
    ['600 with a figure too few for it', '6124681357', 'phone_invalid'],
    ['an area that is none', '862468135', 'phone_invalid'],
    ['an area that is none', '362468135', 'phone_invalid'],
    ['a filler', '999999999', 'phone_filler'],
    ['a filler', '222222222', 'phone_filler'],
    ['a filler behind the code of the country', '+56 9 9999 9999', 'phone_filler'],
    ['a RUT', '13.000.018-5', 'phone_is_national_id'],
    ['a RUT without dots', '13000018-5', 'phone_is_national_id'],
  ])('%s: %s', (_, text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('what only looks like a filler, and a company’s line, are told', () => {
    expect(read('987654321')).toBe('+56987654321 phone_perhaps_filler');
    expect(read('988888888')).toBe('+56988888888 phone_perhaps_filler');
    expect(read('800246813')).toBe('+56800246813 phone_service');
    expect(read('600 246 8135')).toBe('+566002468135 phone_service');
  });

  test('whatever nine figures: a mobile, Santiago, or an area of the plan, and nothing else', () => {
    const areas = '32 33 34 35 41 42 43 44 45 51 52 53 55 57 58 61 63 64 65 67 71 72 73 75'.split(' ');
    fc.assert(
      fc.property(fc.integer({ min: 100_000_000, max: 999_999_999 }), (figures) => {
        const text = String(figures);
        const isMobile = text.startsWith('9') && text.charAt(1) >= '2';
        const isLandline = text.startsWith('2') || areas.includes(text.slice(0, 2));
        const isService = /^80[09]/.test(text);
        const expected = isMobile || isLandline ? 'person' : isService ? 'service' : 'none';
        expect(chileanNumber(text)).toBe(expected);
        if (expected === 'none') expect(normalisePhones(text, 'CL').ok).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('several phones in a cell', () => {
  const both = '+56962468135 +56972468135';
  test.each([
    ['962468135\n972468135', both],
    ['9 6246 8135\n9 7246 8135', both],
    ['962468135 972468135', both],
    ['962468135-972468135', both],
    ['962468135, 972468135', both],
    ['962468135 y 972468135', both],
    ['962.468.000', '+56962468000'],
    ['962468135.0', '+56962468135'],
    ['962468135 / 22345678', '+56962468135 phone_part_left'],
    ['no tiene / 962468135', '+56962468135'],
    ['1234567 / 962468135', '+56962468135 phone_part_left'],
    ['962468135 - 972468135', both],
    ['7 - 962468135', 'phone_invalid'],
    ['962468135 8', 'phone_invalid'],
    ['962468135, 8', 'phone_invalid'],
    ['no tiene / nada', 'phone_invalid'],
  ])('%j: %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test('what was left out is named', () => {
    const result = normalisePhones('962468135 / 22345678', 'CL');
    expect(result.ok && result.notice?.values).toEqual({ value: '22345678' });
  });
});

test('a number is of the country whose code it has', () => {
  expect([
    isNumberOf('+56962468135', 'CL'),
    isNumberOf('+56962468135', 'VE'),
    isNumberOf('+1', 'XX'),
  ]).toEqual([true, false, false]);
});
