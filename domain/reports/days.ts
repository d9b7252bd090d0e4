import { addDays, daysBetween } from '../negotiation/rules/instalments.ts';
import { refuse } from '../shared/refused.ts';

export interface WantedDays {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** What is asked for without naming days. */
const usualDays = 30;
/** A year, with the day that leap years have more: every call of each day is read. */
const mostDays = 366;

/**
 * The days of a report, both ends included. Without any: the last thirty when it `mustBeBounded`, or else all there are.
 * Throws `OperationRefused` for days in the wrong order, and for more than a year.
 */
export function daysFrom(
  { from, to }: WantedDays,
  mustBeBounded: boolean,
  today: string,
): { readonly from: string; readonly to: string } | null {
  if (from === undefined && to === undefined && !mustBeBounded) return null;
  // A beginning without an end lasts until today; an end without a beginning has the usual days before it.
  const last = to ?? today;
  const first = from ?? addDays(last, 1 - usualDays);
  if (first > last) throw refuse('report_days_turned', { from: first, to: last }, { field: 'query.from' });
  if (daysBetween(first, last) >= mostDays)
    throw refuse('report_too_long', { most: mostDays }, { field: 'query.from' });
  return { from: first, to: last };
}
