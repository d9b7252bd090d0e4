import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { ContactProjection } from '../contacts/queries.ts';
import { isMainPhone } from '../people/queries.ts';
import { isContactSettled } from '../payments/queries-debts.ts';

/** What a dial stands on, besides what the contact policy asks: its line, its money, its wish. */
export interface DialFacts {
  readonly pool_id: string;
  readonly expires_at: Date;
  /** It is the caller's to use: granted, not dialled, not given back. */
  readonly is_free: boolean;
  /** Everything that this contact is about has been paid. */
  readonly settled: boolean;
  /** Who asked for the call of this slot; null: nobody did by a request. */
  readonly requested_by: 'person' | 'operator' | null;
  readonly at: Date;
}

export interface DialKey {
  readonly attemptId: string;
  readonly contactId: string;
  readonly slotKey: string;
}

/** Locks the line of a dial, behind person and number. Undefined: there is no such line. */
export async function lockDialFacts(
  trx: Trx,
  { attemptId, contactId, slotKey }: DialKey,
): Promise<DialFacts | undefined> {
  const { rows } = await sql<DialFacts>`
    select l.pool_id, l.expires_at, l.released_at is null and l.attempt_id is null as is_free,
           ${isContactSettled(contactId)} as settled,
           (select r.requested_by from operation.reschedule_request r
             where r.contact_id = ${contactId} and r.slot_key = ${slotKey} and r.result = 'agreed'
             order by r.id desc limit 1) as requested_by,
           clock_timestamp() as at
      from core.line_lease l
     where l.id = ${attemptId} for no key update of l`.execute(trx);
  return rows[0];
}

export interface NewAttempt {
  readonly id: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  readonly phoneId: string;
  readonly poolId: string;
  readonly requestId: string;
  readonly waveKey: string;
  readonly number: number;
  readonly rescheduled: boolean;
  /** Rules that the person's own wish waived. */
  readonly waived: readonly string[];
  readonly zone: string;
  readonly localDay: string;
  readonly attemptedAt: Date;
  readonly dialDeadlineAt: Date;
  readonly absentAfterAt: Date;
  readonly leaseUntil: Date;
  /** The first look at the provider, in ms from now; null: nobody looks (a rehearsal). */
  readonly checkAfterMs: number | null;
  readonly run: number;
  readonly projection: ContactProjection;
}

/**
 * The attempt, its call, its line's whole lease and the contact's row, in one statement: either all of it stands before
 * a POST leaves, or nothing.
 */
export async function writeAttempt(trx: Trx, one: NewAttempt): Promise<void> {
  const { projection } = one;
  const nextAt = projection.nextAtMs === null ? null : new Date(projection.nextAtMs);
  await sql`
    with attempt as (
      insert into operation.attempt (id, account_id, batch_id, contact_id, person_id, phone_id, lease_id, request_id,
                                     wave_key, number, rescheduled, waived, main_phone, zone, local_day,
                                     attempted_at, dial_deadline_at, absent_after_at)
      values (${one.id}, ${one.accountId}, ${one.batchId}, ${one.contactId}, ${one.personId}, ${one.phoneId}, ${one.id},
              ${one.requestId}, ${one.waveKey}, ${one.number}, ${one.rescheduled}, ${[...one.waived]}::text[],
              ${isMainPhone(one.phoneId)}, ${one.zone}, ${one.localDay}, ${one.attemptedAt}, ${one.dialDeadlineAt}, ${one.absentAfterAt})
    ), lease as (
      update core.line_lease set attempt_id = ${one.id}, expires_at = ${one.leaseUntil} where id = ${one.id}
    ), noted as (
      update core.contact set state = ${projection.state}, waiting_for = ${projection.waitingFor}, attempts = ${projection.attempts},
                              next_at = ${nextAt}
       where id = ${one.contactId} and run = ${one.run} and state <> 'closed'
    )
    insert into operation.call (attempt_id, account_id, contact_id, pool_id, state, check_at)
    values (${one.id}, ${one.accountId}, ${one.contactId}, ${one.poolId}, 'placing',
            clock_timestamp() + ${one.checkAfterMs}::double precision * interval '1 millisecond')`.execute(
    trx,
  );
}

/** A line that was granted and has not been dialled. */
export async function isUndialled(trx: Trx, leaseId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('core.line_lease')
    .select('id')
    .where('id', '=', leaseId)
    .where('attempt_id', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}
