import { DateTime } from 'luxon';

/** A month of an account, by its own clock: 'YYYY-MM'. */
export interface Month {
  readonly month: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Undefined for what is no month. In no zone does a month begin at an instant that does not exist: the clock goes on from there. */
export function monthOf(text: string, zone: string): Month | undefined {
  if (!/^20\d{2}-(0[1-9]|1[0-2])$/.test(text)) return undefined;
  const first = DateTime.fromISO(`${text}-01`, { zone }).startOf('day');
  if (!first.isValid) return undefined;
  const next = first.plus({ months: 1 }).startOf('day');
  return { month: text, fromMs: first.toMillis(), untilMs: next.toMillis() };
}

/** The month of an instant, by that clock. */
export function monthAt(atMs: number, zone: string): string {
  return DateTime.fromMillis(atMs, { zone }).toFormat('yyyy-MM');
}

/** What was written by then is all that the month will have: transactions last seconds, not minutes. */
const settlesMs = 10 * 60_000;

/** Whether nothing is written into the month any more. */
export function isFinal({ untilMs }: Month, nowMs: number): boolean {
  return nowMs >= untilMs + settlesMs;
}
