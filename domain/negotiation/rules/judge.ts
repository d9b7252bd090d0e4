import { leastUnitMicros } from '../../contacts/rules/spoken.ts';
import { daysBetween, isDay, type Instalment } from './instalments.ts';
import {
  countsOf,
  floorOf,
  lastDayOf,
  leastPart,
  leastSettlement,
  type OfferContext,
  plan,
  promise,
} from './offers.ts';
import type { AgreementTerms, Offers, Stage } from './types.ts';

/** What the person says that they will do, as the agent heard it. */
export interface Proposal {
  /** full: everything on one day. part: some of it, the rest stays owed. discount: less, and nothing stays owed. */
  readonly kind: 'full' | 'part' | 'discount' | 'instalments';
  /** Null: not said; taken as what the kind means (all of it, or the discounted sum). */
  readonly amountMicros: bigint | null;
  /** The day, or the first one; as it was heard, and perhaps no day at all. Null: not said. */
  readonly date: string | null;
  /** Null: the currency of the debt. */
  readonly currency: string | null;
  /** instalments: how many, evenly; null when `parts` says them. */
  readonly count: number | null;
  /** instalments: each with its own day and amount. */
  readonly parts: readonly Instalment[] | null;
}

export const REFUSED_OFFERS = [
  'nothing_owed',
  'currency',
  'mixed_currencies',
  'date_missing',
  'no_such_day',
  'past',
  'too_late',
  'amount_missing',
  'zero',
  'above_debt',
  'below_debt',
  'below_floor',
  'not_whole',
  'not_offered',
  'no_discount',
  'part_too_small',
  'no_instalments',
  'instalment_count',
  'instalment_too_small',
  'instalment_gap',
  'instalment_order',
  'instalment_sum',
] as const;

/** Why an offer is not taken. */
export type RefusedOffer = (typeof REFUSED_OFFERS)[number];

export type Judgement =
  | { readonly ok: true; readonly terms: AgreementTerms }
  | {
      readonly ok: false;
      readonly code: RefusedOffer;
      /** The nearest that is allowed; null when there is none. It is judged as allowed itself. */
      readonly counter: AgreementTerms | null;
    };

/**
 * Whether an offer may be taken at this stage, whatever the agent says: exact to the smallest unit, never below the
 * floor, never above the debt, on days that exist. Pure: the same proposal on the same day has the same answer.
 */
export function judgeOffer(stage: Stage, context: OfferContext, proposal: Proposal): Judgement {
  if (context.owedMicros <= 0n) return { ok: false, code: 'nothing_owed', counter: null };
  if (proposal.currency !== null && proposal.currency !== context.currency) {
    return { ok: false, code: 'currency', counter: null };
  }
  const { offers } = stage;
  if (proposal.kind === 'instalments') return judgePlan(offers, context, proposal);
  const day = judgeDay(offers, context.today, proposal.date);
  const amount = judgeAmount(offers, context, proposal);
  const terms = promise(context, amount.totalMicros, amount.discountMicros, day.day);
  // The amount first: what the person could pay matters more than when.
  const code = amount.code ?? day.code;
  return code === undefined ? { ok: true, terms } : { ok: false, code, counter: terms };
}

interface JudgedDay {
  readonly code?: RefusedOffer;
  /** The proposed day, or the nearest allowed one. */
  readonly day: string;
}

function judgeDay(offers: Offers, today: string, date: string | null): JudgedDay {
  const last = lastDayOf(offers, today);
  if (date === null || date === '') return { code: 'date_missing', day: last };
  if (!isDay(date)) return { code: 'no_such_day', day: last };
  if (date < today) return { code: 'past', day: today };
  if (date > last) return { code: 'too_late', day: last };
  return { day: date };
}

interface JudgedAmount {
  readonly code?: RefusedOffer;
  /** The proposed amount, or the nearest allowed one. */
  readonly totalMicros: bigint;
  readonly discountMicros: bigint;
}

