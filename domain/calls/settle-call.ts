import { changeCall, type Said } from './queries-change.ts';
import { inMs, lockCallAndPerson, type LockedCall, markPlaced } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { freeLine } from '../lines/queries-lines.ts';
import type { ProviderCall } from './voice-port.ts';
import type { CallEnded } from '../contacts/rules/facts.ts';
import { type Charge, pay, price } from './charge.ts';
import { type Clock, concludeOnce } from './conclude.ts';
import { emitPlaced } from './emit-placed.ts';
import { callTiming, type CallTiming } from '../lines/rules/timing.ts';
import { analysed, type Changed, ended, wasConnected, wordless } from './write-end.ts';

export interface SettleInput {
  readonly accountId: string;
  readonly attemptId: string;
  readonly call: ProviderCall;
  /** The instant that patience is measured at: the database's clock, or a rehearsal's. */
  readonly nowMs: number;
  /** Default: the product's own. */
  readonly timing?: CallTiming;
}

/** What the provider's word has changed for the call's contact. */
export interface Settled {
  readonly kind: 'settled';
  readonly contactId: string;
  readonly batchId: string;
  /** Set once in the life of a call: the outcome for its contact. */
  readonly ended: CallEnded | null;
  /** The dial's answer was lost, and with this word the provider has the call: its contact waits to be notified. */
  readonly wasUnknown: boolean;
}

export type Settlement =
  /** A second call for one attempt: never settled, and kept in the audit rows as the double dial that it is. */
  | { readonly kind: 'second_call' }
  /** No attempt of this account has that id: the webhook is somebody else's. */
  | { readonly kind: 'foreign' }
  | Settled;

/**
 * Everything that the provider's word about a call changes, in the caller's transaction: result, line, ledger,
 * cool-down. Webhook, sweeper and look-up all come through here, in any order and any number of times: each step is
 * taken once. `tell`: the rest of the caller's transaction, which may end with the payment: nothing may be asked after it.
 */
export async function settleCall(
  trx: Trx,
  input: SettleInput,
  tell?: (settled: Settled) => Promise<void>,
): Promise<Settlement> {
  const found = await lockCallAndPerson(trx, input.attemptId);
  if (found === undefined || found.account_id !== input.accountId) return { kind: 'foreign' };
  const { timing = callTiming } = input;
  // Told after its person was erased: the end counts, and the words do not come back.
  const call = found.erased_at === null ? input.call : wordless(input.call);
  const locked = found.provider_call_id === null ? await nowPlaced(trx, found, input) : found;
  if (locked.provider_call_id !== call.providerCallId) return secondCall(trx, locked, call);
  const read = await readEnd(trx, locked, call, input.nowMs);
  const { locked: settled, isNewAnalysis, charge } = read;
  const { reported, set } = await concludeOnce(trx, settled, call, {
    nowMs: input.nowMs,
    timing,
    isNewAnalysis,
  });
  const isSignalled = reported !== null || settled.signalled_at !== null;
  const afterMs = checkAfterMs(settled, isSignalled, { nowMs: input.nowMs, timing });
  await changeCall(trx, settled, { ...read.set, ...set, check_at: inMs(afterMs) }, read.events);
  const answer: Settled = {
    kind: 'settled',
    contactId: locked.contact_id,
    batchId: locked.batch_id,
    ended: reported,
    wasUnknown: found.state === 'unknown' && locked.state !== 'unknown',
  };
  await tell?.(answer);
  if (charge !== null) await pay(trx, charge, tell !== undefined);
  return answer;
}

/** The provider has a call whose POST's answer was lost, or that was taken for not placed. */
async function nowPlaced(
  trx: Trx,
  locked: LockedCall,
  { call, timing = callTiming }: SettleInput,
): Promise<LockedCall> {
  const { account_id: accountId, attempt_id: attemptId, batch_id: batchId, contact_id: contactId } = locked;
  const marked = await markPlaced(trx, {
    accountId,
    attemptId,
    providerCallId: call.providerCallId,
    checkAfterMs: timing.runningCheckMs,
    kind: 'found',
    detail: { was: locked.state },
  });
  if (marked !== undefined) {
    await emitPlaced(trx, { accountId, batchId, contactId, attemptId, at: marked.dialledAt });
  }
  return { ...locked, provider_call_id: call.providerCallId, state: 'placed' };
}

interface ReadEnd extends Changed {
  readonly isNewAnalysis: boolean;
  readonly charge: Charge | null;
}

/**
 * What the provider says of the call itself; the line is free, and the seconds are to be paid. Where somebody was
 * connected it is written at once: what follows reads calls again, which of the person's were answered, and when. Of a
 * call that nobody took nothing is read, and its row is changed once.
 */
async function readEnd(trx: Trx, locked: LockedCall, call: ProviderCall, nowMs: number): Promise<ReadEnd> {
  let charge: Charge | null = null;
  let changed: Changed = { locked, set: {}, events: [] };
  if (isFinal(call) && locked.state !== 'ended') {
    changed = ended(changed, call, nowMs);
    await freeLine(trx, locked.lease_id, 'call_ended');
  }
  const isNewAnalysis = changed.locked.state === 'ended' && call.analysed && locked.analysed_at === null;
  if (isNewAnalysis) changed = analysed(changed, call, nowMs);
  if (changed.locked.state === 'ended') ({ changed, charge } = price(changed, call));
  if (!wasConnected(changed.locked) || Object.keys(changed.set).length === 0) {
    return { ...changed, isNewAnalysis, charge };
  }
  await changeCall(trx, locked, changed.set, changed.events, saidIn(call, isNewAnalysis));
  return { locked: changed.locked, set: {}, events: [], isNewAnalysis, charge };
}

/** Turns are whole once the call has been analysed; a recording is fetched as soon as there is one. */
function saidIn(call: ProviderCall, isNewAnalysis: boolean): Said {
  const { recordingUrl: url, turns, providerCallId } = call;
  return {
    ...(url === undefined ? {} : { recording: { providerCallId, url } }),
    ...(isNewAnalysis && turns !== undefined ? { turns } : {}),
  };
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
