import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { lockCall, type LockedCall, markAbsent, markUnknown, postponeCheck } from './queries.ts';
import { releaseHold } from '../billing/queries-ledger.ts';
import { freeLine } from '../lines/queries-lines.ts';
import type { ProviderCall, VoiceProvider } from './voice-port.ts';
import { endedOf } from './conclude.ts';
import { notifyContact } from './notify-contact.ts';
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
  /** The provider has it, and its contact waits for its end. */
  | 'running'
  /** Its contact has been told of its end. */
  | 'ended'
  /** The provider does not have it, and a POST in flight could still bring it. */
  | 'not_found'
  /** Proven never to have been placed. */
  | 'absent';

/**
 * Asks the provider about a dial whose answer was lost, or a call that is silent, and settles what it says. The contact
 * learns it through the outbox: nobody else asks. Throws when the provider does not answer.
 */
export async function checkCall(deps: CheckDeps, input: CheckInput): Promise<Checked> {
  const timing = deps.timing ?? callTiming;
  const known = await inAccount(deps.app, input.accountId, (trx) => readCall(trx, input, timing));
  if (typeof known === 'string') return known;
  const call =
    known.providerCallId === null
      ? await deps.voice.findCallByAttempt(input.attemptId)
      : await deps.voice.getCall(known.providerCallId);
  if (call === undefined && known.providerCallId === null) {
    return inAccount(deps.app, input.accountId, (trx) => notFound(trx, input, known.isProvable, timing));
  }
  const isOpen = call === undefined || call.status === 'registered' || call.status === 'ongoing';
  if (isOpen && known.isOverdue && call !== undefined) await hangUp(deps.voice, call.providerCallId);
  const settled = await inAccount(deps.app, input.accountId, (trx) =>
    settleAndNotify(
      trx,
      input,
      isOpen && known.isLost ? lostCall(call, known) : (call ?? stillOpen(known)),
      timing,
    ),
  );
  const hasEnded = known.isNotified || (settled.kind === 'settled' && settled.ended !== null);
  return hasEnded ? 'ended' : 'running';
}

/**
 * Settles, and tells the contact through the outbox: both or neither. It ends the transaction: nothing may be asked after it. `at`: the
 * database's clock, if it was read just now.
 */
export async function settleAndNotify(
  trx: Trx,
  { at, ...input }: CheckInput & { readonly at?: Date },
  call: ProviderCall,
  timing: CallTiming = callTiming,
): Promise<Settlement> {
  const nowMs = (at ?? (await databaseNow(trx))).getTime();
  return settleCall(trx, { ...input, call, nowMs, timing }, async ({ contactId, ended, wasUnknown }) => {
    const contact = { accountId: input.accountId, contactId };
    if (ended !== null) {
      await notifyContact(trx, contact, { signal: 'callEnded', payload: ended });
    } else if (wasUnknown) {
      await notifyContact(trx, contact, { signal: 'callFound', payload: { attemptId: input.attemptId } });
    }
  });
}

interface Ask {
  readonly providerCallId: string | null;
  /** Its contact has been told of the call's end. */
  readonly isNotified: boolean;
  /** After this question, "not found" is a proof: no POST of this attempt can be under way any more. */
  readonly isProvable: boolean;
  /** The call could not have lasted so long. */
  readonly isOverdue: boolean;
  readonly isLost: boolean;
}

async function readCall(trx: Trx, { attemptId }: CheckInput, timing: CallTiming): Promise<Ask | Checked> {
  const locked = await lockKnown(trx, attemptId);
  if (locked.state === 'absent' || locked.state === 'rejected') return 'absent';
  const isNotified = endedOf(locked) !== null;
  // While a check is planned there may be more to come: an analysis that is late, the cost of a transfer. Without the
  // question the sweeper would take the call up again for ever, and never learn it.
  if (isNotified && locked.check_at === null) return 'ended';
  const overdueMs = (await databaseNow(trx)).getTime() - locked.absent_after_at.getTime();
  return {
    providerCallId: locked.provider_call_id,
    isNotified,
    isProvable: overdueMs > 0,
    isOverdue: overdueMs > 0,
    isLost: overdueMs > timing.giveUpAfterMs,
  };
}

async function lockKnown(trx: Trx, attemptId: string): Promise<LockedCall> {
  const locked = await lockCall(trx, attemptId);
  if (locked === undefined) throw new Error(`no call of attempt ${attemptId}`);
  return locked;
}

async function notFound(
  trx: Trx,
  { accountId, attemptId }: CheckInput,
  isProvable: boolean,
  timing: CallTiming,
): Promise<Checked> {
  const locked = await lockKnown(trx, attemptId);
  // A webhook brought the call while the provider was asked.
  if (locked.provider_call_id !== null) return endedOf(locked) === null ? 'running' : 'ended';
  if (!isProvable) {
    const { unknownCheckMs: checkAfterMs, longestUnknownCheckMs: longestMs } = timing;
    const detail = 'no answer was recorded';
    const isNews = await markUnknown(trx, { accountId, attemptId, detail, checkAfterMs });
    if (!isNews) await postponeCheck(trx, locked, { firstMs: checkAfterMs, longestMs });
    return 'not_found';
  }
  if (await markAbsent(trx, accountId, attemptId)) {
    const freed = await freeLine(trx, locked.lease_id, 'never placed');
    if (freed !== undefined) await releaseHold(trx, freed.holdId, 'expired');
    const contact = { accountId, contactId: locked.contact_id };
    await notifyContact(trx, contact, { signal: 'callAbsent', payload: { attemptId, dialled: true } });
  }
  return 'absent';
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
