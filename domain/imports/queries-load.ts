import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/**
 * Name from a person's first row, place from the first row that has one. Rows that name different Chilean zones leave
 * it open, so that both must allow a call. A person who is known already takes the newest file's name and place.
 */
export async function writePeople(trx: Trx, importId: string): Promise<void> {
  await sql`
    insert into core.person as known (account_id, identity_key, national_id, name, country, region, zone)
    select core.current_account(), identity_key, (array_agg(national_id order by ordinal))[1],
           (array_agg(name order by ordinal))[1], (array_agg(country order by ordinal))[1],
           (array_agg(region order by ordinal) filter (where region is not null))[1],
           case when count(distinct zone) > 1 and min(country) = 'CL' then null
                else (array_agg(zone order by ordinal) filter (where zone is not null))[1] end
      from core.import_row
     where import_id = ${importId}
     group by identity_key
     -- Two imports at once that hold the same people lock them in one order.
     order by identity_key
    on conflict (account_id, identity_key) do update
       set name = excluded.name,
           country = excluded.country,
           region = coalesce(excluded.region, known.region),
           zone = case when excluded.zone is null and excluded.region is null then known.zone
                       else excluded.zone end`.execute(trx);
}

/** The file's phones first, in its order; numbers known from before go behind them. */
export async function writePhones(trx: Trx, importId: string): Promise<void> {
  await sql`
    update core.phone p
       set position = p.position + 100
      from core.person s
     where p.person_id = s.id
       and p.position < 100
       and s.identity_key in (select identity_key from core.import_row where import_id = ${importId})`.execute(
    trx,
  );
  await sql`
    insert into core.phone (account_id, person_id, e164, position)
    select core.current_account(), s.id, f.e164,
           row_number() over (partition by s.id order by min(f.ordinal * 100 + f.place))
      from (select r.identity_key, r.ordinal, t.e164, t.place
              from core.import_row r, unnest(r.phones) with ordinality as t (e164, place)
             where r.import_id = ${importId}) f
      join core.person s on s.identity_key = f.identity_key
     group by s.id, f.e164
     order by s.id, f.e164
    on conflict (account_id, person_id, e164) do update set position = excluded.position`.execute(trx);
  // Whoever has the number has said that they want no calls, whosever it is in this file.
  await sql`
    update core.phone p
       set invalid_at = clock_timestamp()
      from core.do_not_contact x
     where x.key = 'tel:' || p.e164 and x.lifted_at is null and p.invalid_at is null`.execute(trx);
}

/** What the file names beside the phones. One that was closed stays closed, whatever file names it again. */
export async function writeAddresses(trx: Trx, importId: string): Promise<void> {
  await sql`
    insert into core.person_address (account_id, person_id, channel, value)
    select distinct core.current_account(), s.id, 'email', r.email
      from core.import_row r
      join core.person s on s.identity_key = r.identity_key
     where r.import_id = ${importId} and r.email is not null
     order by s.id, r.email
    on conflict do nothing`.execute(trx);
}

export async function writeCreditors(trx: Trx, importId: string): Promise<void> {
  await sql`
    insert into catalogue.creditor (account_id, name)
    select core.current_account(), (array_agg(creditor order by ordinal))[1]
      from core.import_row
     where import_id = ${importId} and creditor is not null
     group by lower(creditor)
     order by lower(creditor)
    on conflict (account_id, lower(name)) do nothing`.execute(trx);
}

export async function writeContacts(trx: Trx, batchId: string, importId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into core.contact (account_id, batch_id, person_id, ordinal, variables)
    select core.current_account(), ${batchId}, s.id, row_number() over (order by f.ordinal), f.variables
      from (select distinct on (identity_key) identity_key, ordinal, variables
              from core.import_row
             where import_id = ${importId}
             order by identity_key, ordinal) f
      join core.person s on s.identity_key = f.identity_key`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

export async function writeDebts(trx: Trx, batchId: string, importId: string): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into core.debt
      (account_id, person_id, contact_id, creditor_id, amount_micros, currency, due_date, reference, sheet_row)
    select core.current_account(), s.id, k.id, c.id, r.amount_micros, r.currency, r.due_date, r.reference,
           r.sheet_row
      from core.import_row r
      join core.person s on s.identity_key = r.identity_key
      join core.contact k on k.person_id = s.id and k.batch_id = ${batchId}
      join catalogue.creditor c on lower(c.name) = lower(r.creditor)
     where r.import_id = ${importId} and r.amount_micros is not null`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

export interface SeveralRows {
  readonly identity_key: string;
  readonly contact_id: string;
  readonly rows: readonly {
    readonly variables: Record<string, string>;
    readonly creditor: string | null;
    /** As text: JSON numbers lose what is above 2^53. */
    readonly amount_micros: string | null;
    readonly currency: string | null;
    readonly due_date: string | null;
    readonly reference: string | null;
  }[];
}

/**
 * Rows that were written a moment ago have no statistics: the planner takes a file for a handful of rows, joins it in
 * nested loops, and what it takes grows with the square of its rows: 5,000 debtors took half a minute. And one statement may take as
 * long as all of a file does, to the end of the transaction.
 */
export async function withoutNestedLoops(trx: Trx, without: boolean): Promise<void> {
  await sql`
    select set_config('enable_nestloop', ${without ? 'off' : 'on'}, true),
           set_config('statement_timeout', '10min', true)`.execute(trx);
}

export interface SeveralQuery {
  readonly batchId: string;
  readonly importId: string;
  /** The last identity of the page before. */
  readonly after: string;
  readonly limit: number;
}

/** A page of people with several rows in an import, by identity, each with its rows in their order. */
export async function readSeveral(
  trx: Trx,
  { batchId, importId, after, limit }: SeveralQuery,
): Promise<readonly SeveralRows[]> {
  const { rows } = await sql<SeveralRows>`
    with several as (
      -- By itself: most people have one row, and theirs need not be joined and put together.
      select identity_key from core.import_row
       where import_id = ${importId} and identity_key > ${after}
       group by identity_key having count(*) > 1
       order by identity_key limit ${limit})
    select r.identity_key, (array_agg(k.id))[1] as contact_id,
           jsonb_agg(jsonb_build_object('variables', r.variables, 'creditor', r.creditor,
                     'amount_micros', r.amount_micros::text, 'currency', r.currency, 'due_date', r.due_date,
                     'reference', r.reference) order by r.ordinal) as rows
      from several
      join core.import_row r on r.identity_key = several.identity_key and r.import_id = ${importId}
      join core.person s on s.identity_key = r.identity_key
      join core.contact k on k.person_id = s.id and k.batch_id = ${batchId}
     group by r.identity_key
     order by r.identity_key`.execute(trx);
  return rows;
}

/** Variables of contacts, each as JSON text, in the order of the ids. */
export async function writeVariables(
  trx: Trx,
  contactIds: readonly string[],
  variables: readonly string[],
): Promise<void> {
  await sql`
    update core.contact k
       set variables = m.variables
      from unnest(${contactIds}::uuid[], ${variables}::jsonb[]) as m (id, variables)
     where k.id = m.id`.execute(trx);
}
