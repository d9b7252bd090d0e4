import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellText, cleanText, MAX_CELL_CHARACTERS } from '../../../domain/imports/rules/cells.ts';
import { sentence } from '../../../domain/imports/rules/messages.ts';
import { normaliseDate } from '../../../domain/people/rules/date.ts';
import { normaliseNationalId } from '../../../domain/people/rules/national-id.ts';
import { normalisePhones } from '../../../domain/people/rules/phone.ts';
import { normaliseMoney } from '../../../domain/people/rules/money.ts';
import {
  normaliseCountry,
  normaliseZone,
  zoneOfCountry,
  zoneOfLandline,
  zoneOfPlace,
} from '../../../domain/people/rules/place.ts';
import type { Normalised } from '../../../domain/people/rules/result.ts';
import {
  normaliseCurrency,
  normaliseEmail,
  normaliseInteger,
  normaliseText,
} from '../../../domain/people/rules/text.ts';

/** The value, or the code of the refusal. */
function outcome<T>(result: Normalised<T>): T | string {
  return result.ok ? result.value : result.code;
}

function noticeOf<T>(result: Normalised<T>): string | undefined {
  return result.ok ? result.notice?.code : undefined;
}

const grouped = (value: number, separator: string): string =>
  String(value).replace(/\B(?=(\d{3})+$)/g, separator);

/** Every reader of a cell, by what it makes of one. */
const readers: Readonly<Record<string, (cell: string) => unknown>> = {
  'national id': (cell) => outcome(normaliseNationalId(cell, 'CL')),
  'foreign id': (cell) => outcome(normaliseNationalId(cell, 'PE')),
  phones: (cell) => outcome(normalisePhones(cell, 'CL')),
  money: (cell) => outcome(normaliseMoney(cell, 'CLP')),
  date: (cell) => outcome(normaliseDate(cell)),
  integer: (cell) => outcome(normaliseInteger(cell)),
  email: (cell) => outcome(normaliseEmail(cell)),
  currency: (cell) => outcome(normaliseCurrency(cell, 'CLP')),
  country: (cell) => outcome(normaliseCountry(cell)),
  zone: (cell) => outcome(normaliseZone(cell)),
};

/** One of each, which any amount of filling must not hide in. */
const examples: Readonly<Record<string, string>> = {
  'national id': '12.345.678-5',
  'foreign id': 'AB1234567',
  phones: '+56961234567',
  money: '$1.234',
  date: '30 nov 2026',
  integer: '12.0',
  email: 'ana@correo.cl',
  currency: 'CLP',
  country: 'chile',
  zone: 'America/Santiago',
};

describe('the longest cell', () => {
  test.each(Object.keys(readers))(
    '%s: what is longer than its kind can be is refused, not searched',
    (kind) => {
      const read = readers[kind];
      const example = examples[kind];
      if (read === undefined || example === undefined) throw new Error(kind);
      const known = read(example);
      expect(known).not.toEqual(read('?'));
      // Filling that a reader skips leaves the same value: it would have searched the whole cell for it.
      for (const filling of ['0', '-', '.', ',', '$', "'", '+', 'a']) {
        const far = filling.repeat(MAX_CELL_CHARACTERS - example.length);
        for (let at = 0; at <= example.length; at += 1) {
          const cell = example.slice(0, at) + far + example.slice(at);
          expect(read(cell), `${filling} at ${at}`).not.toEqual(known);
        }
      }
    },
  );
});

