import type { ProviderCall } from './voice-port.ts';
import { type RawBuilder, sql, type UpdateObject } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { mostFunctionCalls, type StoredFunctionCall } from './queries-functions.ts';
import type { CallState, HoldState, Plan, Schema, Unit } from '../../db/schema/schema.ts';

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
  readonly zone: string;
  readonly absent_after_at: Date;
  readonly run: number;
  readonly use_case: string;
  readonly pack_key: string;
  readonly pack_version: number;
  readonly provider_call_id: string | null;
  readonly state: CallState;
  readonly disconnection_reason: string | null;
  readonly dialled_at: Date;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly analysed_at: Date | null;
  readonly signalled_at: Date | null;
  /** The outcome as it was reported to the contact. */
  readonly reported: Record<string, unknown> | null;
  readonly billable_seconds: number | null;
  readonly charged_micros: bigint | null;
  /** When the provider is asked next; null when everything is known. */
  readonly check_at: Date | null;
  readonly rang: boolean | null;
  readonly human: boolean | null;
  /** As settlement wrote it: a business outcome. */
  readonly outcome: string | null;
  /** What was held for it, and at which price. */
  readonly hold_id: string;
  readonly unit: Unit;
  readonly plan: Plan;
  readonly rate_micros_per_minute: bigint;
  /** Of `lockCallAndPerson` it is what nobody else can change meanwhile. */
  readonly hold_state: HoldState;
  readonly erased_at: Date | null;
}

/** What a word about a call changes in its row. */
export type CallSet = UpdateObject<Schema, 'operation.call'>;

