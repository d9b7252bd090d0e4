import { type RawBuilder, sql } from 'kysely';
import { changeCall, lockCall, type LockedCall, markPlaced, writeAttemptEvent } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { countDialOf } from '../contacts/queries.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { lockPerson } from '../people/queries.ts';
import { freeLine } from '../lines/queries-lines.ts';
import type { ProviderCall } from './voice-port.ts';
import type { CallEnded } from '../contacts/rules/facts.ts';
import { type Charge, pay, price } from './charge.ts';
import { type Clock, concludeOnce } from './conclude.ts';
import { tellPlaced } from './tell.ts';
import { callTiming, type CallTiming } from '../lines/rules/timing.ts';
import { analysed, type Changed, ended } from './write-end.ts';

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
  /** A second call for one attempt: never settled, and kept in the audit rows as the double dial that it is. */
  | { readonly kind: 'second_call' }
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
  // Before line and balance, as the gate of the same person's next dial: who asks not to be called is marked at the end.
  await lockPerson(trx, locked.person_id);
  const { call, timing = callTiming } = input;
  if (locked.provider_call_id === null) {
    const was = locked.state;
    if (await markPlaced(trx, locked.attempt_id, call.providerCallId, timing.runningCheckMs)) {
      await writeAttemptEvent(trx, locked.account_id, locked.attempt_id, 'found', { was });
      // It was taken for not placed, and counted for nothing.
      if (was === 'rejected') await countDialOf(trx, locked.attempt_id, 1);
      await tellPlaced(trx, {
        accountId: locked.account_id,
        batchId: locked.batch_id,
        contactId: locked.contact_id,
        attemptId: locked.attempt_id,
        realm: locked.realm,
        at: new Date(input.nowMs),
      });
    }
    locked = { ...locked, provider_call_id: call.providerCallId, state: 'placed' };
  }
  if (locked.provider_call_id !== call.providerCallId) return secondCall(trx, locked, call);
  const { locked: settled, isNewAnalysis, charge } = await writeWord(trx, locked, call, input.nowMs);
  const { told, set } = await concludeOnce(trx, settled, call, { nowMs: input.nowMs, timing, isNewAnalysis });
  const isSignalled = told !== null || settled.signalled_at !== null;
  const afterMs = checkAfterMs(settled, isSignalled, { nowMs: input.nowMs, timing });
  await changeCall(trx, settled, { ...set, check_at: inMs(afterMs) });
  if (charge !== null) await pay(trx, charge);
  return {
    kind: 'settled',
    contactId: locked.contact_id,
    batchId: locked.batch_id,
    realm: locked.realm,
    ended: told,
  };
}

/** What the word says of the call itself, in one change of its row; the line is free, and the seconds are to be paid. */
async function writeWord(
  trx: Trx,
  locked: LockedCall,
  call: ProviderCall,
  nowMs: number,
): Promise<{ readonly locked: LockedCall; readonly isNewAnalysis: boolean; readonly charge: Charge | null }> {
  let charge: Charge | null = null;
  let changed: Changed = { locked, set: {}, events: [] };
  if (isFinal(call) && locked.state !== 'ended') {
    changed = ended(changed, call, nowMs);
    await freeLine(trx, locked.lease_id, 'call_ended');
  }
  const isNewAnalysis = changed.locked.state === 'ended' && call.analysed && locked.analysed_at === null;
  if (isNewAnalysis) changed = analysed(changed, call, nowMs);
  if (changed.locked.state === 'ended') ({ changed, charge } = price(changed, call));
  // What follows reads calls again: which ones of the person's were answered, and when.
  if (Object.keys(changed.set).length > 0) await changeCall(trx, locked, changed.set, changed.events);
  return { locked: changed.locked, isNewAnalysis, charge };
}

function isFinal(call: ProviderCall): boolean {
  return call.status === 'ended' || call.status === 'not_connected' || call.status === 'error';
}

async function secondCall(trx: Trx, locked: LockedCall, call: ProviderCall): Promise<Settlement> {
  await writeAudit(trx, {
    accountId: locked.account_id,
    actor: 'provider',
    action: 'attempt.second_call',
    subject: locked.attempt_id,
    detail: { known: locked.provider_call_id, second: call.providerCallId },
  });
  return { kind: 'second_call' };
}

/** An instant of the database's clock. Null: never, everything is known. */
function inMs(ms: number | null): null | RawBuilder<Date> {
  return ms === null ? null : sql<Date>`clock_timestamp() + ${ms} * interval '1 millisecond'`;
}

const transfers: readonly string[] = ['call_transfer', 'transfer_bridged'];

/** When the sweeper asks again. Null: everything is known. */
function checkAfterMs(
  locked: LockedCall,
  isSignalled: boolean,
  { nowMs, timing }: Omit<Clock, 'isNewAnalysis'>,
): number | null {
  if (locked.state !== 'ended') return timing.runningCheckMs;
  if (!isSignalled) return timing.nextCheckMs;
  // Whoever was connected, a human or a voicemail, gets an analysis; its webhook may be lost.
  const isWaitingForAnalysis = (locked.duration_ms ?? 0) > 0 && locked.analysed_at === null;
  // The leg to an executive goes on after our agent has left, and costs: the event that says so can be lost as well.
  const mayCostMore = transfers.includes(locked.disconnection_reason ?? '');
  const endedAtMs = locked.ended_at?.getTime() ?? 0;
  const isLate = nowMs >= endedAtMs + timing.lateMs;
  return (isWaitingForAnalysis || mayCostMore) && !isLate ? timing.lateCheckMs : null;
}
