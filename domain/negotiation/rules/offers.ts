import { leastUnitMicros } from '../../contacts/rules/spoken.ts';
import { addDays, evenPlan } from './instalments.ts';
import type { AgreementTerms, Offers, Stage } from './types.ts';

/** What is known when something is offered or proposed. */
export interface OfferContext {
  /** What the person owes in `currency`, micro-units. */
  readonly owedMicros: bigint;
  readonly currency: string;
  /** The person's own day, 'YYYY-MM-DD'. */
  readonly today: string;
  /** How many steps of the discount ladder the person has been offered: a later one is not theirs to take yet. */
  readonly offeredSteps: number;
}

/** One way to settle, as the agent may offer it. */
export type Offer =
  | { readonly kind: 'full'; readonly terms: AgreementTerms }
  | { readonly kind: 'discount'; readonly percent: number; readonly terms: AgreementTerms }
  | {
      readonly kind: 'instalments';
      readonly minCount: number;
      readonly maxCount: number;
      /** The longest plan, i.e. the lowest instalments. */
      readonly terms: AgreementTerms;
    }
  | { readonly kind: 'part'; readonly leastMicros: bigint; readonly terms: AgreementTerms };

/** What the next step of the ladder may offer, first what is best for the creditor. Dates are the last ones allowed. */
export function offersAt(stage: Stage, context: OfferContext): readonly Offer[] {
  const { offers } = stage;
  const lastDay = lastDayOf(offers, context.today);
  const found: Offer[] = [{ kind: 'full', terms: promise(context, context.owedMicros, 0n, lastDay) }];
  const percent = discountAt(offers, context.offeredSteps);
  const least = leastSettlement(offers, context);
  if (percent > 0 && least < context.owedMicros) {
    const terms = promise(context, least, context.owedMicros - least, lastDay);
    found.push({ kind: 'discount', percent, terms });
  }
  const counts = countsOf(offers, context);
  if (counts !== undefined) {
    const terms = plan(context, offers, counts.max, lastDay);
    found.push({ kind: 'instalments', minCount: counts.min, maxCount: counts.max, terms });
  }
  const leastMicros = leastPart(offers, context);
  if (leastMicros < context.owedMicros) {
    found.push({ kind: 'part', leastMicros, terms: promise(context, leastMicros, 0n, lastDay) });
  }
  return found;
}

/** The last day that may be promised, inclusive. */
export function lastDayOf(offers: Offers, today: string): string {
  return addDays(today, offers.longestPromiseDays);
}

/** The discount that the person may take, in per cent: the step they were offered, and never below the floor. */
export function discountAt(offers: Offers, offeredSteps: number): number {
  const step = Math.min(offeredSteps, offers.discountLadder.length);
  const percent = step === 0 ? 0 : (offers.discountLadder[step - 1] ?? 0);
  return Math.min(percent, 100 - offers.floorPercent);
}

/** The least that settles the debt at the offered step, rounded up to what can be paid: a rounded floor is no floor. */
export function leastSettlement(offers: Offers, context: OfferContext): bigint {
  return percentOf(context, 100 - discountAt(offers, context.offeredSteps));
}

/** The least that settles the debt whatever was offered. */
export function floorOf(offers: Offers, context: OfferContext): bigint {
  return percentOf(context, offers.floorPercent);
}

/** The least that a promise of a part may be. */
export function leastPart(offers: Offers, context: OfferContext): bigint {
  const least = percentOf(context, offers.leastPartPercent);
  return least > 0n ? least : leastUnitMicros(context.currency);
}

/** How many instalments are allowed for this debt: a small one does not divide as often. Undefined: none. */
export function countsOf(
  { instalments }: Offers,
  { owedMicros, currency }: OfferContext,
): { readonly min: number; readonly max: number } | undefined {
  if (instalments === null) return undefined;
  const unit = leastUnitMicros(currency);
  // In whole units: an even share is rounded down to them.
  const leastUnits = (BigInt(instalments.minMicros) + unit - 1n) / unit;
  const fitting = leastUnits === 0n ? owedMicros / unit : owedMicros / unit / leastUnits;
  const max = fitting < BigInt(instalments.max) ? Number(fitting) : instalments.max;
  return max < instalments.min ? undefined : { min: instalments.min, max };
}

export function promise(
  { currency }: OfferContext,
  totalMicros: bigint,
  discountMicros: bigint,
  dueDate: string,
): AgreementTerms {
  const instalments = [{ dueDate, amountMicros: totalMicros }];
  return { kind: 'promise', totalMicros, discountMicros, currency, instalments };
}

export function plan(
  { currency, owedMicros }: OfferContext,
  { instalments }: Offers,
  count: number,
  firstDay: string,
): AgreementTerms {
  const longestGapDays = instalments?.longestGapDays ?? 1;
  const parts = evenPlan({ totalMicros: owedMicros, currency, count, firstDay, longestGapDays });
  return { kind: 'plan', totalMicros: owedMicros, discountMicros: 0n, currency, instalments: parts };
}

/** Per cent with two decimals are exact; the result is rounded up to the smallest unit, and is never above the debt. */
function percentOf({ owedMicros, currency }: OfferContext, percent: number): bigint {
  const unit = leastUnitMicros(currency);
  const hundredths = BigInt(Math.round(percent * 100));
  const divisor = 10_000n * unit;
  const rounded = ((owedMicros * hundredths + divisor - 1n) / divisor) * unit;
  return rounded < owedMicros ? rounded : owedMicros;
}
