import type { Trx } from '../../db/client.ts';
import { type ContactProjection, writeRefusal } from '../contacts/queries.ts';
import type { StopReason } from '../contacts/rules/outcomes.ts';
import { isLive, type LoadedContact, loadContact } from '../contacts/read-contact.ts';
import { releaseLease } from '../lines/queries-lines.ts';
import type { CallTiming } from '../lines/rules/timing.ts';
import { negotiatingOf } from '../negotiation/stage.ts';
import { lockPersonAndNumber } from '../people/queries.ts';
import { judgeContact } from '../policy/contact-policy.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import type { Mode } from '../shared/rules/mode.ts';
import type { RefusalReason } from '../policy/rules/refusal.ts';
import { callRequest } from './call-request.ts';
import { type DialFacts, isUndialled, lockDialFacts, writeAttempt } from './queries-dial.ts';
import type { PlaceCallRequest } from './voice-port.ts';

/** After ring and longest call, before the line's lease runs out. */
const leaseMarginMs = 120_000;

/** One dial, as its contact asks for it. */
export interface DialOrder {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly run: number;
  readonly mode: Mode;
  /** The contact's own clock: the instant of a rehearsal. */
  readonly nowMs: number;
  /** The line's lease, and the attempt. */
  readonly attemptId: string;
  readonly requestId: string;
  readonly phoneId: string;
  readonly slot: { readonly key: string };
  /** The how manieth attempt of the contact's run this is. */
  readonly number: number;
  /** The slot was asked for. */
  readonly rescheduled: boolean;
  /** How the contact's row should read while the call is made. */
  readonly projection: ContactProjection;
}

export type DialClearance =
  | { readonly kind: 'cleared'; readonly request: PlaceCallRequest }
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly notBeforeMs: number | null;
      /** Of reason 'stopped': why nobody calls the person any more. */
      readonly stop?: StopReason;
    };

interface No {
  readonly reason: RefusalReason;
  readonly rule: string;
  readonly notBeforeMs: number | null;
  readonly stop?: StopReason;
}

/**
 * Everything that must hold in the instant of the dial, and the attempt's row, in one transaction. Locks in one order:
 * person, number, line, balance. What is decided on is read behind the locks: they may have been waited for, while the
 * batch was cancelled or the person asked another caller not to be called.
 */
export async function clearDial(trx: Trx, order: DialOrder, timing: CallTiming): Promise<DialClearance> {
  const { attemptId, contactId, phoneId, slot } = order;
  // Payments, messages and ends of calls of one person take the person's lock too, so that a dial and a payment of one
  // second happen in one order or the other.
  await lockPersonAndNumber(trx, order);
  const loaded = await loadContact(trx, contactId);
  const facts = await lockDialFacts(trx, { attemptId, contactId, slotKey: slot.key });
  const at = isLive(order) ? (facts?.at ?? loaded.readAt) : new Date(order.nowMs);
  const stopped = facts === undefined || !isOurs(facts, at) ? lineLost : whyStopped(loaded, facts);
  if (facts === undefined || stopped !== undefined) return refuse(trx, order, stopped ?? lineLost, at);
  const verdict = await judgeContact(trx, {
    personId: loaded.personId,
    phoneId,
    channel: { kind: 'phone', callerId: loaded.fromNumber },
    terms: { pack: loaded.pack, callsPerDay: loaded.policy.callsPerDay },
    zones: loaded.zones,
    atMs: at.getTime(),
    latestMs: at.getTime() + (isLive(order) ? timing.dialWindowMs : 0),
    requestedByPerson: order.rescheduled && facts.requested_by !== 'operator',
    simulated: loaded.simulatedPool || !isLive(order),
  });
  if (!verdict.allowed) return refuse(trx, order, verdict, at);
  const localDay = localDayOf(loaded.zones[0], at.getTime());
  await write(trx, order, { loaded, facts, at, localDay, waived: verdict.waived, timing });
  const negotiating = await negotiatingOf(trx, loaded, localDay);
  return { kind: 'cleared', request: callRequest(attemptId, loaded, verdict.e164, negotiating?.stage) };
}

const lineLost: No = {
  reason: 'line_lost',
  rule: 'the line was given back or has expired',
  notBeforeMs: null,
};

/** A worker that slept through its grant finds it expired, or somebody else's. */
function isOurs(facts: DialFacts, at: Date): boolean {
  return facts.is_free && facts.expires_at > at;
}

/** What ended this contact while the line was on its way: no rule of a country says so, and none can allow it. */
function whyStopped(loaded: LoadedContact, facts: DialFacts): No | undefined {
  const because = (reason: RefusalReason, rule: string): No => ({ reason, rule, notBeforeMs: null });
  if (loaded.state === 'closed') return because('contact_closed', 'the contact is closed');
  if (loaded.batchState === 'paused') return because('batch_paused', 'the batch is paused');
  if (loaded.batchState !== 'running')
    return because('batch_not_running', `the batch is ${loaded.batchState}`);
  const { stopReason: stop } = loaded;
  if (stop !== null) return { ...because('stopped', `the person is out of it: ${stop}`), stop };
  return facts.settled ? because('debt_settled', 'everything has been paid') : undefined;
}

/** Not an attempt: a row with the reason, and line and hold go back. */
async function refuse(trx: Trx, order: DialOrder, no: No, at: Date): Promise<DialClearance> {
  const { reason, rule, notBeforeMs } = no;
  await writeRefusal(trx, {
    accountId: order.accountId,
    batchId: order.batchId,
    contactId: order.contactId,
    requestId: order.requestId,
    waveKey: order.slot.key,
    reason,
    rule,
    at,
  });
  if (await isUndialled(trx, order.attemptId)) {
    await releaseLease(trx, order.attemptId, `refused: ${reason}`);
  }
  return { kind: 'refused', reason, notBeforeMs, ...(no.stop === undefined ? {} : { stop: no.stop }) };
}

interface Cleared {
  readonly loaded: LoadedContact;
  readonly facts: DialFacts;
  readonly at: Date;
  readonly localDay: string;
  readonly waived: readonly string[];
  readonly timing: CallTiming;
}

async function write(trx: Trx, order: DialOrder, cleared: Cleared): Promise<void> {
  const { loaded, facts, at, localDay, waived, timing } = cleared;
  const { dialWindowMs, firstCheckMs, callScale } = timing;
  const atMs = at.getTime();
  const longestMs = (loaded.policy.ringMs + loaded.policy.maxCallMs) * callScale;
  const absentAfterAt = new Date(atMs + dialWindowMs + longestMs);
  await writeAttempt(trx, {
    id: order.attemptId,
    accountId: order.accountId,
    batchId: order.batchId,
    contactId: order.contactId,
    personId: loaded.personId,
    phoneId: order.phoneId,
    poolId: facts.pool_id,
    requestId: order.requestId,
    waveKey: order.slot.key,
    number: order.number,
    rescheduled: order.rescheduled,
    waived,
    zone: loaded.zones[0],
    localDay,
    attemptedAt: at,
    dialDeadlineAt: new Date(atMs + dialWindowMs),
    absentAfterAt,
    // From short grant to whole call: the line is held until the call has ended, whatever happens to the worker.
    leaseUntil: new Date(absentAfterAt.getTime() + leaseMarginMs),
    checkAfterMs: isLive(order) ? firstCheckMs : null,
    run: order.run,
    projection: { ...order.projection, attempts: order.number },
  });
}
