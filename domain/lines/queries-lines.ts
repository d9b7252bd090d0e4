import { wakeDispatcher, LINES_CHANNEL } from '../shared/queries-notify.ts';
import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { releaseHold } from '../billing/queries-ledger.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import type { SuspensionReason } from '../contacts/rules/facts.ts';
import type { WorkflowStep } from './rules/workflow-step.ts';

export interface LineRequest {
  readonly id: string;
  readonly accountId: string;
  readonly poolId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly waveKey: string;
  readonly priority: 0 | 1;
  readonly eligibleAtMs: number;
  readonly deadlineAtMs: number;
}

/** How a contact's row should read while its request waits. */
export interface RequestProjection {
  readonly run: number;
  readonly state: ContactState;
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextAtMs: number | null;
}

/**
 * queued: `hasOthers` when more of the contact's turns are open than this one; over: the batch has ended, or the contact has
 * closed or begun anew, and nothing was written; late: a later step of the same workflow has asked since.
 */
export type Requested =
  { readonly kind: 'queued'; readonly hasOthers: boolean } | { readonly kind: 'over' | 'late' };

/**
 * Puts a contact's request into the queue of its batch's pool, writes what its row says meanwhile and wakes the
 * dispatcher, in one statement. A repeated id changes nothing.
 */
export async function requestLine(
  trx: Trx,
  request: Omit<LineRequest, 'poolId'>,
  projection: RequestProjection,
  step: WorkflowStep | null,
): Promise<Requested> {
  const nextAt = projection.nextAtMs === null ? null : new Date(projection.nextAtMs);
  const { contactId } = request;
  const { temporalRunId, historyLength } = step ?? { temporalRunId: null, historyLength: null };
  const { rows } = await sql<{ queued: boolean; late: boolean; others: boolean; told: boolean }>`
    with batch as materialized (
      select id, pool_id from core.batch where id = ${request.batchId} and state not in ('cancelled', 'finished')
    ), late as materialized (
      select from core.line_request
       where contact_id = ${contactId} and temporal_run_id = ${temporalRunId}
         and history_length > ${historyLength} limit 1
    ), noted as (
      update core.contact set state = ${projection.state}, waiting_for = ${projection.waitingFor}, attempts = ${projection.attempts},
                              next_at = ${nextAt}
       where id = ${contactId} and run = ${projection.run} and state <> 'closed'
         and exists (select from batch) and not exists (select from late)
      returning id
    ), asked as (
      insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key, priority,
                                     eligible_at, deadline_at, temporal_run_id, history_length)
      select ${request.id}, ${request.accountId}, b.pool_id, b.id, ${contactId},
             ${request.waveKey}, ${request.priority}, ${new Date(request.eligibleAtMs)}, ${new Date(request.deadlineAtMs)},
             ${temporalRunId}, ${historyLength}
        from batch b cross join noted
      on conflict (id) do update set temporal_run_id = excluded.temporal_run_id, history_length = excluded.history_length
    )
    select exists (select from noted) as queued, exists (select from late) as late,
           exists (select from core.line_request r left join core.line_lease l on l.request_id = r.id
                    where r.contact_id = ${contactId} and r.id <> ${request.id} and ${isOpen}) as others,
           (select pg_notify(${LINES_CHANNEL}, pool_id::text) from batch) is null as told`.execute(trx);
  const [row] = rows;
  if (row?.queued === true) return { kind: 'queued', hasOthers: row.others };
  return { kind: row?.late === true ? 'late' : 'over' };
}

/** In the queue, or with a line on which nobody dialled, and for which no reason is on record. `r` and `l` are its row and lease. */
const isOpen = sql<boolean>`(
  r.state in ('waiting', 'suspended')
  or r.state = 'granted' and l.attempt_id is null
     and not exists (select from operation.refusal f where f.request_id = r.id))`;

/** A turn of a contact that has neither come to an attempt nor to a reason why not. */
export interface OpenTurn {
  readonly requestId: string;
  readonly waveKey: string;
  readonly deadlineAt: Date;
}

export async function openTurns(trx: Trx, contactId: string): Promise<readonly OpenTurn[]> {
  const { rows } = await sql<{ id: string; wave_key: string; deadline_at: Date }>`
    select r.id, r.wave_key, r.deadline_at
      from core.line_request r left join core.line_lease l on l.request_id = r.id
     where r.contact_id = ${contactId} and ${isOpen} order by r.created_at`.execute(trx);
  return rows.map((row) => ({ requestId: row.id, waveKey: row.wave_key, deadlineAt: row.deadline_at }));
}

/** Whether a later step of the same workflow has asked for a line: this one's task was lost, and nothing of it may be done. */
export async function isLateStep(trx: Trx, contactId: string, step: WorkflowStep | null): Promise<boolean> {
  if (step === null) return false;
  const later = await trx
    .selectFrom('core.line_request')
    .select('id')
    .where('contact_id', '=', contactId)
    .where('temporal_run_id', '=', step.temporalRunId)
    .where('history_length', '>', step.historyLength)
    .limit(1)
    .executeTakeFirst();
  return later !== undefined;
}

