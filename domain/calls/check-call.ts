import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import {
  lockCall,
  type LockedCall,
  lockLeaseOfDial,
  markState,
  readRequested,
  writeAttemptEvent,
} from './queries.ts';
import { hasRefusal, writeRefusal } from '../contacts/queries.ts';
import { releaseHold } from '../billing/queries-ledger.ts';
import { freeLine, releaseLease } from '../lines/queries-lines.ts';
import type { ProviderCall, VoiceProvider } from './voice-port.ts';
import type { CallEnded } from '../contacts/rules/facts.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import { endedOf } from './conclude.ts';
import { settleCall, type Settlement } from './settle-call.ts';
import { callTiming, type CallTiming } from '../lines/rules/timing.ts';

export interface CheckDeps {
  readonly app: Database;
  readonly voice: VoiceProvider;
  /** Default: the product's own. */
  readonly timing?: CallTiming;
}

export interface CheckInput {
  readonly accountId: string;
  readonly attemptId: string;
}

export type Checked =
  /** The provider has it, or has ended it; the end comes (or came) through the outbox as well. */
  | { readonly kind: 'found'; readonly ended: CallEnded | null }
  /** Not there yet, and a POST in flight could still bring it. */
  | { readonly kind: 'not_yet' }
  /** Proven never to have been placed. `dialled` false: the dial stopped before its attempt was recorded. */
  | { readonly kind: 'absent'; readonly dialled: boolean };

/** Asks the provider about a dial whose answer was lost, or a call that is silent, and settles what it says. */
export async function checkCall(deps: CheckDeps, input: CheckInput): Promise<Checked> {
  const timing = deps.timing ?? callTiming;
  const known = await inAccount(deps.app, input.accountId, (trx) => readAttempt(trx, input, timing));
  if (known.kind !== 'ask') return known;
  const call =
    known.providerCallId === null
      ? await deps.voice.findCallByAttempt(input.attemptId)
      : await deps.voice.getCall(known.providerCallId);
  if (call === undefined && known.providerCallId === null) {
    return inAccount(deps.app, input.accountId, (trx) => notFound(trx, input, known.isProvable));
  }
  const isOpen = call === undefined || call.status === 'registered' || call.status === 'ongoing';
  if (isOpen && known.isOverdue && call !== undefined) await hangUp(deps.voice, call.providerCallId);
  const settled = await inAccount(deps.app, input.accountId, (trx) =>
    settleAndTell(
      trx,
      input,
      isOpen && known.isLost ? lostCall(call, known) : (call ?? stillOpen(known)),
      timing,
    ),
  );
  return { kind: 'found', ended: (settled.kind === 'settled' ? settled.ended : null) ?? known.told };
}

/** Settles, and tells the contact through the outbox: both or neither. `at`: the database's clock, if it was read just now. */
export async function settleAndTell(
  trx: Trx,
  { at, ...input }: CheckInput & { readonly at?: Date },
  call: ProviderCall,
  timing: CallTiming = callTiming,
): Promise<Settlement> {
  const nowMs = (at ?? (await databaseNow(trx))).getTime();
  const settled = await settleCall(trx, { ...input, call, nowMs, timing });
  if (settled.kind === 'settled' && settled.ended !== null) {
    await writeOutbox(trx, [
      {
        accountId: input.accountId,
        to: { contactId: settled.contactId },
        signal: 'callEnded',
        payload: { ...settled.ended },
      },
    ]);
  }
  return settled;
}

interface Ask {
  readonly kind: 'ask';
  readonly providerCallId: string | null;
  /** What the contact has been told of the call's end; null while it has not. */
  readonly told: CallEnded | null;
  /** After this look-up, "not found" is a proof: no POST of this attempt can be under way any more. */
  readonly isProvable: boolean;
  /** The call could not have lasted so long. */
  readonly isOverdue: boolean;
  readonly isLost: boolean;
}

