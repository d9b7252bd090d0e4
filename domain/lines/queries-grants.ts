import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';
import type { Turn, WaitingAccount } from './queries-turns.ts';

export interface GrantInput {
  readonly poolId: string;
  readonly at: Date;
  readonly expiresAt: Date;
  /** When the pool may grant again; null leaves it as it is. */
  readonly nextGrantAt: Date | null;
  /** Of the last grant before these. */
  readonly fence: bigint;
  /** As many free lines as turns. */
  readonly lineNumbers: readonly number[];
  readonly turns: readonly Turn[];
}

export interface Granted {
  readonly requestId: string;
  readonly leaseId: string;
  readonly accountId: string;
  readonly contactId: string;
}

export interface Locked {
  /** Which of the requests still wait. What somebody else has locked is being withdrawn. */
  readonly waiting: ReadonlySet<string>;
  /** What the accounts may spend, by account. */
  readonly available: ReadonlyMap<string, bigint>;
  /** What is left of the batches' budgets, by batch: of those that have one. */
  readonly budgets: ReadonlyMap<string, bigint>;
}

/**
 * Locks requests, passing over those that are locked, then what accounts may spend and then what batches may cost, each in the
 * order of their ids: two pools that serve the same accounts never deadlock.
 */
export async function lockTurns(
  trx: Trx,
  turns: readonly Turn[],
  payers: readonly WaitingAccount[],
): Promise<Locked> {
  const requestIds = turns.map(({ request }) => request.id);
  const bounded = [
    ...new Set(turns.filter((turn) => leftForTurn(turn) !== undefined).map(({ request }) => request.batchId)),
  ];
  const { rows } = await sql<{
    kind: 'request' | 'account' | 'budget';
    id: string;
    unit: Unit | null;
    available: bigint | null;
  }>`
    with r as materialized (
      select id from core.line_request where id = any(${requestIds}::text[]) and state = 'waiting'
         for no key update skip locked
    ), a as materialized (
      select l.account_id, l.available_micros
        from core.ledger_account l
       where (l.account_id, l.unit) in (
         select p.account_id, p.unit
           from unnest(${payers.map(({ accountId }) => accountId)}::uuid[],
                       ${payers.map(({ tariff }) => tariff.unit)}::text[]) as p (account_id, unit))
       order by l.account_id
         for no key update of l
    ), b as materialized (
      -- Behind the balances, as wherever both are locked.
      select batch_id, unit, limit_micros - held_micros - spent_micros as left_micros
        from core.batch_budget
       where batch_id = any(${bounded}::uuid[]) and (select count(*) from a) >= 0
       order by batch_id
         for no key update)
    select 'request' as kind, id, null as unit, 0::bigint as available from r
    union all select 'account', account_id::text, null, available_micros from a
    union all select 'budget', batch_id::text, unit, left_micros from b`.execute(trx);
  const waiting = new Set<string>();
  const available = new Map<string, bigint>();
  const budgets = new Map<string, bigint>();
  const unitOf = new Map(turns.map(({ account, request }) => [request.batchId, account.tariff.unit]));
  for (const { kind, id, unit, available: micros } of rows) {
    if (kind === 'request') waiting.add(id);
    else if (kind === 'account') available.set(id, micros ?? 0n);
    else if (micros !== null) budgets.set(id, unit === unitOf.get(id) ? micros : 0n);
  }
  return { waiting, available, budgets };
}

/** What the batch of a turn may still cost, as the queue found it; undefined: as much as its account has. */
function leftForTurn({ account, request }: Turn): bigint | undefined {
  return request.amountMicros > 0n ? account.budgets.get(request.batchId) : undefined;
}

/**
 * Lines, holds and what they move, in one statement for all of a round: twenty grants cost two commits' worth of
 * round trips, not two hundred, and an account's balance is changed once. Requests and balances are locked before.
 */
export async function writeGrants(trx: Trx, input: GrantInput): Promise<readonly Granted[]> {
  const { poolId, at, expiresAt, nextGrantAt, fence, lineNumbers, turns } = input;
  const ids = turns.map(() => ({ lease: randomUUID(), hold: randomUUID() }));
  const requests = turns.map(({ request }) => request);
  const tariffs = turns.map(({ account }) => account.tariff);
  await sql`
    with g as materialized (
      select request_id, account_id, batch_id, contact_id, amount, unit, plan, rate, lease_id, hold_id, line_no, fence
        from unnest(
        ${requests.map(({ id }) => id)}::text[], ${requests.map(({ accountId }) => accountId)}::uuid[],
        ${requests.map(({ batchId }) => batchId)}::uuid[],
        ${requests.map(({ contactId }) => contactId)}::uuid[],
        ${requests.map(({ amountMicros }) => amountMicros)}::bigint[],
        ${tariffs.map(({ unit }) => unit)}::text[], ${tariffs.map(({ plan }) => plan)}::text[],
        ${tariffs.map(({ rateMicrosPerMinute }) => rateMicrosPerMinute)}::bigint[],
        ${ids.map(({ lease }) => lease)}::uuid[], ${ids.map(({ hold }) => hold)}::uuid[],
        ${lineNumbers.slice(0, turns.length)}::int[], ${turns.map((_, index) => fence + BigInt(index) + 1n)}::bigint[])
        as g (request_id, account_id, batch_id, contact_id, amount, unit, plan, rate, lease_id, hold_id, line_no, fence)
    ), sums as (
      select account_id, unit, sum(amount)::bigint as amount from g group by account_id, unit having sum(amount) > 0
    ), moved as (
      update core.ledger_account l
         set available_micros = l.available_micros - s.amount, held_micros = l.held_micros + s.amount
        from sums s
       where l.account_id = s.account_id and l.unit = s.unit
    ), bounded as (
      -- Behind the balance: its lock was taken before, and the budget's as well where the queue knew of one.
      update core.batch_budget b set held_micros = b.held_micros + s.amount
        from (select batch_id, unit, sum(amount)::bigint as amount from g group by 1, 2) s
       where b.batch_id = s.batch_id and b.unit = s.unit
    ), holds as (
      insert into core.ledger_hold (id, account_id, request_id, unit, plan, rate_micros_per_minute, amount_micros)
      select hold_id, account_id, request_id, unit, plan, rate, amount from g
    ), transactions as (
      insert into core.ledger_transaction (account_id, unit, kind, reference, available_micros, held_micros)
      select account_id, unit, 'hold', hold_id::text, -amount, amount from g
    ), leases as (
      insert into core.line_lease (id, account_id, pool_id, line_no, fence, request_id, contact_id, hold_id,
                                   granted_at, expires_at)
      select lease_id, account_id, ${poolId}, line_no, fence, request_id, contact_id, hold_id, ${at}, ${expiresAt} from g
    ), pool as (
      update core.line_pool
         set fence = ${fence + BigInt(turns.length)}, next_grant_at = coalesce(${nextGrantAt}, next_grant_at)
       where pool_id = ${poolId}
    )
    update core.line_request r set state = 'granted' from g where r.id = g.request_id`.execute(trx);
  return turns.map(({ request }, index) => ({
    requestId: request.id,
    leaseId: ids[index]?.lease ?? '',
    accountId: request.accountId,
    contactId: request.contactId,
  }));
}
