import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { availableMicros, chargeMicros, tariffAt } from '../billing/queries-ledger.ts';
import type { QueueOptions, Turn } from './queries-turns.ts';

/** Most suspended requests that one round takes up again for an account and policy: more get no line in it. */
const resumedAtMost = 1_000;

/**
 * Suspended requests that can be paid again, no more of them than the credit covers: one that would be suspended again
 * would be told so again, in each round. Looked at in each round and not only at a top-up: a top-up that commits while
 * this pool's round is suspending would otherwise miss what it should resume.
 */
export async function resumeCovered(trx: Trx, { poolId, at, worstCaseSeconds }: QueueOptions): Promise<void> {
  const { rows: groups } = await sql<{ account_id: string; key: string; version: number }>`
    select distinct b.account_id, b.policy_key as key, b.policy_version as version
      from core.batch b
     where b.pool_id = ${poolId} and b.state = 'running'
       and exists (select from catalogue.account a where a.id = b.account_id and a.suspended_for is null)
       and exists (select from core.line_request r where r.pool_id = ${poolId} and r.batch_id = b.id and r.state = 'suspended'
                      and r.deadline_at > ${at})`.execute(trx);
  for (const { account_id: accountId, key, version } of groups) {
    const tariff = await tariffAt(trx, accountId, at);
    const amountMicros = chargeMicros(tariff, await worstCaseSeconds({ key, version }));
    const available = await availableMicros(trx, accountId, tariff.unit);
    // In debt: a call that takes nothing would be suspended again at once.
    if (available < 0n) continue;
    const paid = amountMicros === 0n ? resumedAtMost : Number(available / amountMicros);
    const most = Math.min(resumedAtMost, paid);
    if (most <= 0) continue;
    const batches = sql`(select id from core.batch where pool_id = ${poolId} and account_id = ${accountId}
                            and state = 'running' and policy_key = ${key} and policy_version = ${version})`;
    await sql`
      with waiting as (
        select count(*) as n from (
          select from core.line_request r
           where r.batch_id in ${batches} and r.state = 'waiting' and r.eligible_at <= ${at} and r.deadline_at > ${at}
           limit ${most}) as found)
      update core.line_request set state = 'waiting'
       where state = 'suspended' and id in (
         select r.id from core.line_request r
          where r.pool_id = ${poolId} and r.batch_id in ${batches} and r.state = 'suspended' and r.deadline_at > ${at}
          order by r.priority, r.eligible_at, r.id limit ${most} - (select n from waiting))`.execute(trx);
  }
}

/**
 * Everything of the account that is due and costs as much: one of them would fail after the other, each with its own
 * signal. After the round's grants are written: those that get a line do not wait any more.
 */
export async function suspendUnpaid(
  trx: Trx,
  { poolId, at }: QueueOptions,
  { request: { accountId, policy } }: Turn,
): Promise<
  readonly { readonly requestId: string; readonly accountId: string; readonly contactId: string }[]
> {
  const { rows } = await sql<{ id: string; contact_id: string }>`
    update core.line_request r set state = 'suspended'
      from core.batch b
     where b.id = r.batch_id and b.policy_key = ${policy.key} and b.policy_version = ${policy.version}
       and b.pool_id = ${poolId} and b.account_id = ${accountId}
       and r.pool_id = ${poolId} and r.account_id = ${accountId} and r.state = 'waiting' and r.eligible_at <= ${at}
    returning r.id, r.contact_id`.execute(trx);
  return rows.map((row) => ({ requestId: row.id, accountId, contactId: row.contact_id }));
}
