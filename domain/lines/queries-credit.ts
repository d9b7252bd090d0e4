import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { leftOf, readBudgets } from '../billing/queries-budgets.ts';
import type { SuspensionReason } from '../contacts/rules/facts.ts';
import { availableMicros, chargeMicros, tariffAt } from '../billing/queries-ledger.ts';
import type { QueueOptions, Turn } from './queries-turns.ts';

export interface Suspended {
  readonly requestId: string;
  readonly accountId: string;
  readonly contactId: string;
  readonly reason: SuspensionReason;
}

/** Most suspended requests that one round takes up again for an account and policy: more get no line in it. */
const resumedAtMost = 1_000;

/**
 * Suspended requests that can be paid again, no more of them than credit and budget cover: one that would be suspended again
 * would be told so again, in each round. Looked at in each round and not only at a top-up: a top-up that commits while
 * this pool's round is suspending would otherwise miss what it should resume.
 */
export async function resumeCovered(trx: Trx, options: QueueOptions): Promise<void> {
  const { poolId, at, worstCaseSeconds } = options;
  const { rows: batches } = await sql<{ id: string; account_id: string; key: string; version: number }>`
    select b.id, b.account_id, b.policy_key as key, b.policy_version as version
      from core.batch b
     where b.pool_id = ${poolId} and b.state = 'running'
       and exists (select from catalogue.account a where a.id = b.account_id and a.suspended_for is null)
       and exists (select from core.line_request r where r.pool_id = ${poolId} and r.batch_id = b.id and r.state = 'suspended'
                      and r.deadline_at > ${at})`.execute(trx);
  if (batches.length === 0) return;
  const budgets = await readBudgets(
    trx,
    batches.map(({ id }) => id),
  );
  const isBounded = (id: string): boolean => (budgets.get(id)?.limitMicros ?? null) !== null;
  // Batches without a budget share what their account has; each of the others has a bound of its own besides.
  const groups = Map.groupBy(batches, ({ id, account_id, key, version }) =>
    isBounded(id) ? id : `${account_id} ${key} ${version}`,
  );
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { account_id: accountId, key, version } = first;
    const tariff = await tariffAt(trx, accountId, at);
    const amountMicros = chargeMicros(tariff, await worstCaseSeconds({ key, version }));
    const available = await availableMicros(trx, accountId, tariff.unit);
    // In debt: a call that takes nothing would be suspended again at once.
    if (available < 0n) continue;
    const budget = budgets.get(first.id);
    const left = budget === undefined ? null : leftOf(budget);
    const usable = left === null ? available : budget?.unit === tariff.unit ? least(left, available) : 0n;
    const paid = amountMicros === 0n ? resumedAtMost : Number(usable / amountMicros);
    const most = Math.min(resumedAtMost, paid);
    if (most <= 0) continue;
    // Those that wait in other batches of the account want the same credit.
    const waiting = isBounded(first.id)
      ? sql`select ${first.id}::uuid`
      : sql`select id from core.batch where pool_id = ${poolId} and account_id = ${accountId}
               and state = 'running' and policy_key = ${key} and policy_version = ${version}`;
    await resume(trx, options, { ids: group.map(({ id }) => id), waiting, most });
  }
}

async function resume(
  trx: Trx,
  { poolId, at }: QueueOptions,
  group: { readonly ids: readonly string[]; readonly waiting: RawBuilder<unknown>; readonly most: number },
): Promise<void> {
  const { ids, waiting, most } = group;
  await sql`
    with waiting as (
      select count(*) as n from (
        select from core.line_request r
         where r.batch_id in (${waiting}) and r.state = 'waiting' and r.eligible_at <= ${at} and r.deadline_at > ${at}
         limit ${most}) as found)
    update core.line_request set state = 'waiting', suspended_for = null
     where state = 'suspended' and id in (
       select r.id from core.line_request r
        where r.pool_id = ${poolId} and r.batch_id = any(${[...ids]}::uuid[]) and r.state = 'suspended' and r.deadline_at > ${at}
        order by r.priority, r.eligible_at, r.id limit ${most} - (select n from waiting))`.execute(trx);
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/**
 * Everything of the account that is due and costs as much: one of them would fail after the other, each with its own
 * signal. After the round's grants are written: those that get a line do not wait any more.
 */
export async function suspendUnpaid(
  trx: Trx,
  options: QueueOptions,
  { request: { accountId, policy } }: Turn,
): Promise<readonly Suspended[]> {
  const { poolId } = options;
  return suspend(
    trx,
    options,
    accountId,
    'credit',
    sql`
    b.policy_key = ${policy.key} and b.policy_version = ${policy.version} and b.pool_id = ${poolId} and b.account_id = ${accountId}`,
  );
}

/** Everything of the batch that is due: its calls cost the same. */
export async function suspendOverBudget(
  trx: Trx,
  options: QueueOptions,
  { request: { accountId, batchId } }: Turn,
): Promise<readonly Suspended[]> {
  return suspend(trx, options, accountId, 'budget', sql`b.id = ${batchId}`);
}

async function suspend(
  trx: Trx,
  { poolId, at }: QueueOptions,
  accountId: string,
  reason: SuspensionReason,
  which: RawBuilder<unknown>,
): Promise<readonly Suspended[]> {
  const { rows } = await sql<{ id: string; contact_id: string }>`
    update core.line_request r set state = 'suspended', suspended_for = ${reason}
      from core.batch b
     where b.id = r.batch_id and ${which}
       and r.pool_id = ${poolId} and r.account_id = ${accountId} and r.state = 'waiting' and r.eligible_at <= ${at}
    returning r.id, r.contact_id`.execute(trx);
  return rows.map((row) => ({ requestId: row.id, accountId, contactId: row.contact_id, reason }));
}
