import { describe, expect, it } from 'vitest';
import { judgePayment } from '../../../domain/payments/rules/plausible.ts';

const now = new Date('2026-11-29T23:30:00Z');
const judge = (amountMicros: bigint, paidAt: string | null, askedMicros = 100n) =>
  judgePayment(
    { amountMicros, currency: 'CLP', paidAt: paidAt === null ? null : new Date(paidAt) },
    { askedMicros, now },
  );

describe('what cannot be right in a payment', () => {
  it('is more than ten times all that was ever asked for; with nothing to compare it is believed', () => {
    expect([judge(1000n, null), judge(1001n, null), judge(1001n, null, 0n)]).toEqual([
      undefined,
      'amount_implausible',
      undefined,
    ]);
  });

  it('is a day that has not come: the noon of today, in any zone, has', () => {
    expect(judge(1n, '2026-11-30T12:00:00Z')).toBeUndefined();
    expect(judge(1n, '2026-11-30T23:30:01Z')).toBe('paid_in_future');
  });

  it('is a day of more than five years ago', () => {
    expect(judge(1n, '2022-01-01T00:00:00Z')).toBeUndefined();
    expect(judge(1n, '1926-11-29T12:00:00Z')).toBe('paid_long_ago');
  });
});