describe('money', () => {
  const amounts = fc.integer({ min: 1, max: 8_999_999_999 });

  test('every spelling of an amount of pesos gives its micro-units', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const micros = BigInt(amount) * 1_000_000n;
        const [dots, commas] = [grouped(amount, '.'), grouped(amount, ',')];
        const spellings = [
          amount,
          String(amount),
          `$${dots}`,
          `$ ${dots}`,
          dots,
          commas,
          `${dots},00`,
          `${commas}.00`,
          `${amount},00`,
          `${amount}.00`,
          `${dots}.-`,
          `CLP ${dots}`,
          `${dots} pesos`,
          ` ${grouped(amount, ' ')} `,
        ];
        for (const spelling of spellings) expect(outcome(normaliseMoney(spelling, 'CLP'))).toBe(micros);
      }),
    );
  });

  test('whatever the text, an amount that is taken is above zero and safe as a JavaScript number', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^-?\$?[0-9.,]{1,20}$/), fc.double());
    fc.assert(
      fc.property(texts, fc.constantFrom('CLP', 'USD'), (cell, currency) => {
        const result = normaliseMoney(cell, currency);
        if (!result.ok) return;
        expect(result.value > 0n && result.value <= BigInt(Number.MAX_SAFE_INTEGER)).toBe(true);
      }),
    );
  });

  test('cents count in a currency that has them', () => {
    expect(outcome(normaliseMoney('US$ 1,234.50', 'USD'))).toBe(1_234_500_000n);
    expect(outcome(normaliseMoney('1.234,5', 'USD'))).toBe(1_234_500_000n);
    expect(outcome(normaliseMoney(0.1 + 0.2, 'USD'))).toBe(300_000n);
    expect(outcome(normaliseMoney('0.5', 'USD'))).toBe(500_000n);
  });

  test('pesos have no decimals: text with them is refused, a computed number is rounded and told', () => {
    expect(outcome(normaliseMoney('1.5', 'CLP'))).toBe('money_decimals');
    expect(outcome(normaliseMoney('1.234,50', 'CLP'))).toBe('money_decimals');
    // On request, but for what may be a million and a half.
    const round = (cell: string, currency = 'CLP') => normaliseMoney(cell, currency, 'round');
    expect([outcome(round('1.234.567,50')), noticeOf(round('1.234.567,50'))]).toEqual([
      1_234_568_000_000n,
      'money_rounded',
    ]);
    expect(outcome(round('1.234.567,49'))).toBe(1_234_567_000_000n);
    expect(outcome(round('830,25'))).toBe(830_000_000n);
    expect(outcome(round('0,4'))).toBe('money_decimals');
    expect(outcome(round('0,40'))).toBe('money_not_positive');
    expect(outcome(round('12.345,678', 'PEN'))).toBe(12_345_680_000n);
    expect(outcome(round('1.5'))).toBe('money_decimals');
    expect(noticeOf(round('1.234,00'))).toBeUndefined();
    // Nobody pays half of a Colombian peso: what is owed can be agreed on and paid.
    expect(outcome(normaliseMoney('2.400.000,75', 'COP'))).toBe('money_decimals');
    expect(outcome(normaliseMoney(2_400_000.75, 'COP'))).toBe(2_400_001_000_000n);
    const rounded = normaliseMoney(104_050.4, 'CLP');
    expect(outcome(rounded)).toBe(104_050_000_000n);
    expect(noticeOf(rounded)).toBe('money_rounded');
    expect(noticeOf(normaliseMoney(104_049.99999999999, 'CLP'))).toBeUndefined();
  });

  test.each([
    ['mucho', 'money_invalid'],
    ['', 'money_invalid'],
    ['12.34.567', 'money_invalid'],
    ['1.2345.678,00', 'money_invalid'],
    ['1,234,56', 'money_invalid'],
    ['$', 'money_invalid'],
    [true, 'money_invalid'],
    ['0', 'money_not_positive'],
    [0, 'money_not_positive'],
    ['-500', 'money_negative'],
    ['(500)', 'money_negative'],
    [-1, 'money_negative'],
    ['9.000.000.001', 'money_too_large'],
    [1e18, 'money_too_large'],
    ['1' + '0'.repeat(60), 'money_too_large'],
  ])('%j is refused: %s', (cell, code) => {
    expect(outcome(normaliseMoney(cell, 'CLP'))).toBe(code);
  });
});