async function readAttempt(trx: Trx, input: CheckInput, timing: CallTiming): Promise<Ask | Checked> {
  let locked = await lockCall(trx, input.attemptId);
  if (locked === undefined) {
    // The dial died before its gate, or its gate is just committing: the lease's lock decides which.
    if (await revokeUnusedLease(trx, input)) return { kind: 'absent', dialled: false };
    locked = await lockCall(trx, input.attemptId);
    if (locked === undefined) return { kind: 'absent', dialled: false };
  }
  const ended = terminal(locked);
  if (ended !== undefined) return ended;
  const overdueMs = (await databaseNow(trx)).getTime() - locked.absent_after_at.getTime();
  return {
    kind: 'ask',
    providerCallId: locked.provider_call_id,
    told: endedOf(locked),
    isProvable: overdueMs > 0,
    isOverdue: overdueMs > 0,
    isLost: overdueMs > timing.giveUpAfterMs,
  };
}

/**
 * Gives back the line of a dial that never began: a gate that still comes finds no lease. The turn is a refusal. False
 * when an attempt was recorded after all.
 */
async function revokeUnusedLease(trx: Trx, { accountId, attemptId }: CheckInput): Promise<boolean> {
  const lease = await lockLeaseOfDial(trx, attemptId);
  if (lease === undefined) return true;
  if (lease.attempt_id !== null) return false;
  const freed = await releaseLease(trx, attemptId, 'dial never began');
  // The gate refused it and only its answer was lost: the reason is on record. A line that the dispatcher took back
  // meanwhile is no reason: without a row of its own the turn would have come to nothing at all.
  if (!freed && (await hasRefusal(trx, lease.request_id))) return true;
  const request = await readRequested(trx, lease.request_id);
  await writeRefusal(trx, {
    accountId,
    batchId: request.batch_id,
    contactId: lease.contact_id,
    requestId: lease.request_id,
    waveKey: request.wave_key,
    reason: 'worker_died',
    rule: 'the dial stopped before its attempt was recorded',
    at: await databaseNow(trx),
  });
  return true;
}

function terminal(locked: LockedCall): Checked | undefined {
  if (locked.state === 'absent') return { kind: 'absent', dialled: true };
  if (locked.state === 'rejected') return { kind: 'absent', dialled: false };
  const ended = endedOf(locked);
  // While a check is planned there may be more to come: an analysis that is late, the cost of a transfer. Without the
  // question the sweeper would take the call up again for ever, and never learn it.
  return ended === null || locked.check_at !== null ? undefined : { kind: 'found', ended };
}

async function notFound(trx: Trx, input: CheckInput, isProvable: boolean): Promise<Checked> {
  const locked = await lockCall(trx, input.attemptId);
  if (locked === undefined) return { kind: 'absent', dialled: false };
  // A webhook brought the call while the provider was asked.
  if (locked.provider_call_id !== null) return { kind: 'found', ended: endedOf(locked) };
  if (!isProvable) {
    if (await markState(trx, input.attemptId, ['placing'], 'unknown')) {
      await writeAttemptEvent(trx, input.accountId, input.attemptId, 'unknown', {
        detail: 'no answer was recorded',
      });
    }
    return { kind: 'not_yet' };
  }
  if (await markState(trx, input.attemptId, ['placing', 'unknown'], 'absent')) {
    await writeAttemptEvent(trx, input.accountId, input.attemptId, 'absent');
    const freed = await freeLine(trx, locked.lease_id, 'never placed');
    if (freed !== undefined) await releaseHold(trx, freed.holdId, 'expired');
  }
  return { kind: 'absent', dialled: true };
}

async function hangUp(voice: VoiceProvider, providerCallId: string): Promise<void> {
  try {
    await voice.stopCall(providerCallId);
  } catch {
    // The next check asks again, and giving up does not depend on it.
  }
}

/** The provider never closed it: it ends here as a technical failure, so that line and contact do not wait for ever. */
function lostCall(call: ProviderCall | undefined, known: Ask): ProviderCall {
  return {
    ...(call ?? stillOpen(known)),
    status: 'error',
    disconnectionReason: 'error_unknown',
    analysed: false,
  };
}

function stillOpen(known: Ask): ProviderCall {
  return {
    providerCallId: known.providerCallId ?? '',
    status: 'ongoing',
    analysed: false,
    captured: {},
    costByProduct: [],
  };
}
