import type { RefusedTurns } from './report/types.ts';
import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface CallRow {
  readonly contact_id: string;
  readonly wave_key: string;
  readonly local_day: string;
  readonly attempted_at: Date;
  readonly phone: number;
  readonly outcome: string | null;
  readonly human: boolean | null;
  readonly charged_unit: string | null;
  readonly charged_micros: bigint | null;
  readonly provider_cost_micros: bigint | null;
  readonly e164: string;
  readonly ended_at: Date | null;
  readonly requested: boolean;
}

export async function readCalls(trx: Trx, batchId: string): Promise<readonly CallRow[]> {
  const { rows } = await sql<CallRow>`
    select a.contact_id, a.wave_key, a.local_day, a.attempted_at, c.outcome, c.human,
           (select count(*)::int from core.phone o
             where o.person_id = p.person_id and (o.position, o.id) <= (p.position, p.id)) as phone,
           c.charged_unit, c.charged_micros, c.provider_cost_micros, p.e164, c.ended_at,
           a.rescheduled as requested
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where a.batch_id = ${batchId}
     order by a.attempted_at, a.contact_id`.execute(trx);
  return rows;
}

export async function readRecovered(trx: Trx, batchId: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ currency: string; amount: string }>`
    select p.currency, sum(p.amount_micros - p.unallocated_micros) / 1000000 as amount
      from core.payment p join core.contact k on k.person_id = p.person_id
     where k.batch_id = ${batchId} and p.kind = 'payment' and (k.closed_at is null or p.paid_at <= k.closed_at)
     group by p.currency order by p.currency`.execute(trx);
  return Object.fromEntries(rows.map(({ currency, amount }) => [currency, Math.round(Number(amount))]));
}

export async function readRefusals(trx: Trx, batchId: string): Promise<readonly RefusedTurns[]> {
  const rows = await trx
    .selectFrom('operation.refusal')
    .select(['reason', 'rule', sql<bigint>`count(*)`.as('turns')])
    .where('batch_id', '=', batchId)
    .groupBy(['reason', 'rule'])
    .orderBy('reason')
    .orderBy('rule')
    .execute();
  return rows.map(({ reason, rule, turns }) => ({ reason, rule, turns: Number(turns) }));
}

/** Everybody of a rehearsal, where the file has them, what they owe and how it ended with them, in the order of the file. */
export async function readContacts(trx: Trx, batchId: string) {
  const { rows } = await sql<{
    id: string;
    sheet_row: number;
    outcome: string | null;
    attempts: number;
    closed_at: Date | null;
    name: string;
    national_id: string | null;
    phones: readonly string[];
    zone: string | null;
    region: string | null;
    country: string;
  }>`
    with first_rows as (
      select distinct on (r.identity_key) r.identity_key, r.sheet_row
        from core.import_row r join core.batch b on b.import_id = r.import_id
       where b.id = ${batchId}
       order by r.identity_key, r.ordinal)
    select k.id, coalesce(f.sheet_row, k.ordinal) as sheet_row, k.outcome, k.attempts, k.closed_at, s.name, s.national_id,
           s.zone, s.region, s.country,
           array(select p.e164 from core.phone p where p.person_id = s.id order by p.position, p.id) as phones
      from core.contact k
      join core.person s on s.id = k.person_id
      left join first_rows f on f.identity_key = s.identity_key
     where k.batch_id = ${batchId}
     order by k.ordinal`.execute(trx);
  return rows;
}

/** What each contact was loaded with, an amount a currency. */
export async function readLoaded(trx: Trx, batchId: string) {
  const { rows } = await sql<{ contact_id: string; currency: string; micros: bigint }>`
    select d.contact_id, d.currency, sum(d.amount_micros)::bigint as micros
      from core.debt d join core.contact k on k.id = d.contact_id
     where k.batch_id = ${batchId} group by 1, 2 order by 1, 2`.execute(trx);
  return rows;
}

/** The same, debt by debt. */
export async function readLoadedDebts(trx: Trx, batchId: string) {
  return trx
    .selectFrom('core.debt as d')
    .innerJoin('core.contact as k', 'k.id', 'd.contact_id')
    .select(['d.id', 'd.contact_id', 'd.currency', 'd.amount_micros as micros', 'd.due_date'])
    .where('k.batch_id', '=', batchId)
    .execute();
}

/** Null: the batch negotiates nothing. */
export async function negotiationOfBatch(trx: Trx, batchId: string): Promise<string | null> {
  const { negotiation_id: id } = await trx
    .selectFrom('core.batch')
    .select('negotiation_id')
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow();
  return id;
}

/** Each turn without a call, and the rule behind it. */
export async function readRefusedTurns(trx: Trx, batchId: string) {
  return trx
    .selectFrom('operation.refusal')
    .select(['contact_id', 'at', 'reason', 'rule'])
    .where('batch_id', '=', batchId)
    .execute();
}

/** What was agreed in the calls of a batch, by its first instalment. */
export async function readAgreed(trx: Trx, batchId: string) {
  return trx
    .selectFrom('core.agreement as g')
    .innerJoin('core.agreement_instalment as i', 'i.agreement_id', 'g.id')
    .select([
      'g.contact_id',
      'g.made_at',
      'g.total_micros',
      'g.currency',
      'g.state',
      'g.resolved_at',
      'i.due_date',
    ])
    .where('g.batch_id', '=', batchId)
    .where('i.number', '=', 1)
    .execute();
}

/** Payments of a batch's people while their contacts were open, in whole units. */
export async function readPaid(trx: Trx, batchId: string) {
  const { rows } = await sql<{
    contact_id: string;
    paid_at: Date;
    amount: bigint;
    currency: string;
  }>`
    select k.id as contact_id, p.paid_at, p.amount_micros / 1000000 as amount, p.currency
      from core.payment p join core.contact k on k.person_id = p.person_id
     where k.batch_id = ${batchId} and p.kind = 'payment'
       -- Money that was to come after the contact had ended is not of its story.
       and (k.closed_at is null or p.paid_at <= k.closed_at)`.execute(trx);
  return rows;
}
