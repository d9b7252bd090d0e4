import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';

/**
 * What a batch may cost at most: held and spent of it, counted behind the lock of the account's balance, which everything that
 * holds, posts or corrects has. Nothing is counted for a batch without one.
 */
export interface Budget {
  readonly unit: Unit;
  /** Micro-units; null: lifted. */
  readonly limitMicros: bigint | null;
  readonly heldMicros: bigint;
  readonly spentMicros: bigint;
}

/** What may still be held; below zero: it was lowered, or a call took more than was held. Null: no bound. */
export function leftOf({ limitMicros, heldMicros, spentMicros }: Budget): bigint | null {
  return limitMicros === null ? null : limitMicros - heldMicros - spentMicros;
}

/** By batch; those without one are left out. */
export async function readBudgets(
  trx: Trx,
  batchIds: readonly string[],
): Promise<ReadonlyMap<string, Budget>> {
  const rows = await trx
    .selectFrom('core.batch_budget')
    .select(['batch_id', 'unit', 'limit_micros', 'held_micros', 'spent_micros'])
    .where('batch_id', 'in', [...batchIds])
    .execute();
  return new Map(
    rows.map((row) => [
      row.batch_id,
      {
        unit: row.unit,
        limitMicros: row.limit_micros,
        heldMicros: row.held_micros,
        spentMicros: row.spent_micros,
      },
    ]),
  );
}

/** A hold with the batch that it is for, by the line or the message that it was made for. */
export type HoldFor = 'line' | 'message';

function holdWithBatch(holdId: string, purpose: HoldFor): RawBuilder<unknown> {
  const batch =
    purpose === 'line'
      ? sql`join core.line_request p on p.id = h.request_id`
      : sql`join operation.message m on m.account_id = h.account_id and m.id = h.message_id
            join core.contact p on p.id = m.contact_id`;
  return sql`
    select h.unit, h.amount_micros, coalesce(h.posted_micros, 0) as posted_micros, p.batch_id
      from core.ledger_hold h ${batch}
     where h.id = ${holdId}`;
}

/**
 * What a hold that has just been resolved gives back to its batch's budget, and takes of it. A statement of its own behind the one
 * that resolves: that one waits for the balance, and would not see a budget that was set meanwhile.
 */
export function settleBudgetQuery(trx: Trx, holdId: string, purpose: HoldFor): CompiledQuery {
  return sql`
    with hold as materialized (${holdWithBatch(holdId, purpose)})
    update core.batch_budget b
       set held_micros = b.held_micros - hold.amount_micros, spent_micros = b.spent_micros + hold.posted_micros
      from hold where b.batch_id = hold.batch_id and b.unit = hold.unit`.compile(trx);
}

/** The same where the batch is known: one without a budget costs one look at an index, and the hold is not looked at. */
export function settleBatchBudgetQuery(
  trx: Trx,
  { holdId, batchId }: { readonly holdId: string; readonly batchId: string },
): CompiledQuery {
  return sql`
    with budget as materialized (
      select batch_id from core.batch_budget where batch_id = ${batchId}
    ), hold as materialized (
      select h.unit, h.amount_micros, coalesce(h.posted_micros, 0) as posted_micros
        from budget cross join core.ledger_hold h where h.id = ${holdId})
    update core.batch_budget b
       set held_micros = b.held_micros - hold.amount_micros, spent_micros = b.spent_micros + hold.posted_micros
      from hold where b.batch_id = ${batchId} and b.unit = hold.unit`.compile(trx);
}

/** A difference that became known after the hold was resolved. */
export async function correctBudget(
  trx: Trx,
  hold: { readonly id: string; readonly purpose: HoldFor },
  amountMicros: bigint,
): Promise<void> {
  await sql`
    with hold as materialized (${holdWithBatch(hold.id, hold.purpose)})
    update core.batch_budget b set spent_micros = b.spent_micros + ${amountMicros}::bigint
      from hold where b.batch_id = hold.batch_id and b.unit = hold.unit`.execute(trx);
}

/**
 * Takes an amount that is held already of the batch's budget. False: that does not cover it, and nothing was taken. One in another
 * unit says nothing of it: messages cost money also where calls take seconds.
 */
export async function takeOfBudget(
  trx: Trx,
  request: { readonly batchId: string; readonly unit: Unit; readonly amountMicros: bigint },
): Promise<boolean> {
  const { batchId, unit, amountMicros } = request;
  const amount = sql`${amountMicros}::bigint`;
  const { rows } = await sql<{ bounded: boolean; taken: boolean }>`
    with taken as (
      update core.batch_budget set held_micros = held_micros + ${amount}
       where batch_id = ${batchId} and unit = ${unit}
         and (limit_micros is null or held_micros + spent_micros + ${amount} <= limit_micros)
      returning batch_id)
    select exists (select from core.batch_budget where batch_id = ${batchId} and unit = ${unit} and limit_micros is not null) as bounded,
           exists (select from taken) as taken`.execute(trx);
  const [row] = rows;
  return row?.taken === true || row?.bounded !== true;
}

/**
 * Sets or lifts a budget, with what the batch has held and spent so far. Behind the locks of the account's balances: nothing is
 * held or posted meanwhile, so what is counted is all there is.
 */
export async function writeBudget(
  trx: Trx,
  request: {
    readonly accountId: string;
    readonly batchId: string;
    readonly unit: Unit;
    readonly limitMicros: bigint | null;
  },
): Promise<Budget> {
  const { accountId, batchId, unit, limitMicros } = request;
  await sql`
    select account_id from core.ledger_account where account_id = ${accountId} order by unit for no key update`.execute(
    trx,
  );
  // Of rows, each in its own statement's light: an attempt's charge is on its call, and a hold is pending until it is on it.
  const { rows } = await sql<{ held: string; spent: string }>`
    select (select coalesce(sum(h.amount_micros), 0) from core.line_request r join core.ledger_hold h on h.request_id = r.id
             where r.batch_id = ${batchId} and h.state = 'pending' and h.unit = ${unit})
         + (select coalesce(sum(h.amount_micros), 0)
              from core.contact k
              join operation.message m on m.account_id = k.account_id and m.contact_id = k.id
              join core.ledger_hold h on h.message_id = m.id
             where k.batch_id = ${batchId} and h.state = 'pending' and h.unit = ${unit}) as held,
           (select coalesce(sum(c.charged_micros), 0)
              from core.contact k join operation.call c on c.account_id = k.account_id and c.contact_id = k.id
             where k.batch_id = ${batchId} and c.charged_unit = ${unit})
         + (select coalesce(sum(s.charged_micros), 0)
              from core.contact k
              join operation.message m on m.account_id = k.account_id and m.contact_id = k.id
              join operation.message_state s on s.account_id = m.account_id and s.message_id = m.id
             where k.batch_id = ${batchId} and s.charged_unit = ${unit}) as spent`.execute(trx);
  const [counted] = rows;
  if (counted === undefined) throw new Error('a count of the budget gave no row');
  const budget = { unit, limitMicros, heldMicros: BigInt(counted.held), spentMicros: BigInt(counted.spent) };
  const row = {
    unit,
    limit_micros: limitMicros,
    held_micros: budget.heldMicros,
    spent_micros: budget.spentMicros,
    set_at: sql<Date>`clock_timestamp()`,
  };
  await trx
    .insertInto('core.batch_budget')
    .values({ batch_id: batchId, account_id: accountId, ...row })
    .onConflict((conflict) => conflict.column('batch_id').doUpdateSet(row))
    .execute();
  return budget;
}
