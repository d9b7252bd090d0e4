import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import { HINTS_CHANNEL } from '../shared/queries-feed.ts';
import { ALERT_KINDS, type AlertDetail, type AlertFacts, type AlertKind } from './rules/alerts.ts';

/** What comes up again within an hour of its end is the same. */
const sameWithin = sql`interval '1 hour'`;

/** Accounts with anything that may be told: those that work, or have just ended something, or have been told of something. */
export async function accountsToWatch(system: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select a.id from catalogue.account a
     where a.kind <> 'rehearsal'
       and (exists (select from core.batch b where b.account_id = a.id
                       and (b.state in ('running', 'paused') or b.finished_at > clock_timestamp() - interval '1 day'))
            or exists (select from operation.alert t where t.account_id = a.id and t.ended_at is null))
     order by a.id`.execute(system);
  return rows.map(({ id }) => id);
}

/** Of the transaction's account, in one statement. */
export async function readFacts(trx: Trx, accountId: string): Promise<AlertFacts> {
  const { rows } = await sql<{
    unit: string;
    available: bigint;
    charged: string | null;
    without_credit: number;
    over_budget: readonly { readonly batchId: string; readonly contacts: number }[];
    finished: readonly { readonly batchId: string; readonly contacts: number }[];
    old_tasks: number;
    disputes: readonly string[];
    dead: readonly { readonly endpointId: string; readonly deliveries: number }[];
  }>`
    with own as (
      select case when a.plan = 'minutes_based' then 'SEC' else 'USD' end as unit from catalogue.account a where a.id = ${accountId}
    ), suspended as materialized (
      select r.batch_id, r.contact_id, coalesce(r.suspended_for, 'credit') as why
        from core.batch b
        join core.line_request r on r.batch_id = b.id and r.state = 'suspended' and r.deadline_at > clock_timestamp()
       where b.account_id = ${accountId} and b.state = 'running')
    select own.unit,
           coalesce((select l.available_micros from core.ledger_account l
                      where l.account_id = ${accountId} and l.unit = own.unit), 0) as available,
           (select sum(h.charged_micros) from operation.report_hour h
             where h.account_id = ${accountId} and h.unit = own.unit and h.local_day >= current_date - 2
               and h.hour_at >= clock_timestamp() - interval '24 hours') as charged,
           (select count(distinct contact_id)::int from suspended where why = 'credit') as without_credit,
           coalesce((select json_agg(json_build_object('batchId', s.batch_id, 'contacts', s.contacts))
                       from (select batch_id, count(distinct contact_id)::int as contacts from suspended
                              where why = 'budget' group by 1) s), '[]') as over_budget,
           coalesce((select json_agg(json_build_object('batchId', b.id, 'contacts',
                              (select count(*)::int from core.contact k where k.batch_id = b.id)))
                       from core.batch b
                      where b.account_id = ${accountId} and b.finished_at > clock_timestamp() - interval '1 day'
                        and not exists (select from operation.alert t where t.account_id = b.account_id
                                           and t.kind = 'batch_finished' and t.subject = b.id::text)), '[]') as finished,
           (select count(*)::int from operation.task t
             where t.account_id = ${accountId} and t.state = 'open'
               and t.opened_at < clock_timestamp() - interval '1 day') as old_tasks,
           coalesce((select json_agg(t.id) from operation.task t
                      where t.account_id = ${accountId} and t.state = 'open' and t.kind = 'dispute'
                        and t.opened_at > clock_timestamp() - interval '1 day'
                        and not exists (select from operation.alert x where x.account_id = t.account_id
                                           and x.kind = 'dispute_opened' and x.subject = t.id::text)), '[]') as disputes,
           coalesce((select json_agg(json_build_object('endpointId', d.endpoint_id, 'deliveries', d.deliveries))
                       from (select w.endpoint_id, count(*)::int as deliveries
                               from operation.webhook_delivery w join catalogue.webhook_endpoint e on e.id = w.endpoint_id
                              where w.account_id = ${accountId} and w.state = 'dead'
                                and w.died_at > clock_timestamp() - interval '1 day' and e.disabled_at is null
                              group by 1) d), '[]') as dead
      from own`.execute(trx);
  const [row] = rows;
  if (row === undefined) throw new Error(`account ${accountId} is not there`);
  return {
    accountId,
    balance: {
      unit: row.unit,
      availableMicros: row.available,
      chargedMicros: BigInt(row.charged ?? 0),
    },
    withoutCredit: row.without_credit,
    overBudget: row.over_budget,
    finished: row.finished,
    oldTasks: row.old_tasks,
    disputes: row.disputes,
    deadEndpoints: row.dead,
  };
}

export interface OpenAlert {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
}

/** Locked: two workers that look at once are one after the other. */
export async function lockOpen(trx: Trx, accountId: string): Promise<readonly OpenAlert[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended('alerts of ' || ${accountId}::text, 0))`.execute(
    trx,
  );
  return trx
    .selectFrom('operation.alert')
    .select(['id', 'kind', 'subject'])
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .execute();
}

