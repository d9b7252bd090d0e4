import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { AgreementKind, AgreementState } from '../../db/schema/negotiation.ts';
import type { ContactState, Unit } from '../../db/schema/schema.ts';

/** The place of a contact in its batch: pages go by it. */
export interface Place {
  readonly ordinal: number;
  readonly id: string;
}

export interface ResultContact extends Place {
  readonly name: string;
  readonly national_id: string | null;
  readonly state: ContactState;
  readonly outcome: string | null;
  readonly batch_state: string;
  readonly waiting_for: string;
  readonly next_at: Date | null;
  /** When it was read. */
  readonly as_of: Date;
}

/** Contacts of a batch in the order of the file, behind a place. */
export async function readResultContacts(
  trx: Trx,
  batchId: string,
  { after, limit }: { readonly after: Place | undefined; readonly limit: number },
): Promise<readonly ResultContact[]> {
  const { rows } = await sql<ResultContact>`
    select k.id, k.ordinal, s.name, s.national_id, k.state, k.outcome, k.waiting_for, k.next_at,
           b.state as batch_state, clock_timestamp() as as_of
      from core.contact k join core.person s on s.id = k.person_id join core.batch b on b.id = k.batch_id
     where k.batch_id = ${batchId}
       and (k.ordinal, k.id) > (${after?.ordinal ?? -1}::integer, ${after?.id ?? nobody}::uuid)
     order by k.ordinal, k.id limit ${limit}`.execute(trx);
  return rows;
}

/** Some contacts, in the order of their files. */
export async function readResultContactsById(
  trx: Trx,
  ids: readonly string[],
): Promise<readonly ResultContact[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<ResultContact>`
    select k.id, k.ordinal, s.name, s.national_id, k.state, k.outcome, k.waiting_for, k.next_at,
           b.state as batch_state, clock_timestamp() as as_of
      from core.contact k join core.person s on s.id = k.person_id join core.batch b on b.id = k.batch_id
     where k.id = any(${[...ids]}::uuid[]) order by k.ordinal, k.id`.execute(trx);
  return rows;
}

const nobody = '00000000-0000-0000-0000-000000000000';

/** Whether a batch has more contacts than this. */
export async function hasMoreThan(trx: Trx, batchId: string, many: number): Promise<boolean> {
  const { rows } = await sql`
    select from core.contact where batch_id = ${batchId} order by ordinal offset ${many} limit 1`.execute(
    trx,
  );
  return rows.length > 0;
}

export interface ResultCalls {
  readonly contact_id: string;
  /** Those that the provider took, or may have taken. */
  readonly calls: number;
  /** Each as often as it was dialled, the first dial first. */
  readonly numbers: readonly string[];
  readonly last_at: Date;
  readonly last_zone: string;
  readonly last_outcome: string | null;
}

/** What was dialled for each of some contacts. */
export async function readResultCalls(trx: Trx, ids: readonly string[]): Promise<readonly ResultCalls[]> {
  const { rows } = await sql<ResultCalls>`
    select a.contact_id, count(*)::integer as calls, array_agg(p.e164 order by a.attempted_at) as numbers,
           max(a.attempted_at) as last_at,
           (array_agg(a.zone order by a.attempted_at desc))[1] as last_zone,
           (array_agg(c.outcome order by a.attempted_at desc))[1] as last_outcome
      from core.contact k
      join operation.attempt a on a.account_id = k.account_id and a.contact_id = k.id
      join operation.call c on c.account_id = k.account_id and c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where k.id = any(${[...ids]}::uuid[]) and c.state <> 'rejected'
     group by 1`.execute(trx);
  return rows;
}

export interface ResultDebts {
  readonly contact_id: string;
  readonly currency: string;
  readonly creditors: readonly string[];
  /** What it was loaded with. */
  readonly debt: bigint;
  /** What is owed now to its creditors. */
  readonly outstanding: bigint;
  /** What came in for its creditors since it was loaded. */
  readonly paid: bigint;
}

