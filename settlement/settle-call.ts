import { sql } from 'kysely';
import { debtTotal, lockCall, type LockedCall, markPlaced, writeAttemptEvent } from '../db/calls.ts';
import type { Trx } from '../db/client.ts';
import { chargeMicros, postHold, trueUp } from '../db/ledger.ts';
import { freeLine } from '../db/lines.ts';
import { localDayOf } from '../rules/calendar.ts';
import { readDisconnection } from '../rules/disconnection.ts';
import type { CallReading } from '../usecases/outcome.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { ProviderCall } from '../voice/types.ts';
import { CALL_OUTCOMES, type CallOutcome } from '../workflows/contact/events.ts';
import type { CallEnded } from '../workflows/contact/contract.ts';
import { callTiming, type CallTiming } from './timing.ts';

export interface SettleInput {
  readonly accountId: string;
  readonly attemptId: string;
  readonly call: ProviderCall;
  /** The instant that patience is measured at: the database's clock, or a rehearsal's. */
  readonly nowMs: number;
  /** Default: the product's own. */
  readonly timing?: CallTiming;
}

export type Settlement =
  /** No attempt of this account has that id: the webhook is somebody else's. */
  | { readonly kind: 'foreign' }
  | {
      readonly kind: 'settled';
      readonly contactId: string;
      readonly batchId: string;
      readonly realm: string;
      /** Set once in the life of a call: what its contact is to be told. */
      readonly ended: CallEnded | null;
    };

/**
 * Everything that the provider's word about a call changes, in the caller's transaction: result, line, ledger,
 * cool-down. Webhook, sweeper and look-up all come through here, in any order and any number of times: each step is
 * taken once.
 */
export async function settleCall(trx: Trx, input: SettleInput): Promise<Settlement> {
  let locked = await lockCall(trx, input.attemptId);
  if (locked === undefined || locked.account_id !== input.accountId) return { kind: 'foreign' };
  const { call, timing = callTiming } = input;
  if (locked.provider_call_id === null) {
    const was = locked.state;
    if (await markPlaced(trx, locked.attempt_id, call.providerCallId, timing.runningCheckMs)) {
      await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'found', { was });
    }
    locked = { ...locked, provider_call_id: call.providerCallId, state: 'placed' };
  }
  if (locked.provider_call_id !== call.providerCallId) return { kind: 'foreign' };
  if (isFinal(call) && locked.state !== 'ended') locked = await writeEnd(trx, locked, call);
  if (locked.state === 'ended' && call.analysed && locked.analysed_at === null) {
    locked = await writeAnalysis(trx, locked, call);
  }
  if (locked.state === 'ended') locked = await charge(trx, locked, call);
  const ended = await concludeOnce(trx, locked, call, { nowMs: input.nowMs, timing });
  const isSignalled = ended !== null || locked.signalled_at !== null;
  await planCheck(trx, locked, checkAfterMs(locked, isSignalled, { nowMs: input.nowMs, timing }));
  return {
    kind: 'settled',
    contactId: locked.contact_id,
    batchId: locked.batch_id,
    realm: locked.realm,
    ended,
  };
}

function isFinal(call: ProviderCall): boolean {
  return call.status === 'ended' || call.status === 'not_connected' || call.status === 'error';
}

async function writeEnd(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<LockedCall> {
  const reading = readDisconnection(call.disconnectionReason ?? '', {
    durationMs: call.durationMs,
    inVoicemail: call.inVoicemail,
  });
  const endedAt = call.endedAtMs === undefined ? sql<Date>`clock_timestamp()` : new Date(call.endedAtMs);
  const written = await trx
    .updateTable('operation.call')
    .set({
      state: 'ended',
      disconnection_reason: call.disconnectionReason ?? null,
      rang: reading.rang,
      human: reading.human,
      started_at: call.startedAtMs === undefined ? null : new Date(call.startedAtMs),
      ended_at: endedAt,
      duration_ms: call.durationMs ?? null,
      recording_url: call.recordingUrl ?? null,
      recording_multi_channel_url: call.recordingMultiChannelUrl ?? null,
      public_log_url: call.publicLogUrl ?? null,
      transcript: call.transcript ?? null,
    })
    .where('attempt_id', '=', locked.attempt_id)
    .returning(['ended_at', 'duration_ms'])
    .executeTakeFirstOrThrow();
  await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'ended', {
    reason: call.disconnectionReason ?? null,
  });
  await freeLine(trx, locked.lease_id, 'call_ended');
  return {
    ...locked,
    state: 'ended',
    disconnection_reason: call.disconnectionReason ?? null,
    ended_at: written.ended_at,
    duration_ms: written.duration_ms,
    rang: reading.rang,
    human: reading.human,
  };
}

