import { describe, expect, it } from 'vitest';
import { judgeOffer, type Proposal, REFUSED_OFFERS } from '../../../domain/negotiation/rules/judge.ts';
import { type OfferContext, offersAt } from '../../../domain/negotiation/rules/offers.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { chooseStage, type OpenDebt } from '../../../domain/negotiation/rules/stage.ts';
import { sayOffer, sayRefused } from '../../../domain/negotiation/rules/words.ts';

const peso = 1_000_000n;
const today = '2027-03-08';
const [early, mid, late] = collectionStandard.stages;
if (mid === undefined || late === undefined) throw new Error('the standard has three stages');

const context: OfferContext = { owedMicros: 100_000n * peso, currency: 'CLP', today, offeredSteps: 0 };
const said: Proposal = {
  kind: 'full',
  amountMicros: null,
  date: '2027-03-12',
  currency: null,
  count: null,
  parts: null,
};
const pesos = (amount: number): bigint => BigInt(amount) * peso;

function codeOf(stage: typeof early, proposal: Partial<Proposal>, over: Partial<OfferContext> = {}): string {
  const judged = judgeOffer(stage, { ...context, ...over }, { ...said, ...proposal });
  return judged.ok ? 'ok' : judged.code;
}

function debt(dueDate: string | null, balance: number, currency = 'CLP'): OpenDebt {
  return { id: dueDate ?? 'none', balanceMicros: pesos(balance), currency, dueDate, reference: null };
}

describe('the stage of a delinquency', () => {
  const keyOf = (...debts: OpenDebt[]) => chooseStage(collectionStandard, debts, today).key;

  it('is early to day 30, mid to day 90 and late from day 91 on', () => {
    expect(keyOf(debt('2027-03-08', 1))).toBe('early');
    expect(keyOf(debt('2027-02-06', 1))).toBe('early'); // 30 days
    expect(keyOf(debt('2027-02-05', 1))).toBe('mid'); // 31
    expect(keyOf(debt('2026-12-08', 1))).toBe('mid'); // 90
    expect(keyOf(debt('2026-12-07', 1))).toBe('late'); // 91
  });

  it('is early for what is not due yet or has no date, and goes by the oldest debt that is still owed', () => {
    expect(keyOf(debt('2027-06-01', 1))).toBe('early');
    expect(keyOf(debt(null, 1))).toBe('early');
    expect(keyOf(debt('2027-03-01', 1), debt('2026-01-01', 5))).toBe('late');
    expect(keyOf(debt('2027-03-01', 1), debt('2026-01-01', 0))).toBe('early');
  });

  it('is the last one when an operator left a gap, and goes by the amount where stages say one', () => {
    const gap = {
      ...collectionStandard,
      stages: [
        { ...early, toDays: 5 },
        { ...late, fromDays: 200 },
      ] as const,
    };
    expect(chooseStage(gap, [debt('2027-02-01', 1)], today).key).toBe('late');
    const big = { ...early, key: 'big', fromMicros: 1_000 * 1_000_000 };
    const amounts = { ...collectionStandard, stages: [big, early] as const };
    expect(chooseStage(amounts, [debt(today, 600), debt(today, 400)], today).key).toBe('big');
    expect(chooseStage(amounts, [debt(today, 999)], today).key).toBe('early');
  });
});

