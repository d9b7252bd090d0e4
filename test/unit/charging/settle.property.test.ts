import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OrderBooks, type PaymentWord, settle } from '../../../domain/charging/rules/settle.ts';

const charge = 56_732_000_000n;
const credit = 50_000_001n;
const books = (change: Partial<OrderBooks> = {}): OrderBooks => ({
  chargeMicros: charge,
  chargeCurrency: 'CLP',
  creditMicros: credit,
  creditIsDue: true,
  creditKind: 'top_up',
  wasPaid: false,
  creditedMicros: 0n,
  refundedCreditMicros: 0n,
  disputedCreditMicros: 0n,
  expiredMicros: 0n,
  ...change,
});

/** The books after what was settled has been booked. */
function applied(order: OrderBooks, payments: readonly PaymentWord[]): OrderBooks {
  const { creditedMicros, refundedCreditMicros, disputedCreditMicros, wasPaid } = settle(order, payments);
  return { ...order, wasPaid, creditedMicros, refundedCreditMicros, disputedCreditMicros };
}

const share = fc.bigInt({ min: 0n, max: 100n }).map((percent) => (charge * percent) / 100n);
/** A payment of the whole, of which parts were taken; none of it is counted twice. */
const payment: fc.Arbitrary<PaymentWord> = fc
  .record({ id: fc.uuid(), refunded: share, disputed: share, isLost: fc.boolean(), isPaid: fc.boolean() })
  .map(({ id, refunded, disputed, isLost, isPaid }) => {
    const rest = charge - refunded;
    const taken = disputed > rest ? rest : disputed;
    const zero = { refundedMicros: 0n, disputedMicros: 0n, lostMicros: 0n };
    const parts = {
      refundedMicros: refunded,
      disputedMicros: isLost ? 0n : taken,
      lostMicros: isLost ? taken : 0n,
    };
    return { id, currency: 'CLP', paidMicros: isPaid ? charge : 0n, ...(isPaid ? parts : zero) };
  });
const word = fc.array(payment, { maxLength: 3 });
const booked = (order: OrderBooks): bigint =>
  order.creditedMicros - order.refundedCreditMicros - order.disputedCreditMicros;
const sum = (of: readonly { readonly amountMicros: bigint }[]): bigint =>
  of.reduce((total, { amountMicros }) => total + amountMicros, 0n);

describe('an order that is settled', () => {
  it('has the share of its credit whose money is ours, whatever was said before', () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), word, (before, last) => {
        let order = books();
        let ledger = 0n;
        for (const payments of [...before, last]) {
          ledger += sum(settle(order, payments).bookings);
          order = applied(order, payments);
          expect(booked(order)).toBe(ledger);
          expect(ledger >= 0n && ledger <= credit).toBe(true);
        }
        const ours = last.reduce(
          (total, one) => total + one.paidMicros - one.refundedMicros - one.disputedMicros - one.lostMicros,
          0n,
        );
        const capped = ours > charge ? charge : ours;
        expect(ledger).toBe((credit * capped) / charge);
      }),
      { numRuns: 500 },
    );
  });

  it('asked again, moves nothing', () => {
    fc.assert(
      fc.property(word, word, (first, second) => {
        const order = applied(applied(books(), first), second);
        expect(settle(order, second).bookings).toEqual([]);
      }),
    );
  });

  it('gives nothing before its period begins, and all of it then', () => {
    const paid = [
      {
        id: '1',
        currency: 'CLP',
        paidMicros: charge,
        refundedMicros: 0n,
        disputedMicros: 0n,
        lostMicros: 0n,
      },
    ];
    const waiting = books({ creditIsDue: false, creditKind: 'grant' });
    expect(settle(waiting, paid)).toMatchObject({ bookings: [], standingMicros: charge, wasPaid: true });
    const begun = { ...applied(waiting, paid), creditIsDue: true };
    expect(settle(begun, paid).bookings).toEqual([{ kind: 'grant', amountMicros: credit }]);
  });

  it('takes no minutes that have expired a second time', () => {
    fc.assert(
      fc.property(word, fc.bigInt({ min: 0n, max: credit }), (payments, expired) => {
        const whole = [
          {
            id: '1',
            currency: 'CLP',
            paidMicros: charge,
            refundedMicros: 0n,
            disputedMicros: 0n,
            lostMicros: 0n,
          },
        ];
        const order = { ...applied(books(), whole), expiredMicros: expired };
        expect(booked(applied(order, payments)) >= expired).toBe(true);
      }),
    );
  });

  it('says what does not fit, and books none of it', () => {
    const one = (change: Partial<PaymentWord>): PaymentWord => ({
      id: '1',
      currency: 'CLP',
      paidMicros: charge,
      refundedMicros: 0n,
      disputedMicros: 0n,
      lostMicros: 0n,
      ...change,
    });
    const problem = (payments: readonly PaymentWord[], order = books()) =>
      settle(order, payments).problem?.code;
    expect(problem([one({ currency: 'USD' })])).toBe('other_currency');
    expect(settle(books(), [one({ currency: 'USD' })]).bookings).toEqual([]);
    expect(problem([one({ paidMicros: charge - 1n })])).toBe('paid_less');
    expect(settle(books(), [one({ paidMicros: charge - 1n })]).bookings).toEqual([]);
    expect(problem([one({}), one({ id: '2' })])).toBe('paid_more');
    expect(problem([one({}), one({ id: '2', refundedMicros: charge })])).toBeUndefined();
    expect(problem([one({ refundedMicros: charge, lostMicros: 1n })])).toBe('taken_more');
    expect(problem([], applied(books(), [one({})]))).toBe('paid_less_than_before');
    expect(sum(settle(applied(books(), [one({})]), []).bookings)).toBe(-credit);
    // Tried, and nothing came: no money that would not fit.
    expect(problem([one({ paidMicros: 0n, currency: 'USD' })])).toBeUndefined();
  });
});