async function writeAnalysis(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<LockedCall> {
  const reading = readDisconnection(locked.disconnection_reason ?? '', {
    durationMs: locked.duration_ms ?? undefined,
    inVoicemail: call.inVoicemail,
  });
  const { analysed_at } = await trx
    .updateTable('operation.call')
    .set({
      analysed_at: sql<Date>`clock_timestamp()`,
      summary: call.summary ?? null,
      sentiment: call.sentiment ?? null,
      successful: call.successful ?? null,
      in_voicemail: call.inVoicemail ?? null,
      captured: JSON.stringify(call.captured),
      rang: reading.rang,
      human: reading.human,
      // Recordings and transcript may be ready only now.
      ...(call.transcript === undefined ? {} : { transcript: call.transcript }),
      ...(call.recordingUrl === undefined ? {} : { recording_url: call.recordingUrl }),
      ...(call.recordingMultiChannelUrl === undefined
        ? {}
        : { recording_multi_channel_url: call.recordingMultiChannelUrl }),
      ...(call.publicLogUrl === undefined ? {} : { public_log_url: call.publicLogUrl }),
    })
    .where('attempt_id', '=', locked.attempt_id)
    .returning('analysed_at')
    .executeTakeFirstOrThrow();
  await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'analysed');
  return { ...locked, analysed_at, rang: reading.rang, human: reading.human };
}

