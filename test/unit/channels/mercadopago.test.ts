import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountInWords } from '../../../domain/messages/link-values.ts';
import { fromProviderAmount, toProviderAmount } from '../../../channels/mercadopago/amounts.ts';
import { preferenceOf } from '../../../channels/mercadopago/mercado-pago.ts';

describe('amounts of a payment provider', () => {
  it('come back as they went, to the cent, in every currency', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        fc.constantFrom('CLP', 'PEN', 'USD'),
        (cents, currency) => {
          const micros = currency === 'CLP' ? cents * 1_000_000n : cents * 10_000n;
          return fromProviderAmount(toProviderAmount(micros, currency)) === micros;
        },
      ),
    );
  });

  it('that no coin can pay are refused, not rounded', () => {
    expect(toProviderAmount(1_500_000n, 'CLP')).toBeUndefined();
    expect(toProviderAmount(15_000n, 'USD')).toBeUndefined();
    expect(toProviderAmount(0n, 'CLP')).toBeUndefined();
    expect(toProviderAmount(-1_000_000n, 'CLP')).toBeUndefined();
    for (const wrong of [Number.NaN, -1, Infinity, '5', null, undefined]) {
      expect(fromProviderAmount(wrong)).toBeUndefined();
    }
    expect(fromProviderAmount(19.99)).toBe(19_990_000n);
  });

  it('are written as people in Chile read them', () => {
    expect(amountInWords(123_450_000_000n, 'CLP')).toBe('$123.450');
    expect(amountInWords(1_234_567_000_000n, 'CLP')).toBe('$1.234.567');
    expect(amountInWords(999_000_000n, 'CLP')).toBe('$999');
    expect(amountInWords(1_234_500_000n, 'USD', 'CL')).toBe('USD 1.234,50');
  });

  it('are written elsewhere as people read them there: a point before three figures is a part in Peru', () => {
    expect(amountInWords(7_320_000_000n, 'PEN')).toBe('S/ 7,320');
    expect(amountInWords(7_320_050_000n, 'PEN')).toBe('S/ 7,320.05');
    expect(amountInWords(7_320_500_000n, 'USD')).toBe('$7,320.50');
    expect(amountInWords(7_320_500_000n, 'USD', 'PE')).toBe('USD 7,320.50');
    expect(amountInWords(1_850_000_000_000n, 'COP')).toBe('$1.850.000');
    expect(amountInWords(1_850_000_000_000n, 'CLP', 'PE')).toBe('CLP 1,850,000');
  });
});

it('a preference names one amount, one reference and one end, with an offset', () => {
  const request = {
    amountMicros: 123_450_000_000n,
    currency: 'CLP',
    title: 'Pago a Tienda Uno',
    reference: 'ref',
    expiresAtMs: Date.parse('2027-03-15T03:00:00Z'),
    notificationUrl: 'https://tandas.example/hook',
    idempotencyKey: 'key',
  };
  expect(preferenceOf(request)).toEqual({
    items: [{ id: 'ref', title: 'Pago a Tienda Uno', quantity: 1, unit_price: 123_450, currency_id: 'CLP' }],
    external_reference: 'ref',
    expires: true,
    expiration_date_to: '2027-03-15T03:00:00.000+00:00',
    date_of_expiration: '2027-03-15T03:00:00.000+00:00',
    notification_url: 'https://tandas.example/hook',
  });
  expect(preferenceOf({ ...request, amountMicros: 500_000n })).toBeUndefined();
});
