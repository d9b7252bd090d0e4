import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/**
 * settled: the same debt, by its reference, is paid by our record, and the file asks for no more than was paid. more: it asks for
 * more. unclear: there is no reference, but a debt of the same creditor and day, of no less, that is paid.
 */
export type SettledVerdict = 'settled' | 'more' | 'unclear';

/** What the operator says about people whose debts are, or may be, paid. */
export type SettledChoice = 'leave_out' | 'call';

/** A row of a file whose debt our record shows paid, or may show paid. */
export interface SettledRow {
  readonly ordinal: number;
  readonly sheet: string;
  readonly sheet_row: number;
  readonly person: number;
  readonly name: string;
  readonly creditor: string;
  readonly reference: string | null;
  readonly currency: string;
  /** Of all rows of the debt in the file. */
  readonly in_file_micros: bigint;
  readonly settled_micros: bigint;
  /** The last payment. */
  readonly paid_at: Date;
  readonly verdict: SettledVerdict;
}

/**
 * The rows of `rows`, a relation with columns of core.import_row, whose debts are paid. A payment that was taken back is owed
 * again, and what was only forgiven is none: see core.current_debt.
 */
function settledRows(rows: RawBuilder<unknown>): RawBuilder<SettledRow> {
  return sql<SettledRow>`
    select r.ordinal, r.sheet, r.sheet_row, r.person, r.name, r.creditor, r.reference, r.currency,
           r.in_file_micros::bigint as in_file_micros, s.settled_micros::bigint as settled_micros, s.paid_at,
           case when r.in_file_micros > s.settled_micros then 'more'
                when s.is_same then 'settled' else 'unclear' end as verdict
      from (select f.*, p.id as whose, c.id as creditor_id,
                   sum(f.amount_micros) over (
                     partition by p.id, c.id, f.currency, coalesce(f.reference, f.due_date::text, '')) as in_file_micros
              from ${rows} f
              join core.person p on p.identity_key = f.identity_key
              join catalogue.creditor c on lower(c.name) = lower(f.creditor)
             -- Most people have paid nothing: of them nothing more is looked up.
             where f.amount_micros > 0 and exists (select from core.payment y where y.person_id = p.id)) r
      join lateral (
        select sum(d.amount_micros) as settled_micros, max(y.paid_at) as paid_at,
               bool_and(r.reference is not null and d.reference is not distinct from r.reference) as is_same,
               bool_and(d.balance_micros = 0) as is_settled
          from core.current_debt d
          left join lateral (
            select max(y.paid_at) as paid_at from core.payment_allocation a join core.payment y on y.id = a.payment_id
             where a.debt_id = d.id and y.kind = 'payment') y on true
         where d.person_id = r.whose and d.creditor_id = r.creditor_id and d.currency = r.currency
           and d.amount_micros > 0
           and case when r.reference is not null and d.reference is not null then d.reference = r.reference
                    else d.due_date = r.due_date end) s
        on s.is_settled and s.paid_at is not null`;
}

const ofImport = (importId: string): RawBuilder<unknown> =>
  sql`(select * from core.import_row where import_id = ${importId})`;

/** Rows of a stored import whose debts are, or may be, paid, in the order of the file. */
export async function settledOfImport(trx: Trx, importId: string): Promise<readonly SettledRow[]> {
  const { rows } = await sql<SettledRow>`${settledRows(ofImport(importId))} order by ordinal`.execute(trx);
  return rows;
}

/** As much of a row as is looked at. Amounts as text: JSON numbers lose what is above 2^53. */
export interface LookedAtRow {
  readonly ordinal: number;
  readonly sheet: string;
  readonly sheet_row: number;
  readonly person: number;
  readonly name: string;
  readonly identity_key: string;
  readonly creditor: string | null;
  readonly amount_micros: string | null;
  readonly currency: string | null;
  readonly due_date: string | null;
  readonly reference: string | null;
}

/** The same of rows that are nowhere stored. */
export async function settledOfRows(
  trx: Trx,
  looked: readonly LookedAtRow[],
): Promise<readonly SettledRow[]> {
  const given = sql`jsonb_populate_recordset(null::core.import_row, ${JSON.stringify(looked)}::jsonb)`;
  const { rows } = await sql<SettledRow>`${settledRows(given)} order by ordinal`.execute(trx);
  return rows;
}

/** Of some people those who have paid anything: by their identity keys. */
export async function whoHasPaid(trx: Trx, identityKeys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ identity_key: string }>`
    select p.identity_key from core.person p
     where p.identity_key = any(${[...identityKeys]}::text[])
       and exists (select from core.payment y where y.person_id = p.id)`.execute(trx);
  return new Set(rows.map(({ identity_key }) => identity_key));
}

/** Verdicts that leave a row out, by what the operator has said. */
export function leftOutBy(choice: SettledChoice | null): readonly SettledVerdict[] {
  if (choice === 'call') return [];
  return choice === 'leave_out' ? ['settled', 'unclear'] : ['settled'];
}

/**
 * Takes rows whose debts are paid out of `load_row` (see `takePortion`), and with them people of whom nothing is left. Returns how
 * many people. What is taken out becomes no debt: as the newest row of one that is paid it would be owed again.
 */
export async function leaveOutSettled(trx: Trx, choice: SettledChoice | null): Promise<number> {
  const verdicts = leftOutBy(choice);
  if (verdicts.length === 0) return 0;
  const { rows } = await sql<{ people: number }>`
    with settled as (
      select ordinal, person from (${settledRows(sql`load_row`)}) x where x.verdict = any(${[...verdicts]}::text[])
    ), gone as (
      delete from load_row l
       where l.person in (select person from settled)
         -- A further row of one and the same debt has none of its own: the agent would speak of what is paid.
         and (l.amount_micros is null or l.ordinal in (select ordinal from settled))
      returning l.ordinal, l.person
    )
    select count(*)::int as people from (select distinct person from gone) g
     where not exists (select from load_row l where l.person = g.person
                          and l.ordinal not in (select ordinal from gone))`.execute(trx);
  return rows[0]?.people ?? 0;
}