describe('dates', () => {
  const days = fc
    .date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const MONTHS =
    'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');

  test('every spelling of a day gives that day', () => {
    fc.assert(
      fc.property(days, (day) => {
        const [year = '', month = '', date = ''] = day.split('-');
        const name = MONTHS[Number(month) - 1] ?? '';
        const spellings = [
          new Date(`${day}T00:00:00Z`),
          Math.round(Date.parse(`${day}T00:00:00Z`) / 86_400_000) + 25_569,
          day,
          `${day}T00:00:00.000Z`,
          `${day} 00:00:00`,
          `${date}/${month}/${year}`,
          `${Number(date)}/${Number(month)}/${year}`,
          `${date}-${month}-${year}`,
          `${date}.${month}.${year}`,
          `${date}/${month}/${year} 10:30`,
          `${year}${month}${date}`,
          `${Number(date)} de ${name} de ${year}`,
          `${Number(date)} de ${name} del ${year}`,
          `Lunes, ${date} ${name.toUpperCase()} ${year}`,
          `${date}-${name.slice(0, 3)}-${year}`,
          // As Excel reads a year of two figures.
          ...(Number(year) < 2030 ? [`${date}-${month}-${year.slice(2)}`] : []),
        ];
        for (const spelling of spellings) expect(outcome(normaliseDate(spelling))).toBe(day);
      }),
    );
  });

  test.each([
    '31/02/2026',
    '29/02/2026',
    '11/30/2026',
    '00/01/2026',
    '30/11',
    '30 de marzal de 2026',
    'pronto',
    '2026-13-01',
    '01/01/1899',
    '01/01/2101',
    12,
    999_999,
    Number.NaN,
    true,
  ])('%s is no date', (cell) => {
    expect(outcome(normaliseDate(cell))).toBe('date_invalid');
  });

  test('a year of two figures is Excel’s; where it might come first, a notice says how the date was read', () => {
    const read = (cell: string): readonly unknown[] => {
      const result = normaliseDate(cell);
      return [outcome(result), noticeOf(result)];
    };
    expect(read('17/04/97')).toEqual(['1997-04-17', undefined]);
    expect(read('05/08/27')).toEqual(['2027-08-05', undefined]);
    expect(read('30-06-97')).toEqual(['1997-06-30', undefined]);
    expect(read('05-08-27')).toEqual(['2027-08-05', 'date_short_year']);
    expect(read('27-08-15')).toEqual(['2015-08-27', 'date_short_year']);
    // The other way round it would be no day, or one of 1930.
    expect(read('30-06-27')).toEqual(['2027-06-30', undefined]);
    for (const far of ['27-08-30', '27/08/31', '27/08/55', '27.08.89'])
      expect(read(far), far).toEqual(['date_invalid', undefined]);
  });

  test('eight figures are a day as text and as number, and no other number of eight figures is', () => {
    for (const cell of [20_270_228, '20270228', '2027-02-28'])
      expect(outcome(normaliseDate(cell))).toBe('2027-02-28');
    for (const cell of [20_270_229, 20_271_301, 12_345_678, 20_270_228.5, 2_027_022])
      expect(outcome(normaliseDate(cell)), String(cell)).toBe('date_invalid');
  });

  test('in the United States the month comes first, and a month above twelve is refused there', () => {
    const us = { country: 'US' };
    expect(outcome(normaliseDate('07/04/2027', us))).toBe('2027-07-04');
    expect(outcome(normaliseDate('7-4-27', us))).toBe('2027-07-04');
    expect(outcome(normaliseDate('12/25/2027', us))).toBe('2027-12-25');
    expect(outcome(normaliseDate('25/12/2027', us))).toBe('date_invalid');
    expect(outcome(normaliseDate('2027-07-04', us))).toBe('2027-07-04');
    expect(outcome(normaliseDate('07/04/2027', { country: 'CL' }))).toBe('2027-04-07');
  });

  test('day numbers of a file that counts from 1904 are four years and a day ahead of the others', () => {
    for (const cell of [46_424 - 1_462, String(46_424 - 1_462)]) {
      expect(outcome(normaliseDate(cell, { is1904: true }))).toBe('2027-02-06');
      expect(outcome(normaliseDate(cell))).toBe('2023-02-05');
    }
  });
});