/**
 * What each of some contacts was loaded with, a row a currency, and what became of it: of its creditors, and no others
 * (docs/decisions/0034). Reversals are taken off what was paid; what was forgiven is not paid.
 */
export async function readResultDebts(trx: Trx, ids: readonly string[]): Promise<readonly ResultDebts[]> {
  const { rows } = await sql<ResultDebts>`
    with loaded as (
      select k.id, k.account_id, k.person_id, k.created_at, d.currency, sum(d.amount_micros)::bigint as debt,
             array_agg(distinct d.creditor_id) as creditor_ids
        from core.contact k
        join core.debt d on d.account_id = k.account_id and d.contact_id = k.id
       where k.id = any(${[...ids]}::uuid[])
       group by k.id, d.currency)
    select l.id as contact_id, l.currency, l.debt,
           (select array_agg(c.name order by c.name) from catalogue.creditor c where c.id = any(l.creditor_ids)) as creditors,
           coalesce((select sum(o.balance_micros) from core.current_debt o
                      where o.person_id = l.person_id and o.currency = l.currency and o.creditor_id = any(l.creditor_ids)),
                    0)::bigint as outstanding,
           coalesce((select sum(x.amount_micros)
                       from core.payment o
                       join core.payment r on o.id = coalesce(r.reverses_id, r.restores_id, r.id)
                       join core.payment_allocation x on x.payment_id = r.id
                       join core.debt d on d.id = x.debt_id
                      where o.account_id = l.account_id and o.person_id = l.person_id and o.currency = l.currency
                        and r.account_id = l.account_id and r.person_id = l.person_id
                        and o.kind = 'payment' and o.created_at >= l.created_at
                        and d.creditor_id = any(l.creditor_ids)), 0)::bigint as paid
      from loaded l
     order by l.id, l.currency`.execute(trx);
  return rows;
}

export interface ResultAgreement {
  readonly contact_id: string;
  readonly id: string;
  readonly kind: AgreementKind;
  readonly state: AgreementState;
  readonly total_micros: bigint;
  readonly discount_micros: bigint;
  readonly currency: string;
  readonly made_at: Date;
  /** The last day of it. */
  readonly due_date: string;
  readonly instalments: number;
}

/** What was agreed with each of some contacts, the newest first. */
export async function readResultAgreements(
  trx: Trx,
  ids: readonly string[],
): Promise<readonly ResultAgreement[]> {
  const { rows } = await sql<ResultAgreement>`
    select g.contact_id, g.id, g.kind, g.state, g.total_micros, g.discount_micros, g.currency, g.made_at,
           max(i.due_date) as due_date, count(*)::integer as instalments
      from core.contact k
      join core.agreement g on g.account_id = k.account_id and g.person_id = k.person_id and g.contact_id = k.id
      join core.agreement_instalment i on i.account_id = g.account_id and i.agreement_id = g.id
     where k.id = any(${[...ids]}::uuid[])
     group by g.id
     order by g.made_at desc, g.id`.execute(trx);
  return rows;
}

export interface ResultCost {
  readonly contact_id: string;
  readonly unit: Unit;
  readonly micros: bigint;
}

/** What calls and messages of each of some contacts were charged. */
export async function readResultCosts(trx: Trx, ids: readonly string[]): Promise<readonly ResultCost[]> {
  const { rows } = await sql<ResultCost>`
    select contact_id, unit, sum(micros)::bigint as micros
      from (select c.contact_id, c.charged_unit as unit, c.charged_micros as micros
              from core.contact k
              join operation.call c on c.account_id = k.account_id and c.contact_id = k.id
             where k.id = any(${[...ids]}::uuid[])
             union all
            select m.contact_id, t.charged_unit, t.charged_micros
              from core.contact k
              join operation.message m on m.account_id = k.account_id and m.contact_id = k.id
              join operation.message_state t on t.message_id = m.id
             where k.id = any(${[...ids]}::uuid[])) charged
     where micros is not null and unit is not null
     group by 1, 2 order by 1, 2`.execute(trx);
  return rows;
}