/** Posts the hold the first time, and the difference (a transfer's leg, a late figure) every further time. */
async function charge(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<LockedCall> {
  const seconds =
    call.billableSeconds ?? locked.billable_seconds ?? Math.ceil((locked.duration_ms ?? 0) / 1000);
  const isKnown = locked.charged_micros !== null && locked.billable_seconds === seconds;
  if (isKnown && call.costMicros === undefined) return locked;
  const held = await trx
    .selectFrom('core.ledger_hold')
    .selectAll()
    .where('request_id', '=', locked.request_id)
    .executeTakeFirstOrThrow();
  const { unit } = held;
  const tariff = { plan: held.plan, unit, rateMicrosPerMinute: held.rate_micros_per_minute };
  const amountMicros = chargeMicros(tariff, seconds);
  const accountId = locked.account_id;
  const resolution = await postHold(trx, held.id, amountMicros);
  if (resolution !== 'done') {
    // Resolved before: posted with an earlier figure, or given back for a call that was found after all.
    const difference = amountMicros - (locked.charged_micros ?? 0n);
    const reference = `${locked.attempt_id}:${seconds}`;
    if (difference !== 0n) await trueUp(trx, { accountId, unit, amountMicros: difference, reference });
  }
  await trx
    .updateTable('operation.call')
    .set({
      billable_seconds: seconds,
      charged_micros: amountMicros,
      charged_unit: unit,
      ...(call.costMicros === undefined
        ? {}
        : {
            provider_cost_micros: BigInt(call.costMicros),
            provider_cost_products: JSON.stringify(call.costByProduct),
          }),
    })
    .where('attempt_id', '=', locked.attempt_id)
    .execute();
  return { ...locked, billable_seconds: seconds, charged_micros: amountMicros };
}

/** The outcome, once: when nobody was connected, when the analysis is there, or when it has been waited for enough. */
async function concludeOnce(
  trx: Trx,
  locked: LockedCall,
  call: ProviderCall,
  { nowMs, timing }: Clock,
): Promise<CallEnded | null> {
  if (locked.state !== 'ended' || locked.signalled_at !== null || locked.ended_at === null) return null;
  const endedAtMs = locked.ended_at.getTime();
  const mayStillSpeak = locked.human === true && locked.analysed_at === null;
  if (mayStillSpeak && nowMs < endedAtMs + timing.analysisPatienceMs) return null;
  const reading = await read(trx, locked, call, endedAtMs);
  const outcome = outcomeForContact(reading.outcome);
  // A wrong person is not the debtor: their answer silences nobody.
  const human = locked.human === true && outcome !== 'wrong_person';
  await trx
    .updateTable('operation.call')
    .set({
      outcome: reading.outcome,
      human,
      promise_date: reading.promise?.date ?? null,
      promise_micros: reading.promise?.amountMicros ?? null,
      signalled_at: sql<Date>`clock_timestamp()`,
    })
    .where('attempt_id', '=', locked.attempt_id)
    .execute();
  if (human) await noteHuman(trx, locked, locked.ended_at);
  if (outcome === 'do_not_call') await suppress(trx, locked);
  if (outcome === 'invalid_destination') await invalidate(trx, locked);
  return { attemptId: locked.attempt_id, outcome, rang: locked.rang === true, human };
}

async function read(
  trx: Trx,
  locked: LockedCall,
  call: ProviderCall,
  endedAtMs: number,
): Promise<CallReading> {
  const useCase = useCaseByKey(locked.use_case);
  if (useCase === undefined)
    throw new Error(`attempt ${locked.attempt_id}: no use case "${locked.use_case}"`);
  const total = await debtTotal(trx, locked.contact_id);
  const disconnection = readDisconnection(locked.disconnection_reason ?? '', {
    durationMs: locked.duration_ms ?? undefined,
    inVoicemail: call.inVoicemail,
  });
  return useCase.readOutcome({
    disconnectionClass: disconnection.class,
    captured: call.captured,
    callEndedAtMs: endedAtMs,
    localDate: localDayOf(locked.zone, endedAtMs),
    ...(call.successful === undefined ? {} : { successful: call.successful }),
    ...(total === null ? {} : { debtTotalMicros: total }),
  });
}

/** What the contact was told of a call that has been concluded; null before that. */
export function endedOf(locked: LockedCall): CallEnded | null {
  if (locked.signalled_at === null || locked.outcome === null) return null;
  return {
    attemptId: locked.attempt_id,
    outcome: outcomeForContact(locked.outcome),
    rang: locked.rang === true,
    human: locked.human === true,
  };
}

/** The contact's retry rules know one kind of provider failure: whatever they do not name is technical. */
function outcomeForContact(outcome: string): CallOutcome {
  return CALL_OUTCOMES.find((known) => known === outcome) ?? 'technical';
}

async function noteHuman(trx: Trx, locked: LockedCall, at: Date): Promise<void> {
  await trx
    .insertInto('core.person_state')
    .values({
      account_id: locked.account_id,
      person_id: locked.person_id,
      realm: locked.realm,
      last_human_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'person_id', 'realm']).doUpdateSet((eb) => ({
        last_human_at: sql<Date>`greatest(${eb.ref('core.person_state.last_human_at')}, ${at})`,
      })),
    )
    .execute();
}

async function suppress(trx: Trx, locked: LockedCall): Promise<void> {
  if (locked.realm !== 'live') return;
  await trx
    .updateTable('core.person')
    .set({ do_not_call_at: sql<Date>`coalesce(do_not_call_at, clock_timestamp())` })
    .where('id', '=', locked.person_id)
    .execute();
}

async function invalidate(trx: Trx, locked: LockedCall): Promise<void> {
  if (locked.realm !== 'live') return;
  await trx
    .updateTable('core.phone')
    .set({ invalid_at: sql<Date>`coalesce(invalid_at, clock_timestamp())` })
    .where('id', '=', locked.phone_id)
    .execute();
}

/** When the sweeper asks again. Null: everything is known. */
async function planCheck(trx: Trx, locked: LockedCall, afterMs: number | null): Promise<void> {
  await trx
    .updateTable('operation.call')
    .set({
      check_at:
        afterMs === null ? null : sql<Date>`clock_timestamp() + ${afterMs} * interval '1 millisecond'`,
    })
    .where('attempt_id', '=', locked.attempt_id)
    .execute();
}

interface Clock {
  readonly nowMs: number;
  readonly timing: CallTiming;
}

function checkAfterMs(locked: LockedCall, isSignalled: boolean, { nowMs, timing }: Clock): number | null {
  if (locked.state !== 'ended') return timing.runningCheckMs;
  if (!isSignalled) return timing.nextCheckMs;
  const isWaitingForAnalysis = locked.human === true && locked.analysed_at === null;
  const endedAtMs = locked.ended_at?.getTime() ?? 0;
  return isWaitingForAnalysis && nowMs < endedAtMs + timing.lateMs ? timing.lateCheckMs : null;
}