describe('an offer', () => {
  it('below the floor is refused at every step, and the nearest offered sum is the answer', () => {
    for (const offeredSteps of [0, 1, 2, 3]) {
      const proposal = { kind: 'discount' as const, amountMicros: pesos(69_999) };
      expect(codeOf(late, proposal, { offeredSteps })).toBe('below_floor');
    }
    const judged = judgeOffer(
      late,
      { ...context, offeredSteps: 2 },
      { ...said, kind: 'discount', amountMicros: 1n },
    );
    expect(judged).toMatchObject({
      ok: false,
      counter: { totalMicros: pesos(80_000), discountMicros: pesos(20_000) },
    });
  });

  it('of a discount is taken in the order of the ladder only', () => {
    const discount = (amount: number, offeredSteps: number) =>
      codeOf(late, { kind: 'discount', amountMicros: pesos(amount) }, { offeredSteps });
    expect(discount(90_000, 0)).toBe('not_offered');
    expect(discount(90_000, 1)).toBe('ok');
    expect(discount(89_999, 1)).toBe('not_offered');
    expect(discount(80_000, 2)).toBe('ok');
    expect(discount(70_000, 2)).toBe('not_offered');
    expect(discount(70_000, 3)).toBe('ok');
    expect(codeOf(early, { kind: 'discount', amountMicros: pesos(99_000) })).toBe('below_floor');
    expect(codeOf(early, { kind: 'discount' })).toBe('no_discount');
  });

  it('in the past, today, on the last day and after it', () => {
    expect(codeOf(early, { date: '2027-03-07' })).toBe('past');
    expect(codeOf(early, { date: '2027-03-08' })).toBe('ok');
    expect(codeOf(early, { date: '2027-03-18' })).toBe('ok');
    expect(codeOf(early, { date: '2027-03-19' })).toBe('too_late');
    expect(codeOf(early, { date: '2027-02-30' })).toBe('no_such_day');
    expect(codeOf(early, { date: 'el viernes' })).toBe('no_such_day');
    expect(codeOf(early, { date: null })).toBe('date_missing');
  });

  it('of nothing, of more than is owed, of a part too small, of half a peso, in another currency', () => {
    expect(codeOf(early, { amountMicros: 0n })).toBe('zero');
    expect(codeOf(early, { amountMicros: -peso })).toBe('zero');
    expect(codeOf(early, { amountMicros: pesos(100_001) })).toBe('above_debt');
    // Not by the least that there is.
    expect(codeOf(early, { kind: 'part', amountMicros: pesos(100_000) + 1n })).toBe('above_debt');
    expect(codeOf(early, { amountMicros: pesos(99_999) })).toBe('below_debt');
    expect(codeOf(early, { kind: 'part', amountMicros: pesos(29_999) })).toBe('part_too_small');
    expect(codeOf(early, { kind: 'part', amountMicros: pesos(30_000) })).toBe('ok');
    expect(codeOf(early, { kind: 'part' })).toBe('amount_missing');
    expect(codeOf(early, { kind: 'part', amountMicros: 40_000_500_000n })).toBe('not_whole');
    expect(codeOf(early, { currency: 'USD' })).toBe('currency');
    expect(codeOf(early, {}, { owedMicros: 0n })).toBe('nothing_owed');
  });

  it('of instalments: how many, how small, how far apart, in which order, and to which sum', () => {
    const plan = (count: number | null, over: Partial<Proposal> = {}) =>
      codeOf(mid, { kind: 'instalments', count, ...over });
    expect([1, 2, 5, 6, 7].map((count) => plan(count))).toEqual([
      'instalment_count',
      'ok',
      'ok',
      'instalment_too_small', // 16,666 each, and the least is 20,000
      'instalment_count',
    ]);
    expect(plan(null)).toBe('instalment_count');
    expect(plan(3, { amountMicros: pesos(90_000) })).toBe('instalment_sum');
    expect(codeOf(mid, { kind: 'instalments', count: 2 }, { owedMicros: pesos(39_999) })).toBe(
      'no_instalments',
    );
    // Two of the least that one may be.
    expect(codeOf(mid, { kind: 'instalments', count: 2 }, { owedMicros: pesos(40_000) })).toBe('ok');
    const part = (dueDate: string, amount: number) => ({ dueDate, amountMicros: pesos(amount) });
    const parts = (...list: ReturnType<typeof part>[]) => plan(null, { parts: list });
    expect(parts(part('2027-03-10', 60_000), part('2027-04-10', 40_000))).toBe('ok');
    expect(parts(part('2027-03-10', 60_000), part('2027-04-11', 40_000))).toBe('instalment_gap');
    expect(parts(part('2027-03-10', 60_000), part('2027-03-10', 40_000))).toBe('instalment_order');
    expect(parts(part('2027-03-10', 60_000), part('2027-03-20', 39_999))).toBe('instalment_sum');
    expect(parts(part('2027-03-10', 60_000), part('2027-03-20', 40_001))).toBe('above_debt');
    expect(parts(part('2027-03-10', 80_001), part('2027-03-20', 19_999))).toBe('instalment_too_small');
    expect(parts(part('2027-03-07', 60_000), part('2027-03-20', 40_000))).toBe('past');
  });

  it('of even instalments is monthly, exact to the peso, the odd pesos first', () => {
    const proposal = { ...said, kind: 'instalments' as const, count: 3, date: '2027-03-10' };
    expect(judgeOffer(early, context, proposal)).toEqual({
      ok: true,
      terms: {
        kind: 'plan',
        totalMicros: pesos(100_000),
        discountMicros: 0n,
        currency: 'CLP',
        instalments: [
          { dueDate: '2027-03-10', amountMicros: pesos(33_334) },
          { dueDate: '2027-04-10', amountMicros: pesos(33_333) },
          { dueDate: '2027-05-10', amountMicros: pesos(33_333) },
        ],
      },
    });
  });
});

describe('what the agent says', () => {
  it('is the reason and the nearest sum and day, in Spanish with English beside it', () => {
    const judged = judgeOffer(
      late,
      { ...context, offeredSteps: 1 },
      { ...said, kind: 'discount', amountMicros: peso },
    );
    if (judged.ok) throw new Error('one peso was taken');
    expect(sayRefused(judged.code, judged.counter, today)).toEqual({
      es: 'No puedo aceptar ese monto. Puedo aceptar pagar 90000 pesos el viernes 12 de marzo.',
      en: 'That amount cannot be accepted. What can be accepted: to pay 90000 pesos on Friday March 12.',
    });
    for (const code of REFUSED_OFFERS) expect(sayRefused(code, null, today).es).toMatch(/^[A-ZÁÉÍÓÚÑ].*\.$/);
  });

  it('offers in the order that is best for the creditor', () => {
    const offers = offersAt(late, { ...context, offeredSteps: 1 });
    expect(offers.map((offer) => sayOffer(offer, today).es)).toEqual([
      'pagar el total, 100000 pesos, a más tardar el domingo 28 de marzo',
      'pagar 90000 pesos, con 10 % de descuento, a más tardar el domingo 28 de marzo',
      'pagar en cuotas, de 2 a 6',
      'abonar al menos 20000 pesos, a más tardar el domingo 28 de marzo',
    ]);
    expect(offersAt(late, { ...context, offeredSteps: 0 }).map(({ kind }) => kind)).not.toContain('discount');
  });
});