/** Writes one down and announces it. Undefined: it is the same as one that ended within the hour, and is taken up again. */
export async function raise(
  trx: Trx,
  alert: {
    readonly accountId: string;
    readonly kind: AlertKind;
    readonly subject: string;
    readonly lasts: boolean;
    readonly detail: AlertDetail;
  },
): Promise<string | undefined> {
  const { accountId, kind, subject, lasts, detail } = alert;
  const { rows: again } = await sql<{ id: string }>`
    update operation.alert set ended_at = null, detail = ${JSON.stringify(detail)}::jsonb
     where id = (select id from operation.alert
                  where account_id = ${accountId} and kind = ${kind} and subject = ${subject} and ${lasts}
                    and ended_at > clock_timestamp() - ${sameWithin} order by ended_at desc limit 1)
    returning id`.execute(trx);
  if (again.length > 0) return undefined;
  const { rows } = await sql<{ id: string }>`
    insert into operation.alert (account_id, kind, subject, detail, ended_at)
    values (${accountId}, ${kind}, ${subject}, ${JSON.stringify(detail)}::jsonb,
            case when ${lasts} then null else clock_timestamp() end)
    returning id`.execute(trx);
  const id = rows[0]?.id;
  if (id !== undefined)
    await sql`select pg_notify(${HINTS_CHANNEL}, ${`alert.raised ${accountId} ${id}`})`.execute(trx);
  return id;
}

export async function updateDetail(trx: Trx, id: string, detail: AlertDetail): Promise<void> {
  await trx
    .updateTable('operation.alert')
    .set({ detail: JSON.stringify(detail) })
    .where('id', '=', id)
    .execute();
}

export async function endAlerts(trx: Trx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable('operation.alert')
    .set({ ended_at: sql<Date>`clock_timestamp()` })
    .where('id', 'in', [...ids])
    .execute();
}

export interface AlertRow {
  readonly id: string;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly detail: Record<string, unknown>;
  readonly raised_at: Date;
  readonly ended_at: Date | null;
}

/** Of the transaction's account, the newest first. */
export async function listAlerts(
  trx: Trx,
  page: {
    readonly state?: 'open' | 'ended' | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly AlertRow[]> {
  const { state, after, limit } = page;
  let query = trx
    .selectFrom('operation.alert as t')
    .select(['t.id', 't.kind', 't.subject', 't.detail', 't.raised_at', 't.ended_at']);
  if (state !== undefined) query = query.where('t.ended_at', state === 'open' ? 'is' : 'is not', null);
  if (after !== undefined)
    query = query.where(
      isBehind({ table: 'operation.alert', as: 't', by: ['raised_at', 'id'], order: 'desc', after }),
    );
  const rows = await query.orderBy('t.raised_at', 'desc').orderBy('t.id', 'desc').limit(limit).execute();
  return rows.map(({ kind, ...row }) => ({ ...row, kind: kindOf(kind) }));
}

/** Of a column. Throws for one of a newer build, which this one has no words for. */
function kindOf(kind: string): AlertKind {
  const known = ALERT_KINDS.find((one) => one === kind);
  if (known === undefined) throw new Error(`there is no alert of the kind ${kind}`);
  return known;
}