function judgeAmount(offers: Offers, context: OfferContext, { kind, amountMicros }: Proposal): JudgedAmount {
  const { owedMicros } = context;
  const whole = { totalMicros: owedMicros, discountMicros: 0n };
  if (amountMicros !== null && amountMicros <= 0n) return { ...whole, code: 'zero' };
  if (amountMicros !== null && amountMicros > owedMicros) return { ...whole, code: 'above_debt' };
  switch (kind) {
    case 'full':
      // Less is a part or a discount; the agent says which, and it is judged as that.
      return amountMicros === null || amountMicros === owedMicros ? whole : { ...whole, code: 'below_debt' };
    case 'part': {
      const least = leastPart(offers, context);
      if (amountMicros === null) return { totalMicros: least, discountMicros: 0n, code: 'amount_missing' };
      if (amountMicros < least) return { totalMicros: least, discountMicros: 0n, code: 'part_too_small' };
      if (!isPayable(context, amountMicros)) {
        const unit = leastUnitMicros(context.currency);
        return { totalMicros: (amountMicros / unit) * unit, discountMicros: 0n, code: 'not_whole' };
      }
      return { totalMicros: amountMicros, discountMicros: 0n };
    }
    case 'discount':
      return judgeDiscount(offers, context, amountMicros);
    case 'instalments':
      return whole;
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

function judgeDiscount(offers: Offers, context: OfferContext, amountMicros: bigint | null): JudgedAmount {
  const { owedMicros } = context;
  const least = leastSettlement(offers, context);
  const settle = (totalMicros: bigint): JudgedAmount => ({
    totalMicros,
    discountMicros: owedMicros - totalMicros,
  });
  if (amountMicros !== null && amountMicros < floorOf(offers, context)) {
    return { ...settle(least), code: 'below_floor' };
  }
  if (least === owedMicros) {
    if (amountMicros === owedMicros) return settle(owedMicros);
    const mayCome = offers.discountLadder.length > 0 && context.offeredSteps === 0;
    return { ...settle(owedMicros), code: mayCome ? 'not_offered' : 'no_discount' };
  }
  if (amountMicros === null) return settle(least);
  if (amountMicros < least) return { ...settle(least), code: 'not_offered' };
  if (!isPayable(context, amountMicros)) return { ...settle(least), code: 'not_whole' };
  return settle(amountMicros);
}

/** Whole pesos, whole cents; the debt itself is payable whatever it is. */
function isPayable({ owedMicros, currency }: OfferContext, amountMicros: bigint): boolean {
  return amountMicros === owedMicros || amountMicros % leastUnitMicros(currency) === 0n;
}

function judgePlan(offers: Offers, context: OfferContext, proposal: Proposal): Judgement {
  const refuse = (code: RefusedOffer): Judgement => ({
    ok: false,
    code,
    counter: nearestPlan(offers, context, proposal),
  });
  const counts = countsOf(offers, context);
  if (offers.instalments === null || counts === undefined) return refuse('no_instalments');
  const parts = proposal.parts;
  const count = parts === null ? proposal.count : parts.length;
  if (count === null || !Number.isInteger(count)) return refuse('instalment_count');
  // An even plan of too many is refused for its instalments' size; one beyond the stage's most, for their number.
  if (count < counts.min || count > offers.instalments.max) return refuse('instalment_count');
  if (parts === null) {
    if (count > counts.max) return refuse('instalment_too_small');
    const { amountMicros } = proposal;
    if (amountMicros !== null && amountMicros !== context.owedMicros) {
      return refuse(amountMicros > context.owedMicros ? 'above_debt' : 'instalment_sum');
    }
    const first = judgeDay(offers, context.today, proposal.date);
    if (first.code !== undefined) return refuse(first.code);
    return { ok: true, terms: plan(context, offers, count, first.day) };
  }
  const code = judgeParts(offers, context, parts);
  if (code !== undefined) return refuse(code);
  const { owedMicros: totalMicros, currency } = context;
  return { ok: true, terms: { kind: 'plan', totalMicros, discountMicros: 0n, currency, instalments: parts } };
}

function judgeParts(
  offers: Offers,
  context: OfferContext,
  parts: readonly Instalment[],
): RefusedOffer | undefined {
  if (offers.instalments === null) return 'no_instalments';
  const { minMicros, longestGapDays } = offers.instalments;
  const unit = leastUnitMicros(context.currency);
  const [first] = parts;
  const firstDay = judgeDay(offers, context.today, first?.dueDate ?? null);
  if (firstDay.code !== undefined) return firstDay.code;
  for (const [index, { dueDate, amountMicros }] of parts.entries()) {
    if (!isDay(dueDate)) return 'no_such_day';
    if (amountMicros <= 0n) return 'zero';
    if (amountMicros < BigInt(minMicros)) return 'instalment_too_small';
    // What the debt has below the smallest unit may be in the first one.
    const dust = index === 0 ? context.owedMicros % unit : 0n;
    if (amountMicros % unit !== 0n && amountMicros % unit !== dust) return 'not_whole';
    const before = parts[index - 1];
    if (before === undefined) continue;
    if (dueDate <= before.dueDate) return 'instalment_order';
    if (daysBetween(before.dueDate, dueDate) > longestGapDays) return 'instalment_gap';
  }
  const sum = parts.reduce((total, { amountMicros }) => total + amountMicros, 0n);
  if (sum > context.owedMicros) return 'above_debt';
  return sum === context.owedMicros ? undefined : 'instalment_sum';
}

/** The even plan that is nearest to what was proposed; everything at once when the debt takes no instalments. */
function nearestPlan(offers: Offers, context: OfferContext, proposal: Proposal): AgreementTerms {
  const wished = proposal.date ?? proposal.parts?.[0]?.dueDate ?? null;
  const { day } = judgeDay(offers, context.today, wished);
  const counts = countsOf(offers, context);
  if (counts === undefined) return promise(context, context.owedMicros, 0n, day);
  const asked = proposal.count ?? proposal.parts?.length ?? counts.max;
  const count = Number.isFinite(asked)
    ? Math.min(Math.max(Math.trunc(asked), counts.min), counts.max)
    : counts.max;
  return plan(context, offers, count, day);
}
