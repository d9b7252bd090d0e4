import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { describe, expect, test } from 'vitest';
import { normaliseNationalId, rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { normalisePhone, normalisePhones } from '../../../domain/people/rules/phone.ts';
import type { Normalised } from '../../../domain/people/rules/result.ts';

/** The value, or the code of the refusal. */
function outcome<T>(result: Normalised<T>): T | string {
  return result.ok ? result.value : result.code;
}

function noticeOf<T>(result: Normalised<T>): string | undefined {
  return result.ok ? result.notice?.code : undefined;
}

const grouped = (value: number, separator: string): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, separator);

describe('RUT', () => {
  /** The textbook way, digit by digit from the right: independent of the implementation. */
  function textbookCheckDigit(body: number): string {
    const weights = [2, 3, 4, 5, 6, 7];
    const sum = String(body)
      .split('')
      .toReversed()
      .map((digit, index) => Number(digit) * (weights[index % 6] ?? 0))
      .reduce((a, b) => a + b, 0);
    return '0K987654321'.charAt(sum % 11);
  }
  const bodies = fc.integer({ min: 1_000_000, max: 99_999_999 });

  test('the check digit is the textbook’s, for every body', () => {
    fc.assert(fc.property(bodies, (body) => rutCheckDigit(body) === textbookCheckDigit(body)));
  });

  test('every spelling of one RUT gives one canonical RUT, and the canonical one gives itself', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const check = textbookCheckDigit(body);
        const canonical = `${body}-${check}`;
        const spellings = [
          canonical,
          `${grouped(body, '.')}-${check}`,
          `${grouped(body, '.')}${check}`,
          `${grouped(body, ',')}-${check}`,
          `${grouped(body, ' ')} - ${check}`,
          ` ${body}-${check.toLowerCase()} `,
          `0${body}-${check}`,
          `RUT: ${canonical}`,
          `${body}\u2013${check}`,
        ];
        if (body > 2_999_999) spellings.push(`${body}${check}`);
        for (const spelling of spellings)
          expect(outcome(normaliseNationalId(spelling, 'CL'))).toBe(canonical);
        // Eight bare figures may be a body of today: test/unit/people/national-ids.test.ts.
        if (check !== 'K' && body > 2_999_999) {
          expect(outcome(normaliseNationalId(Number(`${body}${check}`), 'CL'))).toBe(canonical);
        }
      }),
    );
  });

  test('a wrong check digit is always found', () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom(...'0123456789K'.split('')), (body, check) => {
        fc.pre(check !== textbookCheckDigit(body));
        expect(outcome(normaliseNationalId(`${body}-${check}`, 'CL'))).toBe('national_id_check_digit');
      }),
    );
  });

  test('without its check digit: a right last digit is taken as such, else the digit is computed and told', () => {
    // 12345678: 8 is not the check digit of 1234567.
    const computed = normaliseNationalId(12_345_678, 'CL');
    expect(outcome(computed)).toBe('12345678-5');
    expect(noticeOf(computed)).toBe('national_id_computed');
    // 82742220: 0 is the check digit of 8274222.
    const taken = normaliseNationalId('82742220', 'CL');
    expect(outcome(taken)).toBe('8274222-0');
    expect(noticeOf(taken)).toBe('national_id_whole');
  });

  test('dots show that the check digit is not there, also where the last digit would be a right one', () => {
    expect(outcome(normaliseNationalId('82.742.220', 'CL'))).toBe(`82742220-${rutCheckDigit(82_742_220)}`);
  });

  test('a placeholder is taken with a notice', () => {
    expect(noticeOf(normaliseNationalId('11.111.111-1', 'CL'))).toBe('national_id_placeholder');
  });

  test.each(['abc', '-', '1-9', '12.345.678-9x', '999.999.999.999-9', '12.34.567-8', '12345.67', ''])(
    '%j is no RUT',
    (text) => {
      expect(normaliseNationalId(text, 'CL').ok).toBe(false);
    },
  );

  test('another country’s id keeps its letters and digits', () => {
    expect(outcome(normaliseNationalId('8-123-4567 a', 'PA'))).toBe('81234567A');
    expect(outcome(normaliseNationalId('?', 'PA'))).toBe('national_id_malformed');
  });
});