describe('places and zones', () => {
  test.each([
    ['Magallanes', 'America/Punta_Arenas'],
    ['Región de Magallanes y de la Antártica Chilena', 'America/Punta_Arenas'],
    ['PUNTA ARENAS', 'America/Punta_Arenas'],
    ['XII', 'America/Punta_Arenas'],
    ['Aysén', 'America/Coyhaique'],
    ['aisen del gral. carlos ibáñez', 'America/Coyhaique'],
    ['Coyhaique', 'America/Coyhaique'],
    ['XI', 'America/Coyhaique'],
    ['Isla de Pascua', 'Pacific/Easter'],
    ['Valparaíso, Isla de Pascua', 'Pacific/Easter'],
    ['Rapa Nui', 'Pacific/Easter'],
    ['Metropolitana', 'America/Santiago'],
    ['RM', 'America/Santiago'],
    ["O'Higgins", 'America/Santiago'],
    ['Región del Libertador Gral. Bernardo O’Higgins', 'America/Santiago'],
    ['Bío Bío', 'America/Santiago'],
    ['Ñuble', 'America/Santiago'],
    ['Región de La Araucanía', 'America/Santiago'],
    ['V', 'America/Santiago'],
    ['Temuco', 'America/Santiago'],
    ['Springfield', undefined],
    ['', undefined],
    ['-', undefined],
  ])('%s is on the clock of %s', (place, zone) => {
    expect(zoneOfPlace(place, 'CL')).toBe(zone);
  });

  test('every zone that a place can give exists in this Node', () => {
    for (const place of ['Magallanes', 'Aysén', 'Rapa Nui', 'RM']) {
      expect(normaliseZone(zoneOfPlace(place, 'CL')).ok).toBe(true);
    }
    for (const country of ['AR', 'PA', 'PE', 'CO', 'UY', 'PY', 'BO', 'VE']) {
      expect(normaliseZone(zoneOfCountry(country)).ok).toBe(true);
    }
  });

  test('a country with several clocks, or Chile, has no zone by itself', () => {
    for (const country of ['CL', 'MX', 'BR', 'US', 'ES', 'EC', 'XX'])
      expect(zoneOfCountry(country)).toBeUndefined();
  });

  test('a southern landline hints at its zone; a mobile and Valparaíso’s 32 tell nothing', () => {
    expect(zoneOfLandline('+56612345678')).toBe('America/Punta_Arenas');
    expect(zoneOfLandline('+56672345678')).toBe('America/Coyhaique');
    expect(zoneOfLandline('+56223456789')).toBe('America/Santiago');
    expect(zoneOfLandline('+56322345678')).toBeUndefined();
    expect(zoneOfLandline('+56961234567')).toBeUndefined();
    expect(zoneOfLandline('+5491123456789')).toBeUndefined();
  });

  test('a zone is one that the calendar knows', () => {
    expect(outcome(normaliseZone('America/Santiago'))).toBe('America/Santiago');
    for (const text of ['Santiago', 'UTC', '-03:00', 'America/Nowhere', '']) {
      expect(outcome(normaliseZone(text))).toBe('zone_invalid');
    }
  });

  test('a country is known by code or name', () => {
    expect(outcome(normaliseCountry('Perú'))).toBe('PE');
    expect(outcome(normaliseCountry('cl'))).toBe('CL');
    expect(outcome(normaliseCountry('Narnia'))).toBe('country_unknown');
  });
});

describe('texts', () => {
  test('words of plain letters are clean as they are, and only these', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Z', '9', '~', '!', ' ', '\t', '\u00a0', 'é', '\u0001'),
    });
    fc.assert(
      fc.property(text, (written) => {
        const folded = written.replace(/\s+/g, ' ').replaceAll('\u0001', '').trim();
        expect(cleanText(written)).toBe(folded);
      }),
    );
  });

  test('clean text has no control or invisible characters and is its own clean form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).toBe(clean.trim());
      }),
    );
    expect(cleanText(' Ana\u0000\tMaría\u200b ')).toBe('Ana María');
  });

  test('a long text is cut between characters, with a notice', () => {
    const cut = normaliseText('😀'.repeat(200), 120);
    expect(outcome(cut)).toBe('😀'.repeat(120));
    expect(noticeOf(cut)).toBe('text_cut');
  });

  test('numbers become their digits in full', () => {
    expect(cellText(56_961_234_567)).toBe('56961234567');
    expect(cellText(1e21)).toBe('1000000000000000000000');
    expect(cellText(Number.NaN)).toBe('');
  });

  test('e-mail, whole numbers and currencies', () => {
    expect(outcome(normaliseEmail(' Ana@Correo.TEST '))).toBe('ana@correo.test');
    for (const text of ['ana', 'ana@', 'a b@c.d', 'a@b', 'a@b..c', '@b.c']) {
      expect(outcome(normaliseEmail(text))).toBe('email_invalid');
    }
    expect(outcome(normaliseInteger('3.0'))).toBe('3');
    expect(outcome(normaliseInteger('tres'))).toBe('integer_invalid');
    expect(outcome(normaliseCurrency('pesos', 'COP'))).toBe('COP');
    expect(outcome(normaliseCurrency('Dólares', 'CLP'))).toBe('USD');
    expect(outcome(normaliseCurrency('UF', 'CLP'))).toBe('currency_unknown');
  });

  test('a sentence is in both languages and has no open placeholder', () => {
    const { text, hint } = sentence('required_missing', { label: 'RUT' });
    expect([text.es, text.en]).toEqual(['Falta RUT', 'RUT is missing']);
    expect(hint.es).not.toContain('{');
  });
});