export interface AttemptEvent {
  readonly kind: 'placed' | 'rejected' | 'unknown' | 'found' | 'absent' | 'ended' | 'analysed';
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Locks one call: webhook, sweeper and look-up of the same call take turns here. */
export async function lockCall(trx: Trx, attemptId: string): Promise<LockedCall | undefined> {
  return callOf(trx, attemptId).forNoKeyUpdate('c').executeTakeFirst();
}

/** The call, then its person (before line and balance, as the gate of their next dial), and the hold as it is now. */
export async function lockCallAndPerson(trx: Trx, attemptId: string): Promise<LockedCall | undefined> {
  return callOf(trx, attemptId).forNoKeyUpdate(['c', 's', 'h']).executeTakeFirst();
}

function callOf(trx: Trx, attemptId: string) {
  return trx
    .selectFrom('operation.call as c')
    .innerJoin('operation.attempt as a', 'a.id', 'c.attempt_id')
    .innerJoin('core.batch as b', 'b.id', 'a.batch_id')
    .innerJoin('core.contact as k', 'k.id', 'a.contact_id')
    .innerJoin('core.person as s', 's.id', 'a.person_id')
    .innerJoin('core.ledger_hold as h', 'h.request_id', 'a.request_id')
    .select([
      'c.attempt_id',
      'c.account_id',
      'c.contact_id',
      'a.batch_id',
      'a.person_id',
      'a.phone_id',
      'a.lease_id',
      'a.request_id',
      'a.zone',
      'a.absent_after_at',
      'k.run',
      'b.use_case',
      'b.pack_key',
      'b.pack_version',
      'c.provider_call_id',
      'c.state',
      'c.disconnection_reason',
      'c.created_at as dialled_at',
      'c.ended_at',
      'c.duration_ms',
      'c.analysed_at',
      'c.signalled_at',
      'c.reported',
      'c.billable_seconds',
      'c.charged_micros',
      'c.check_at',
      'c.rang',
      'c.human',
      'c.outcome',
      's.erased_at',
      'h.id as hold_id',
      'h.unit',
      'h.plan',
      'h.rate_micros_per_minute',
      'h.state as hold_state',
    ])
    .where('c.attempt_id', '=', attemptId);
}

export async function writeAttemptEvent(
  trx: Trx,
  accountId: string,
  attemptId: string,
  kind: AttemptEvent['kind'],
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await trx
    .insertInto('operation.attempt_event')
    .values({ account_id: accountId, attempt_id: attemptId, kind, detail: JSON.stringify(detail) })
    .execute();
}

export interface PlacedCall {
  readonly accountId: string;
  readonly attemptId: string;
  readonly providerCallId: string;
  readonly checkAfterMs: number;
  /** `found`: not by the answer to its POST. */
  readonly kind: 'placed' | 'found';
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface MarkedPlaced {
  readonly dialledAt: Date;
  readonly was: CallState;
}

/**
 * The provider has the call, and its attempt's record says so: in one statement. Only from a state that may still become
 * placed; never backwards from its end. Undefined when nothing changed.
 */
export async function markPlaced(trx: Trx, placed: PlacedCall): Promise<MarkedPlaced | undefined> {
  const { accountId, attemptId, providerCallId, checkAfterMs, kind } = placed;
  const detail = JSON.stringify(placed.detail ?? { callId: providerCallId });
  const { rows } = await sql<MarkedPlaced>`
    with placed as (
      update operation.call
         set state = 'placed', provider_call_id = ${providerCallId},
             check_at = clock_timestamp() + ${checkAfterMs} * interval '1 millisecond'
       where attempt_id = ${attemptId} and state in ('placing', 'unknown', 'absent', 'rejected')
      returning attempt_id, old.state as was, created_at as dialled_at
    ), written as (
      insert into operation.attempt_event (account_id, attempt_id, kind, detail)
      select ${accountId}, attempt_id, ${kind}, ${detail} from placed
    )
    select dialled_at as "dialledAt", was from placed`.execute(trx);
  return rows[0];
}

export interface UnknownCall {
  readonly accountId: string;
  readonly attemptId: string;
  readonly detail: string;
  /** Until the provider is asked. */
  readonly checkAfterMs: number;
}

/**
 * The dial's answer is lost: its attempt's record says so. False when it was known to be, or when the call's fate was
 * learned before.
 */
export async function markUnknown(trx: Trx, unknown: UnknownCall): Promise<boolean> {
  const { accountId, attemptId, detail, checkAfterMs } = unknown;
  const { rows } = await sql`
    with unknown as (
      update operation.call
         set state = 'unknown', check_at = clock_timestamp() + ${checkAfterMs} * interval '1 millisecond'
       where attempt_id = ${attemptId} and state = 'placing'
      returning attempt_id
    ), written as (
      insert into operation.attempt_event (account_id, attempt_id, kind, detail)
      select ${accountId}, attempt_id, 'unknown', ${JSON.stringify({ detail })} from unknown
    )
    select from unknown`.execute(trx);
  return rows.length > 0;
}

/**
 * When the provider is asked again for a call that it did not have: with pauses that double, from when the answer was
 * lost, and in the instant from which "not found" is a proof. In milliseconds.
 */
export async function postponeCheck(
  trx: Trx,
  { attempt_id, absent_after_at }: Pick<LockedCall, 'attempt_id' | 'absent_after_at'>,
  { firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number },
): Promise<void> {
  await sql`
    update operation.call
       set check_at = least(
             clock_timestamp() + least(
               ${longestMs} * interval '1 millisecond',
               ${firstMs} * interval '1 millisecond' + clock_timestamp() - coalesce(
                 (select max(at) from operation.attempt_event where attempt_id = ${attempt_id} and kind = 'unknown'),
                 clock_timestamp())),
             greatest(${absent_after_at}::timestamptz, clock_timestamp() + ${firstMs} * interval '1 millisecond'))
     where attempt_id = ${attempt_id} and state = 'unknown'`.execute(trx);
}

/** Proven: no phone rang, and none will. False when the provider has the call after all, or it was known. */
export async function markAbsent(trx: Trx, accountId: string, attemptId: string): Promise<boolean> {
  return markUndone(trx, { accountId, attemptId, kind: 'absent', detail: {} });
}

/** The provider's own no. False when the call's fate was learned before. */
export async function markRejected(
  trx: Trx,
  accountId: string,
  attemptId: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  return markUndone(trx, { accountId, attemptId, kind: 'rejected', detail });
}

/** Nobody asks about it any more. */
async function markUndone(
  trx: Trx,
  undone: {
    readonly accountId: string;
    readonly attemptId: string;
    readonly kind: 'absent' | 'rejected';
    readonly detail: Readonly<Record<string, unknown>>;
  },
): Promise<boolean> {
  const { accountId, attemptId, kind, detail } = undone;
  const { rows } = await sql`
    with undone as (
      update operation.call set state = ${kind}, check_at = null
       where attempt_id = ${attemptId} and state in ('placing', 'unknown')
      returning attempt_id
    ), written as (
      insert into operation.attempt_event (account_id, attempt_id, kind, detail)
      select ${accountId}, attempt_id, ${kind}, ${JSON.stringify(detail)} from undone
    )
    select from undone`.execute(trx);
  return rows.length > 0;
}

/** An instant of the database's clock, so long from now. Null: never. */
export function inMs(ms: number | null): null | RawBuilder<Date> {
  return ms === null ? null : sql<Date>`clock_timestamp() + ${ms} * interval '1 millisecond'`;
}

/** The database's clock, for a column. */
export const databaseClock = sql<Date>`clock_timestamp()`;

/** What a call's result is read with, besides what the provider says of it. */
export interface CallFacts {
  /** The person's debts in this contact, micro-units; null when it has none (other use cases). */
  readonly debtTotalMicros: bigint | null;
  /** Of those debts; null when they are in several, or none. */
  readonly currency: string | null;
  /** What was agreed on while the call ran, and still stands. */
  readonly agreementId: string | null;
  /** See `functionCallsOf`. */
  readonly functionCalls: readonly StoredFunctionCall[];
}

export async function readCallFacts(
  trx: Trx,
  { contact_id, attempt_id }: Pick<LockedCall, 'contact_id' | 'attempt_id'>,
): Promise<CallFacts> {
  const { rows } = await sql<{
    total: string | null;
    currency: string | null;
    agreement_id: string | null;
    calls: StoredFunctionCall[] | null;
  }>`
    select (select sum(amount_micros) from core.debt where contact_id = ${contact_id}) as total,
           (select min(currency) from core.debt where contact_id = ${contact_id}
             having min(currency) = max(currency)) as currency,
           (select id from core.agreement where attempt_id = ${attempt_id} and state = 'open') as agreement_id,
           (select jsonb_agg(jsonb_build_object('name', name, 'args', args, 'answer', answer, 'refused', refused)
                             order by id)
              from (select id, name, args, answer, refused from operation.function_call
                     where attempt_id = ${attempt_id} order by id limit ${mostFunctionCalls}) f) as calls`.execute(
    trx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`no facts of attempt ${attempt_id}`);
  return {
    debtTotalMicros: row.total === null ? null : BigInt(row.total),
    currency: row.currency,
    agreementId: row.agreement_id,
    functionCalls: row.calls ?? [],
  };
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

export async function invalidate(trx: Trx, locked: LockedCall): Promise<void> {
  await trx
    .updateTable('core.phone')
    .set({ invalid_at: sql<Date>`coalesce(invalid_at, clock_timestamp())` })
    .where('id', '=', locked.phone_id)
    .execute();
}

/** What the provider charges us, unless a higher figure came before: an older message may be late. */
export function higherProviderCost(micros: number | bigint, byProduct: ProviderCall['costByProduct']) {
  return {
    provider_cost_micros: sql<bigint>`greatest(provider_cost_micros, ${micros})`,
    provider_cost_products: sql<string>`case when provider_cost_micros > ${micros}
              then provider_cost_products else ${JSON.stringify(byProduct)}::jsonb end`,
  };
}

/** The instant at which a statement runs, for a column of it. */
export const statementInstant = () => sql<Date>`clock_timestamp()`;

/** The lease of a dial, locked: whether its gate has made an attempt of it is decided behind this lock. */
export async function lockLeaseOfDial(trx: Trx, leaseId: string) {
  return trx
    .selectFrom('core.line_lease')
    .select(['request_id', 'contact_id', 'attempt_id'])
    .where('id', '=', leaseId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** What a line was asked for. */
export async function readRequested(trx: Trx, requestId: string) {
  return trx
    .selectFrom('core.line_request')
    .select(['batch_id', 'wave_key'])
    .where('id', '=', requestId)
    .executeTakeFirstOrThrow();
}

/** The newest attempt with a contact; null: there was none. */
export async function lastAttemptOf(trx: Trx, contactId: string): Promise<string | null> {
  const last = await trx
    .selectFrom('operation.attempt')
    .select('id')
    .where('contact_id', '=', contactId)
    .orderBy('attempted_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.id ?? null;
}
