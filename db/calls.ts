import { sql } from 'kysely';
import type { Trx } from './client.ts';
import type { CallState } from './schema.ts';

/** What settling a call needs to know about it, read under its row lock. */
export interface LockedCall {
  readonly attempt_id: string;
  readonly account_id: string;
  readonly contact_id: string;
  readonly batch_id: string;
  readonly person_id: string;
  readonly phone_id: string;
  readonly lease_id: string;
  readonly request_id: string;
  readonly realm: string;
  readonly zone: string;
  readonly absent_after_at: Date;
  readonly run: number;
  readonly use_case: string;
  readonly provider_call_id: string | null;
  readonly state: CallState;
  readonly disconnection_reason: string | null;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly analysed_at: Date | null;
  readonly signalled_at: Date | null;
  /** What the contact was told, as it was told. */
  readonly told: Record<string, unknown> | null;
  readonly billable_seconds: number | null;
  readonly charged_micros: bigint | null;
  /** When the provider is asked next; null when everything is known. */
  readonly check_at: Date | null;
  readonly rang: boolean | null;
  readonly human: boolean | null;
  /** As settlement wrote it: a business outcome. */
  readonly outcome: string | null;
}

/** Locks one call: webhook, sweeper and look-up of the same call take turns here. */
export async function lockCall(trx: Trx, attemptId: string): Promise<LockedCall | undefined> {
  return trx
    .selectFrom('operation.call as c')
    .innerJoin('operation.attempt as a', 'a.id', 'c.attempt_id')
    .innerJoin('core.batch as b', 'b.id', 'a.batch_id')
    .innerJoin('core.contact as k', 'k.id', 'a.contact_id')
    .select([
      'c.attempt_id',
      'c.account_id',
      'c.contact_id',
      'a.batch_id',
      'a.person_id',
      'a.phone_id',
      'a.lease_id',
      'a.request_id',
      'a.realm',
      'a.zone',
      'a.absent_after_at',
      'k.run',
      'b.use_case',
      'c.provider_call_id',
      'c.state',
      'c.disconnection_reason',
      'c.ended_at',
      'c.duration_ms',
      'c.analysed_at',
      'c.signalled_at',
      'c.told',
      'c.billable_seconds',
      'c.charged_micros',
      'c.check_at',
      'c.rang',
      'c.human',
      'c.outcome',
    ])
    .where('c.attempt_id', '=', attemptId)
    .forNoKeyUpdate('c')
    .executeTakeFirst();
}

export async function writeAttemptEvent(
  trx: Trx,
  accountId: string,
  attemptId: string,
  kind: 'placed' | 'rejected' | 'unknown' | 'found' | 'absent' | 'ended' | 'analysed',
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await trx
    .insertInto('operation.attempt_event')
    .values({ account_id: accountId, attempt_id: attemptId, kind, detail: JSON.stringify(detail) })
    .execute();
}

/** The provider has the call. Only from a state that may still become placed; never backwards from its end. */
export async function markPlaced(
  trx: Trx,
  attemptId: string,
  providerCallId: string,
  checkAfterMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('operation.call')
    .set({
      state: 'placed',
      provider_call_id: providerCallId,
      check_at: sql<Date>`clock_timestamp() + ${checkAfterMs} * interval '1 millisecond'`,
    })
    .where('attempt_id', '=', attemptId)
    .where('state', 'in', ['placing', 'unknown', 'absent', 'rejected'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markState(
  trx: Trx,
  attemptId: string,
  from: readonly CallState[],
  to: CallState,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('operation.call')
    .set({ state: to, ...(to === 'rejected' || to === 'absent' ? { check_at: null } : {}) })
    .where('attempt_id', '=', attemptId)
    .where('state', 'in', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The person's debts in this contact, micro-units; null when it has none (other use cases). */
export async function debtTotal(trx: Trx, contactId: string): Promise<bigint | null> {
  const { total } = await trx
    .selectFrom('core.debt')
    .select(sql<string | null>`sum(amount_micros)`.as('total'))
    .where('contact_id', '=', contactId)
    .executeTakeFirstOrThrow();
  return total === null ? null : BigInt(total);
}

export interface CallToCheck {
  readonly attempt_id: string;
  readonly account_id: string;
  readonly provider_call_id: string | null;
}

/**
 * Calls that have been silent for too long. Taking one puts its next check off, so that two sweepers do not both ask,
 * and a sweeper that dies loses nothing.
 */
export async function takeCallsToCheck(
  trx: Trx,
  limit: number,
  againAfterMs: number,
): Promise<readonly CallToCheck[]> {
  const { rows } = await sql<CallToCheck>`
    update operation.call set check_at = clock_timestamp() + ${againAfterMs} * interval '1 millisecond'
     where attempt_id in (
       select attempt_id from operation.call where check_at <= clock_timestamp()
        order by check_at limit ${limit} for update skip locked)
    returning attempt_id, account_id, provider_call_id`.execute(trx);
  return rows;
}
