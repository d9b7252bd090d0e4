import { databaseNow, type Trx } from '../../db/client.ts';
import { type ContactProjection, hasRefusal, writeProjection, writeRefusal } from '../contacts/queries.ts';
import { isLive } from '../contacts/read-contact.ts';
import type { CallAbsent, CallEnded, CallFound } from '../contacts/rules/facts.ts';
import { releaseLease } from '../lines/queries-lines.ts';
import { callTiming, type CallTiming } from '../lines/rules/timing.ts';
import { endedOf } from './conclude.ts';
import { lockCall, type LockedCall, lockLeaseOfDial, markUnknown, readRequested } from './queries.ts';
import type { Mode } from '../shared/rules/mode.ts';
import { settleCall } from './settle-call.ts';

/** A dial whose answer its contact never had. */
export interface LostDial {
  readonly accountId: string;
  readonly contactId: string;
  readonly run: number;
  readonly mode: Mode;
  /** The line's lease, and the attempt. */
  readonly attemptId: string;
  /** Its contact's clock, epoch milliseconds: a rehearsal's is virtual. */
  readonly nowMs: number;
  /** How the contact's row should read while the call is looked for. */
  readonly projection: ContactProjection;
}

/** What its contact learns at once. */
export type RecoveredDial =
  | ({ readonly type: 'CallFound' } & CallFound)
  | ({ readonly type: 'CallAbsent' } & CallAbsent)
  | ({ readonly type: 'CallEnded' } & CallEnded);

/**
 * What gate, POST and webhooks left on record of a dial whose activity died or came too late. Asks nobody outside.
 * Undefined: it may ring, and the sweeper asks the provider from now on; whatever changes the call after this is told to
 * the contact through the outbox, by the transaction that changes it. May be repeated.
 */
export async function recoverDial(
  trx: Trx,
  dial: LostDial,
  timing: CallTiming = callTiming,
): Promise<RecoveredDial | undefined> {
  const { accountId, contactId, run, attemptId, projection } = dial;
  const locked = await lockCallOfDial(trx, accountId, attemptId);
  if (locked === undefined) return { type: 'CallAbsent', attemptId, dialled: false };
  if (locked.state === 'rejected') return { type: 'CallAbsent', attemptId, dialled: false };
  if (locked.state === 'absent') return { type: 'CallAbsent', attemptId, dialled: true };
  const ended = endedOf(locked);
  if (ended !== null) return { type: 'CallEnded', ...ended };
  if (!isLive(dial)) return endSimulated(trx, dial, locked);
  if (locked.provider_call_id !== null) return { type: 'CallFound', attemptId };
  await markUnknown(trx, {
    accountId,
    attemptId,
    detail: 'no answer was recorded',
    checkAfterMs: timing.unknownCheckMs,
  });
  await writeProjection(trx, contactId, run, projection);
  return undefined;
}

/**
 * A rehearsal's provider lived in the activity that died: nobody can be asked, and no word will come. The call ends here
 * as a technical failure, or its contact would wait for ever.
 */
async function endSimulated(
  trx: Trx,
  { accountId, attemptId, nowMs }: LostDial,
  locked: LockedCall,
): Promise<RecoveredDial> {
  const settled = await settleCall(trx, {
    accountId,
    attemptId,
    nowMs,
    call: {
      providerCallId: locked.provider_call_id ?? `call_${attemptId}`,
      status: 'error',
      disconnectionReason: 'error_unknown',
      analysed: false,
      captured: {},
      costByProduct: [],
    },
  });
  if (settled.kind !== 'settled' || settled.ended === null) {
    throw new Error(`attempt ${attemptId}: a simulated call that was lost has no end`);
  }
  return { type: 'CallEnded', ...settled.ended };
}

/** Undefined: there is no attempt, and there will be none. */
async function lockCallOfDial(
  trx: Trx,
  accountId: string,
  attemptId: string,
): Promise<LockedCall | undefined> {
  const locked = await lockCall(trx, attemptId);
  if (locked !== undefined) return locked;
  // The dial died before its gate, or its gate is just committing: the lease's lock decides which.
  if (await revokeUnusedLease(trx, accountId, attemptId)) return undefined;
  return lockCall(trx, attemptId);
}

/**
 * Gives back the line of a dial that never began: a gate that still comes finds no lease. The turn is a refusal. False
 * when an attempt was recorded after all.
 */
async function revokeUnusedLease(trx: Trx, accountId: string, attemptId: string): Promise<boolean> {
  const lease = await lockLeaseOfDial(trx, attemptId);
  if (lease === undefined) return true;
  if (lease.attempt_id !== null) return false;
  const freed = await releaseLease(trx, attemptId, 'dial never began');
  // The gate refused it and only its answer was lost, or the dispatcher took the line back: the reason is on record.
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
