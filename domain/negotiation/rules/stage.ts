import { daysBetween } from './instalments.ts';
import type { Negotiation, Stage } from './types.ts';

/** One debt as it stands now. */
export interface OpenDebt {
  readonly id: string;
  /** What is still owed, micro-units of `currency`. */
  readonly balanceMicros: bigint;
  readonly currency: string;
  /** 'YYYY-MM-DD'. */
  readonly dueDate: string | null;
  readonly reference: string | null;
}

/** Days since the oldest due date of what is still owed; 0 when nothing is due yet, or no date is known. */
export function daysLate(debts: readonly OpenDebt[], localDay: string): number {
  const [oldest] = debts
    .flatMap(({ dueDate, balanceMicros }) => (dueDate === null || balanceMicros <= 0n ? [] : [dueDate]))
    .sort();
  return oldest === undefined ? 0 : Math.max(0, daysBetween(oldest, localDay));
}

/**
 * The stage of a person: the first that fits the days and the amount, and the last one for whatever is left. The amount
 * is what is owed in the currency that most is owed in by figure; a stage by amounts is for an account of one currency.
 */
export function chooseStage(negotiation: Negotiation, debts: readonly OpenDebt[], localDay: string): Stage {
  const days = daysLate(debts, localDay);
  const totals = [...totalsOf(debts).values()];
  const owed = totals.reduce((most, total) => (total > most ? total : most), 0n);
  const fits = ({ fromDays, toDays, fromMicros, toMicros }: Stage): boolean =>
    days >= fromDays &&
    (toDays === null || days <= toDays) &&
    owed >= BigInt(fromMicros) &&
    (toMicros === null || owed <= BigInt(toMicros));
  return negotiation.stages.find(fits) ?? negotiation.stages.at(-1) ?? negotiation.stages[0];
}

/** What is owed by currency; currencies in which nothing is owed are left out. */
export function totalsOf(debts: readonly OpenDebt[]): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { currency, balanceMicros } of debts) {
    if (balanceMicros > 0n) totals.set(currency, (totals.get(currency) ?? 0n) + balanceMicros);
  }
  return totals;
}
