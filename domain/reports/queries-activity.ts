import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { ContactState } from '../../db/schema/schema.ts';

/** Which calls are counted: of one batch, of some days, or of both. Days are those on the person's own clock. */
export interface ActivityScope {
  readonly batchId: string | null;
  readonly days: { readonly from: string; readonly to: string } | null;
}

/** A call that the provider refused was never placed: it rang at nobody and cost nothing. */
const placed = sql`c.state <> 'rejected'`;

/** Attempts of the scope with their calls, as `a` and `c`. */
function attemptsIn({ batchId, days }: ActivityScope): RawBuilder<unknown> {
  const ofDays =
    days === null
      ? sql`true`
      : // The instants bound what is read; a local day is at most a day and some hours away from the day of UTC.
        sql`a.attempted_at >= ${days.from}::date - interval '1 day' and a.attempted_at < ${days.to}::date + interval '3 days'
            and a.local_day between ${days.from}::date and ${days.to}::date`;
  if (batchId === null)
    return sql`operation.attempt a
      join operation.call c on c.account_id = a.account_id and c.attempt_id = a.id
     where ${ofDays} and ${placed}`;
  return sql`core.contact of_batch
      join operation.attempt a on a.account_id = of_batch.account_id and a.contact_id = of_batch.id
      join operation.call c on c.account_id = a.account_id and c.attempt_id = a.id
     where of_batch.batch_id = ${batchId}::uuid and ${ofDays} and ${placed}`;
}

/** Contacts of the scope, as `k`: all of the batch, or those that were called on its days. */
function contactsIn(scope: ActivityScope): RawBuilder<unknown> {
  if (scope.days === null) return sql`core.contact k where k.batch_id = ${scope.batchId}::uuid`;
  return sql`core.contact k where k.id in (select a.contact_id from ${attemptsIn(scope)})`;
}

export interface ContactsOfState {
  readonly batch_id: string;
  readonly state: ContactState;
  readonly outcome: string | null;
  readonly contacts: number;
}

export async function countContacts(trx: Trx, scope: ActivityScope): Promise<readonly ContactsOfState[]> {
  const { rows } = await sql<ContactsOfState>`
    select k.batch_id, k.state, k.outcome, count(*)::integer as contacts
      from ${contactsIn(scope)} group by 1, 2, 3 order by 1, 2, 3`.execute(trx);
  return rows;
}

export interface ContactsOfAttempts {
  readonly attempts: number;
  readonly contacts: number;
}

/** How many contacts of the scope were called how often in it; nought is one of them. */
export async function countAttempts(trx: Trx, scope: ActivityScope): Promise<readonly ContactsOfAttempts[]> {
  const { rows } = await sql<ContactsOfAttempts>`
    select coalesce(called.calls, 0)::integer as attempts, count(*)::integer as contacts
      from (select k.id from ${contactsIn(scope)}) wanted
      left join (select a.contact_id, count(*) as calls from ${attemptsIn(scope)} group by 1) called
        on called.contact_id = wanted.id
     group by 1 order by 1`.execute(trx);
  return rows;
}

/** Name and use case of some batches. */
export async function nameBatches(trx: Trx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return trx
    .selectFrom('core.batch')
    .select(['id', 'name', 'use_case'])
    .where('id', 'in', [...ids])
    .execute();
}
