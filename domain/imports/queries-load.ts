import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { SettledChoice } from './queries-settled.ts';

/** Which people of an import are taken now, in the order of the file. */
export interface PortionRequest {
  readonly batchId: string;
  readonly importId: string;
  /** People of the file that earlier portions have taken. */
  readonly after: number;
  readonly people: number;
  /** What the operator says of people whose debts are, or may be, paid. Default: nothing. */
  readonly settled?: SettledChoice | null;
}

export interface PortionCounts {
  /** People of the portion who are not in the batch. */
  readonly fresh: number;
  /** Those who are in the batch already. They are left out. */
  readonly known: number;
  /** Those who were erased since the file was read: nobody is made of them. */
  readonly erased: number;
  /** Some of the fresh ones are known from other batches. */
  readonly met: boolean;
}

/**
 * Puts the portion's rows into `load_row`, a table of this transaction that the statements below read. It has statistics of its own
 * and the ids of what the rows become: none of the statements joins it with a large table. The planner takes rows that were written
 * a moment ago for a handful, joins them in nested loops, and the time that it takes grows with the square of the file: 5,000
 * debtors took half a minute.
 */
export async function takePortion(
  trx: Trx,
  { batchId, importId, after, people }: PortionRequest,
): Promise<PortionCounts> {
  await sql`
    create temporary table load_row
      (like core.import_row, person_id uuid, contact_id uuid, known boolean not null default false) on commit drop`.execute(
    trx,
  );
  await sql`
    insert into load_row
    select r.*, (select s.id from core.person s where s.identity_key = r.identity_key)
      from core.import_row r
     where r.import_id = ${importId} and r.person > ${after} and r.person <= ${after + people}
       and r.identity_key not like 'erased:%'`.execute(trx);
  // First the contacts of a person, and of those the batch's: by the batch alone the index has everybody in it.
  await sql`
    update load_row l set known = true
     where l.person_id is not null
       and exists (select from (select k.batch_id from core.contact k where k.person_id = l.person_id offset 0) k
                    where k.batch_id = ${batchId})`.execute(trx);
  const { rows } = await sql<{ fresh: bigint; known: bigint; erased: bigint; met: boolean | null }>`
    select (select count(distinct person) from core.import_row
             where import_id = ${importId} and person > ${after} and person <= ${after + people}
               and identity_key like 'erased:%') as erased,
           count(distinct person) filter (where not known) as fresh,
           count(distinct person) filter (where known) as known,
           bool_or(not known and person_id is not null) as met from load_row`.execute(trx);
  await sql`delete from load_row where known`.execute(trx);
  await sql`analyze load_row`.execute(trx);
  const [row] = rows;
  return {
    fresh: Number(row?.fresh ?? 0n),
    known: Number(row?.known ?? 0n),
    erased: Number(row?.erased ?? 0n),
    met: row?.met ?? false,
  };
}

/**
 * Name from a person's first row, place from the first row that has one. Rows that name different Chilean zones leave
 * it open, so that both must allow a call. A person who is known already takes the newest file's name and place.
 */
export async function writePeople(trx: Trx): Promise<void> {
  await sql`
    insert into core.person as known (account_id, identity_key, national_id, name, country, region, zone)
    select core.current_account(), identity_key, (array_agg(national_id order by ordinal))[1],
           (array_agg(name order by ordinal))[1], (array_agg(country order by ordinal))[1],
           (array_agg(region order by ordinal) filter (where region is not null))[1],
           case when count(distinct zone) > 1 and min(country) = 'CL' then null
                else (array_agg(zone order by ordinal) filter (where zone is not null))[1] end
      from load_row
     group by identity_key
     -- Two imports at once that hold the same people lock them in one order.
     order by identity_key
    on conflict (account_id, identity_key) do update
       set name = excluded.name,
           country = excluded.country,
           region = coalesce(excluded.region, known.region),
           zone = case when excluded.zone is null and excluded.region is null then known.zone
                       else excluded.zone end`.execute(trx);
  await sql`
    update load_row l set person_id = (select s.id from core.person s where s.identity_key = l.identity_key)`.execute(
    trx,
  );
}

/**
 * Requests about the data of people whom this file brings now: they are theirs from here on. One for blocking that is not
 * refused blocks them before any contact is made of them.
 */
export async function meetRequests(
  trx: Trx,
): Promise<readonly { readonly id: string; readonly person_id: string; readonly blocks: boolean }[]> {
  const { rows } = await sql<{ id: string; person_id: string; blocks: boolean }>`
    update core.privacy_request r set person_id = s.id
      from core.person s
     where r.person_id is null and s.identity_key = r.national_id
       and s.id in (select person_id from load_row)
    returning r.id, s.id as person_id, r.kind = 'blocking' and r.answer is distinct from 'refused' as blocks`.execute(
    trx,
  );
  return rows;
}