/** Puts a request into the queue of its pool. A repeated id changes nothing. */
export async function insertRequest(trx: Trx, request: LineRequest): Promise<void> {
  await trx
    .insertInto('core.line_request')
    .values({
      id: request.id,
      account_id: request.accountId,
      pool_id: request.poolId,
      batch_id: request.batchId,
      contact_id: request.contactId,
      wave_key: request.waveKey,
      priority: request.priority,
      eligible_at: new Date(request.eligibleAtMs),
      deadline_at: new Date(request.deadlineAtMs),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  await wakeDispatcher(trx, request.poolId);
}

export interface WithdrawnRequest {
  readonly waveKey: string;
  /** What the request was when it was taken out of the queue. */
  readonly was: 'waiting' | 'suspended' | 'granted' | 'withdrawn' | 'missed';
  readonly suspendedFor: SuspensionReason | null;
}

/**
 * Takes a request out of the queue. A line that it was granted and has not dialled goes back with its hold; one that
 * has been dialled stays: only the end of the call frees it.
 */
export async function withdrawRequest(
  trx: Trx,
  requestId: string,
  state: 'withdrawn' | 'missed',
): Promise<WithdrawnRequest | undefined> {
  const request = await trx
    .selectFrom('core.line_request')
    .select(['state', 'wave_key', 'pool_id', 'suspended_for'])
    .where('id', '=', requestId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (request === undefined) return undefined;
  const was = { waveKey: request.wave_key, was: request.state, suspendedFor: request.suspended_for };
  if (request.state === 'withdrawn' || request.state === 'missed') return was;
  if (request.state === 'granted') {
    const lease = await trx
      .selectFrom('core.line_lease')
      .select(['id', 'attempt_id', 'released_at'])
      .where('request_id', '=', requestId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (lease === undefined || lease.attempt_id !== null || lease.released_at !== null) return was;
    await releaseLease(trx, lease.id, state === 'missed' ? 'slot_ended' : 'withdrawn');
  }
  await trx.updateTable('core.line_request').set({ state }).where('id', '=', requestId).execute();
  return was;
}

/** Frees a line whose call was never made, with its hold. False when it was free already. */
export async function releaseLease(trx: Trx, leaseId: string, reason: string): Promise<boolean> {
  const freed = await freeLine(trx, leaseId, reason);
  if (freed === undefined) return false;
  await releaseHold(trx, freed.holdId, 'voided');
  return true;
}

/** Frees a line; the hold is the caller's business. Undefined when it was free already. */
export async function freeLine(
  trx: Trx,
  leaseId: string,
  reason: string,
): Promise<{ readonly holdId: string } | undefined> {
  // The NOTIFY in the same statement: one round trip less between a call's end and the next grant.
  const { rows } = await sql<{ hold_id: string }>`
    with freed as (
      update core.line_lease set released_at = clock_timestamp(), release_reason = ${reason}
       where id = ${leaseId} and released_at is null
      returning hold_id, pool_id
    )
    select hold_id, pg_notify(${LINES_CHANNEL}, pool_id::text) from freed`.execute(trx);
  const [freed] = rows;
  return freed === undefined ? undefined : { holdId: freed.hold_id };
}

export interface OpenLease {
  readonly id: string;
  readonly pool_id: string;
  readonly hold_id: string;
  readonly attempt_id: string | null;
}

/**
 * Locks a lease for its dial. Undefined when it is not the caller's to use any more: released, used, or expired at
 * `at` (a worker that slept through its grant).
 */
export async function lockLease(trx: Trx, leaseId: string, at: Date): Promise<OpenLease | undefined> {
  return trx
    .selectFrom('core.line_lease')
    .select(['id', 'pool_id', 'hold_id', 'attempt_id'])
    .where('id', '=', leaseId)
    .where('released_at', 'is', null)
    .where('attempt_id', 'is', null)
    .where('expires_at', '>', at)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** From short grant to whole call: the line is held until the call has ended, whatever happens to the worker. */
export async function extendLease(
  trx: Trx,
  leaseId: string,
  attemptId: string,
  expiresAt: Date,
): Promise<void> {
  await trx
    .updateTable('core.line_lease')
    .set({ attempt_id: attemptId, expires_at: expiresAt })
    .where('id', '=', leaseId)
    .execute();
}

/** Whose lines a request waits for, and whether they are those of rehearsals. */
export async function poolOfRequest(
  trx: Trx,
  requestId: string,
): Promise<{ readonly pool_id: string; readonly rehearsal: boolean }> {
  return trx
    .selectFrom('core.line_request as r')
    .innerJoin('catalogue.pool as p', 'p.id', 'r.pool_id')
    .select(['r.pool_id', 'p.rehearsal'])
    .where('r.id', '=', requestId)
    .executeTakeFirstOrThrow();
}