describe('phones', () => {
  const mobiles = fc
    .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 0, max: 9_999_999 }))
    .map(([second, rest]) => `9${second}${String(rest).padStart(7, '0')}`)
    // A filler: test/unit/people/chilean-phones.test.ts.
    .filter((mobile) => mobile !== '999999999');

  test('a mobile in figures only is the number that the library takes it for', () => {
    fc.assert(
      fc.property(mobiles, fc.constantFrom('', '56', '+56'), (mobile, code) => {
        const phone = parsePhoneNumberFromString(`${code}${mobile}`, 'CL');
        expect(phone?.isValid()).toBe(true);
        expect(outcome(normalisePhone(`${code}${mobile}`, 'CL'))).toBe(phone?.number);
      }),
    );
  });

  test('every spelling of a Chilean mobile gives one E.164 number, and that one gives itself', () => {
    fc.assert(
      fc.property(mobiles, (mobile) => {
        const [head, tail] = [mobile.slice(1, 5), mobile.slice(5)];
        const spellings = [
          `+56${mobile}`,
          `56${mobile}`,
          mobile,
          Number(mobile),
          Number(`56${mobile}`),
          `9 ${head} ${tail}`,
          `+56 9 ${head}-${tail}`,
          `+56 (9) ${head}${tail}`,
          `09 ${head} ${tail}`,
          `+5609${head}${tail}`,
          `0056${mobile}`,
          `${mobile}.0`,
          `'${mobile}`,
          ` ${mobile}\u00a0`,
        ];
        for (const spelling of spellings) {
          expect(outcome(normalisePhones(spelling, 'CL'))).toEqual([`+56${mobile}`]);
        }
      }),
    );
  });

  test('whatever the text, a phone that is taken is E.164 and is taken again unchanged', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ()./-]{5,20}$/));
    fc.assert(
      fc.property(texts, fc.constantFrom('CL', 'AR', 'PA', 'XX'), (text, country) => {
        const first = normalisePhones(text, country);
        if (!first.ok) return;
        for (const phone of first.value) {
          expect(phone).toMatch(/^\+[1-9][0-9]{6,14}$/);
          expect(outcome(normalisePhone(phone, country))).toBe(phone);
        }
      }),
    );
  });

  test.each(['9,61235E+08', '9.61235E+08', '9,61E8', '5.69612E+10'])(
    '%s is refused as scientific',
    (text) => {
      expect(outcome(normalisePhones(text, 'CL'))).toBe('phone_scientific');
    },
  );

  test.each(['12345', '61234567', '6123 456', 61_234_567])('%s is refused as too short', (cell) => {
    expect(outcome(normalisePhones(cell, 'CL'))).toBe('phone_too_short');
  });

  test.each([
    '+56912345678',
    '9123456789012',
    '96123456789',
    '9612345678',
    'no tiene',
    '961234567 anexo 12',
    '5491123456789',
    '4915112345678',
  ])('%s is no phone: a figure too many is never a call abroad', (text) => {
    expect(normalisePhones(text, 'CL').ok).toBe(false);
  });

  test('another country’s number is taken behind its code, and in its own country without', () => {
    expect(outcome(normalisePhones('+54 9 11 2345-6789', 'CL'))).toEqual(['+5491123456789']);
    expect(outcome(normalisePhones('6123-4567', 'PA'))).toEqual(['+50761234567']);
  });

  test('two phones in one cell are two, the same twice is one', () => {
    expect(outcome(normalisePhones('9 6123 4567 / +56971234567', 'CL'))).toEqual([
      '+56961234567',
      '+56971234567',
    ]);
    expect(outcome(normalisePhones('961234567; 961234567', 'CL'))).toEqual(['+56961234567']);
    // Behind a clear mark, the rest is told: test/unit/people/chilean-phones.test.ts.
    expect(outcome(normalisePhones('961234567 / 97123', 'CL'))).toEqual(['+56961234567']);
  });

  test('a word beside a phone does no harm, and a word inside of one refuses it', () => {
    expect(outcome(normalisePhones('961234567 (casa)', 'CL'))).toEqual(['+56961234567']);
    expect(normalisePhones('9612 int 34567', 'CL').ok).toBe(false);
  });
});
