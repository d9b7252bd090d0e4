import fc from 'fast-check';
import { expect, it } from 'vitest';
import { moneyOf } from '../../../domain/shared/rules/money.ts';
import {
  aboutInWords,
  amountsInWords,
  counted,
  dayInWords,
  decimalNumber,
  moneyInWords,
  percentage,
  wholeNumber,
} from '../../../domain/shared/rules/written.ts';
import { instantInWords } from '../../../domain/shared/rules/written-instants.ts';

it('money is written as in Chile, with every decimal that there is', () => {
  const written = (amount: string, unit: string): string => moneyInWords({ amount, unit });
  expect(written('1620000', 'CLP')).toBe('$1.620.000');
  expect(written('0.46', 'USD')).toBe('US$ 0,46');
  expect(written('24.1', 'USD')).toBe('US$ 24,10');
  expect(written('0.043333', 'USD')).toBe('US$ 0,043333');
  expect(written('1000000', 'USD')).toBe('US$ 1.000.000,00');
  expect(written('12.5', 'PEN')).toBe('PEN 12,50');
  expect(written('-3', 'USD')).toBe('−US$ 3,00');
  expect(written('750', 'SEC')).toBe('12 min 30 s');
  expect(written('60', 'SEC')).toBe('1 min');
  expect(written('12.5', 'SEC')).toBe('12,5 s');
  expect(
    amountsInWords(
      [
        { amount: '1', unit: 'CLP' },
        { amount: '2', unit: 'USD' },
      ],
      'nada',
    ),
  ).toBe('$1 + US$ 2,00');
  expect(amountsInWords([], 'nada')).toBe('nada');
});

it('a figure for people is rounded to the cent or the peso, and never to nothing', () => {
  const about = (amount: string, unit: string): string => aboutInWords({ amount, unit });
  expect(about('0.224685', 'USD')).toBe('US$ 0,22');
  expect(about('0.995', 'USD')).toBe('US$ 1,00');
  expect(about('23.825315', 'USD')).toBe('US$ 23,83');
  expect(about('-0.225', 'USD')).toBe('−US$ 0,23');
  expect(about('0.004', 'USD')).toBe('US$ 0,004');
  expect(about('1234567.5', 'CLP')).toBe('$1.234.568');
  expect(about('9.99', 'USD')).toBe('US$ 9,99');
});

it('no digit of an amount is lost or moved', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (micros) => {
      const { amount } = moneyOf(micros, 'USD');
      const back = moneyInWords({ amount, unit: 'USD' })
        .replace('US$ ', '')
        .replaceAll('.', '')
        .replace(',', '.');
      expect(Number(back)).toBe(Number(amount));
      // Cents are always there; nothing else is added.
      const [whole = '', decimals = ''] = amount.split('.');
      expect(back).toBe(`${whole}.${decimals.padEnd(2, '0')}`);
    }),
    { examples: [[0n], [40_000n], [1_620_000_000_000n]] },
  );
});

it('one is one, and everything else many', () => {
  expect(counted(1, 'fila')).toBe('1 fila');
  expect(counted(0, 'fila')).toBe('0 filas');
  expect(counted(2_345, 'fila leída', 'filas leídas')).toBe('2.345 filas leídas');
});

it('numbers have dots for thousands and a comma for decimals', () => {
  expect(wholeNumber(999)).toBe('999');
  expect(wholeNumber(-1_234_567)).toBe('-1.234.567');
  expect(wholeNumber(12_345_678_901_234_567_890n)).toBe('12.345.678.901.234.567.890');
  expect(decimalNumber('1234.5')).toBe('1.234,5');
  expect(decimalNumber('no')).toBe('no');
  expect(percentage(0.773)).toBe('77,3 %');
  expect(percentage(1)).toBe('100,0 %');
  expect(percentage(0)).toBe('0,0 %');
});

it('a day and an instant are read as on a Chilean calendar, by the clock of their zone', () => {
  expect(dayInWords('2026-11-30')).toBe('30-11-2026');
  expect(dayInWords('2026-11-30T12:00:00Z')).toBe('30-11-2026');
  expect(dayInWords('mañana')).toBe('mañana');
  const at = Date.parse('2026-11-30T12:00:00Z');
  expect(instantInWords('America/Santiago', at)).toBe('lunes 30-11-2026 09:00');
  expect(instantInWords('Pacific/Easter', new Date(at))).toBe('lunes 30-11-2026 07:00');
});
