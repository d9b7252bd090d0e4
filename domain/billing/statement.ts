import { databaseNow, type Trx } from '../../db/client.ts';
import { refuse } from '../shared/refused.ts';
import {
  type ChargeRow,
  type MovementRow,
  readCharges,
  readMovements,
  readTotals,
  type UnitTotals,
} from './queries-statement.ts';
import { isFinal, monthAt, monthOf } from './rules/statement-month.ts';
import { readAccount } from './top-up.ts';

/** Credits and corrections that one statement shows; the sums have all of them. */
export const mostMovements = 5_000;

export interface Statement {
  readonly account: { readonly name: string; readonly slug: string; readonly zone: string };
  /** 'YYYY-MM'. */
  readonly month: string;
  readonly from: Date;
  readonly until: Date;
  readonly asOf: Date;
  /** Nothing is added to it any more. */
  readonly isFinal: boolean;
  readonly totals: readonly UnitTotals[];
  readonly charges: readonly ChargeRow[];
  readonly movements: readonly MovementRow[];
  readonly movementsCut: boolean;
}

/**
 * A month of the transaction's account, from its ledger: opening and closing balances, charges by day and batch, credits
 * and corrections. A correction of a call of the month before stands in the month in which it was booked. Throws
 * `OperationRefused` for what is no month, and for one that has not begun.
 */
export async function readStatement(trx: Trx, accountId: string, text: string): Promise<Statement> {
  const { name, slug, zone } = await readAccount(trx, accountId);
  const now = await databaseNow(trx);
  const month = monthOf(text, zone);
  if (month === undefined) throw refuse('no_month', {}, { field: 'path.month' });
  if (month.fromMs > now.getTime()) {
    throw refuse('month_to_come', { month: monthAt(now.getTime(), zone) }, { field: 'path.month' });
  }
  const span = { from: new Date(month.fromMs), until: new Date(month.untilMs) };
  const totals = await readTotals(trx, span);
  const lastId = totals.reduce(
    (last, { last_id }) => (last_id !== null && last_id > last ? last_id : last),
    0n,
  );
  const seen = { ...span, lastId };
  const movements = await readMovements(trx, seen, mostMovements + 1);
  return {
    account: { name, slug, zone },
    month: month.month,
    ...span,
    asOf: now,
    isFinal: isFinal(month, now.getTime()),
    totals,
    charges: await readCharges(trx, seen, zone),
    movements: movements.slice(0, mostMovements),
    movementsCut: movements.length > mostMovements,
  };
}