/** Numbers that are known of the portion's people go behind those that the file names. */
export async function movePhonesBack(trx: Trx): Promise<void> {
  // Statistics that know one phone of the account would read the portion again for each of its hundred thousand.
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(trx);
  await sql`
    update core.phone p set position = p.position + 100
     where p.position < 100 and p.person_id in (select person_id from load_row)`.execute(trx);
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(trx);
}

/** The file's phones first, in its order; numbers known from before go behind them. */
export async function writePhones(trx: Trx): Promise<void> {
  await sql`
    insert into core.phone as known (account_id, person_id, e164, position, invalid_at)
    select core.current_account(), f.person_id, f.e164,
           row_number() over (partition by f.person_id order by min(f.ordinal * 100 + f.place)),
           -- Whoever has the number has said that they want no calls, whosever it is in this file.
           case when exists (select from core.do_not_contact x where x.key = 'tel:' || f.e164 and x.lifted_at is null)
                then clock_timestamp() end
      from (select l.person_id, l.ordinal, t.e164, t.place
              from load_row l, unnest(l.phones) with ordinality as t (e164, place)) f
     group by f.person_id, f.e164
     order by f.person_id, f.e164
    on conflict (account_id, person_id, e164) do update
       set position = excluded.position, invalid_at = coalesce(known.invalid_at, excluded.invalid_at)`.execute(
    trx,
  );
}

/** What the file names beside the phones. One that was closed stays closed, whatever file names it again. */
export async function writeAddresses(trx: Trx): Promise<void> {
  await sql`
    insert into core.person_address (account_id, person_id, channel, value)
    select distinct core.current_account(), person_id, 'email', email
      from load_row
     where email is not null
     order by person_id, email
    on conflict do nothing`.execute(trx);
}

export async function writeCreditors(trx: Trx): Promise<void> {
  await sql`
    insert into catalogue.creditor (account_id, name)
    select core.current_account(), (array_agg(creditor order by ordinal))[1]
      from load_row
     where creditor is not null
     group by lower(creditor)
     order by lower(creditor)
    on conflict (account_id, lower(name)) do nothing`.execute(trx);
}

/** Behind those that the batch has, in the order of the file. */
export async function writeContacts(trx: Trx, batchId: string): Promise<void> {
  await sql`
    with written as (
      insert into core.contact (account_id, batch_id, person_id, ordinal, variables)
      select core.current_account(), ${batchId}, f.person_id,
             coalesce((select max(ordinal) from core.contact where batch_id = ${batchId}), 0)
               + row_number() over (order by f.person), f.variables
        from (select distinct on (person) person, person_id, variables
                from load_row order by person, ordinal) f
      returning id, person_id)
    update load_row l set contact_id = w.id from written w where w.person_id = l.person_id`.execute(trx);
}

export async function writeDebts(trx: Trx): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into core.debt
      (account_id, person_id, contact_id, creditor_id, amount_micros, currency, due_date, reference, sheet_row)
    select core.current_account(), r.person_id, r.contact_id, c.id, r.amount_micros, r.currency, r.due_date, r.reference,
           r.sheet_row
      from load_row r
      join catalogue.creditor c on lower(c.name) = lower(r.creditor)
     where r.amount_micros is not null
     order by r.ordinal`.execute(trx);
  return Number(numAffectedRows ?? 0n);
}

export interface SeveralRows {
  /** Of the file. */
  readonly person: number;
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

/** A page of the portion's people with several rows, behind one of them, each with its rows in their order. */
export async function readSeveral(
  trx: Trx,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly SeveralRows[]> {
  const { rows } = await sql<SeveralRows>`
    with several as (
      -- By itself: most people have one row, and theirs need not be put together.
      select person from load_row where person > ${after}
       group by person having count(*) > 1
       order by person limit ${limit})
    select person,
           jsonb_agg(jsonb_build_object('variables', variables, 'creditor', creditor,
                     'amount_micros', amount_micros::text, 'currency', currency, 'due_date', due_date,
                     'reference', reference) order by ordinal) as rows
      from several join load_row using (person)
     group by person
     order by person`.execute(trx);
  return rows;
}

/** What an agent knows of people with several rows, each as JSON text, in the order of the people. */
export async function writeMerged(
  trx: Trx,
  people: readonly number[],
  variables: readonly string[],
): Promise<void> {
  await sql`
    update load_row l set variables = m.variables
      from unnest(${people}::int[], ${variables}::jsonb[]) as m (person, variables)
     where l.person = m.person`.execute(trx);
}
