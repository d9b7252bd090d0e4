import { sql } from 'kysely';
import { inAccount, type Trx } from '../../db/client.ts';
import { markPlaced, markState, writeAttemptEvent } from '../../db/calls.ts';
import {
  countDial,
  countDialOf,
  isOnCall,
  lastHumanAt,
  lockDay,
  writeNote,
  writeRefusal,
} from '../../db/contacts.ts';
import { lockPerson } from '../../db/limits.ts';
import { extendLease, lockLease, releaseLease } from '../../db/lines.ts';
import { readContactHistory } from '../../operations/contact-history.ts';
import { localDayOf } from '../../rules/calendar.ts';
import { disclosureVariables } from '../../rules/disclosures.ts';
import { gate } from '../../rules/gate.ts';
import type { RulePack } from '../../rules/pack.ts';
import type { RefusalReason } from '../../rules/refusal.ts';
import { callTiming, type CallTiming } from '../../settlement/timing.ts';
import type { PlaceCallAnswer, PlaceCallRequest } from '../../voice/types.ts';
import { type ContactDeps, instantOf, isLive, type LoadedContact, loadContact } from './load.ts';
import { dialInRehearsal } from './rehearsal.ts';
import type { Answer, ContactActivities, DialInput } from './types.ts';

/** After ring and longest call, before the line's lease runs out. */
const leaseMarginMs = 120_000;

interface Cleared {
  readonly kind: 'cleared';
  readonly request: PlaceCallRequest;
}
interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly notBeforeMs: number | null;
}

export function createDialActivity(deps: ContactDeps): Pick<ContactActivities, 'dial'> {
  const { timing = callTiming } = deps;
  return {
    async dial(input) {
      // Taken before the gate: however long that takes, the window is never longer than it says. Both clocks, because
      // the wall clock can be set back and the monotonic one stands still while the machine sleeps.
      const started = { monotonicMs: performance.now(), wallMs: Date.now() };
      const passed = await inAccount(deps.app, input.accountId, (trx) => passGate(trx, input, timing));
      if (passed.kind === 'refused') {
        return fact({
          type: 'DialRefused',
          attemptId: input.attemptId,
          reason: passed.reason,
          notBeforeMs: passed.notBeforeMs,
        });
      }
      if (!isLive(input)) return dialInRehearsal(deps, input, passed.request);
      const leftMs = Math.floor(timing.dialWindowMs - elapsedMs(started));
      // A worker that was frozen between the gate and here wakes up into this line, not into a dial.
      if (leftMs <= 0) return fact({ type: 'DialOutcomeUnknown', attemptId: input.attemptId });
      const answer = await deps.voice.placeCall(passed.request, AbortSignal.timeout(leftMs));
      return inAccount(deps.app, input.accountId, (trx) => writeAnswer(trx, input, answer, timing));
    },
  };
}

function elapsedMs(started: { readonly monotonicMs: number; readonly wallMs: number }): number {
  return Math.max(performance.now() - started.monotonicMs, Date.now() - started.wallMs);
}

/** Everything that must hold in the instant of the dial, and the attempt's row, in one transaction. */
async function passGate(trx: Trx, input: DialInput, timing: CallTiming): Promise<Cleared | Refused> {
  const {
    personId,
    zones: [zone],
  } = await loadContact(trx, input.contactId);
  const { e164 } = await loadPhone(trx, input.phoneId);
  const startedAt = await instantOf(trx, input);
  const localDay = localDayOf(zone, startedAt.getTime());
  const key = { accountId: input.accountId, personId, e164, realm: input.realm, localDay };
  // The person before their day: payments, messages and ends of calls of one person take this lock too, and take it
  // first, so that a dial and a payment of one second happen in one order or the other.
  await lockPerson(trx, personId);
  const dials = await lockDay(trx, key);
  // Read again: the locks may have been waited for, past the end of the window or past midnight, while the batch was
  // cancelled or the person asked another caller not to be called.
  const at = await instantOf(trx, input);
  const loaded = await loadContact(trx, input.contactId);
  const phone = await loadPhone(trx, input.phoneId);
  const lease = await lockLease(trx, input.attemptId, at);
  if (lease === undefined)
    return refuse(trx, input, 'line_lost', 'the line was given back or has expired', at);
  const state = whyStopped(loaded);
  if (state !== undefined) return refuse(trx, input, state, `batch ${loaded.batchState}`, at);
  if (localDayOf(zone, at.getTime()) !== key.localDay) {
    return refuse(trx, input, 'worker_late', 'midnight passed while the gate waited', at);
  }
  const { realm } = input;
  const history = await readContactHistory(trx, { personId, e164, realm, atMs: at.getTime() });
  const verdict = gate({
    atMs: at.getTime(),
    latestDialMs: at.getTime() + (isLive(input) ? timing.dialWindowMs : 0),
    pack: loaded.pack,
    zones: loaded.zones,
    callsPerDay: loaded.policy.callsPerDay,
    dialsTodayToPerson: dials.person,
    dialsTodayToPhone: dials.phone,
    history,
    doNotCall: loaded.doNotCall,
    stop: null,
    phoneInvalid: phone.invalid_at !== null,
    lastHumanAtMs: (await lastHumanAt(trx, loaded.personId, input.realm))?.getTime() ?? null,
    onCall: await isOnCall(trx, loaded.personId, input.realm),
    rescheduled: input.rescheduled,
    callerId: loaded.fromNumber,
    simulatedPool: loaded.simulatedPool || !isLive(input),
  });
  if (!verdict.allowed) return refuse(trx, input, verdict.reason, verdict.rule, at, verdict.notBeforeMs);
  await countDial(trx, key, 1);
  await writeAttempt(trx, input, loaded, { poolId: lease.pool_id, zone, localDay: key.localDay, at, timing });
  return { kind: 'cleared', request: callRequest(input, loaded, phone.e164) };
}

async function loadPhone(trx: Trx, phoneId: string): Promise<{ e164: string; invalid_at: Date | null }> {
  return trx
    .selectFrom('core.phone')
    .select(['e164', 'invalid_at'])
    .where('id', '=', phoneId)
    .executeTakeFirstOrThrow();
}

function whyStopped(loaded: LoadedContact): RefusalReason | undefined {
  if (loaded.contactState === 'closed') return 'contact_closed';
  if (loaded.batchState === 'paused') return 'batch_paused';
  if (loaded.batchState !== 'running') return 'batch_not_running';
  return undefined;
}

/** Not an attempt: a row with the reason, and line and hold go back. */
async function refuse(
  trx: Trx,
  input: DialInput,
  reason: RefusalReason,
  rule: string,
  at: Date,
  notBeforeMs?: number,
): Promise<Refused> {
  await writeRefusal(trx, {
    accountId: input.accountId,
    batchId: input.batchId,
    contactId: input.contactId,
    requestId: input.requestId,
    waveKey: input.slot.key,
    reason,
    rule,
    at,
    realm: input.realm,
  });
  const unused = await trx
    .selectFrom('core.line_lease')
    .select('id')
    .where('id', '=', input.attemptId)
    .where('attempt_id', 'is', null)
    .executeTakeFirst();
  if (unused !== undefined) await releaseLease(trx, unused.id, `refused: ${reason}`);
  return { kind: 'refused', reason, notBeforeMs: notBeforeMs ?? null };
}

async function writeAttempt(
  trx: Trx,
  input: DialInput,
  loaded: LoadedContact,
  when: {
    readonly poolId: string;
    readonly zone: string;
    readonly localDay: string;
    readonly at: Date;
    readonly timing: CallTiming;
  },
): Promise<void> {
  const { dialWindowMs, firstCheckMs, callScale } = when.timing;
  const atMs = when.at.getTime();
  const longestMs = (loaded.policy.ringMs + loaded.policy.maxCallMs) * callScale;
  await trx
    .insertInto('operation.attempt')
    .values({
      id: input.attemptId,
      account_id: input.accountId,
      batch_id: input.batchId,
      contact_id: input.contactId,
      person_id: loaded.personId,
      phone_id: input.phoneId,
      lease_id: input.attemptId,
      request_id: input.requestId,
      wave_key: input.slot.key,
      number: input.number,
      rescheduled: input.rescheduled,
      zone: when.zone,
      local_day: when.localDay,
      attempted_at: when.at,
      dial_deadline_at: new Date(atMs + dialWindowMs),
      absent_after_at: new Date(atMs + dialWindowMs + longestMs),
      realm: input.realm,
    })
    .execute();
  await trx
    .insertInto('operation.call')
    .values({
      attempt_id: input.attemptId,
      account_id: input.accountId,
      contact_id: input.contactId,
      pool_id: when.poolId,
      state: 'placing',
      check_at: isLive(input)
        ? sql<Date>`clock_timestamp() + ${firstCheckMs} * interval '1 millisecond'`
        : null,
    })
    .execute();
  await extendLease(
    trx,
    input.attemptId,
    input.attemptId,
    new Date(atMs + dialWindowMs + longestMs + leaseMarginMs),
  );
  await writeNote(trx, input.contactId, input.run, { ...input.note, attempts: input.number });
}

function callRequest(input: DialInput, loaded: LoadedContact, toNumber: string): PlaceCallRequest {
  return {
    attemptId: input.attemptId,
    accountId: input.accountId,
    batchId: input.batchId,
    contactId: input.contactId,
    fromNumber: loaded.fromNumber,
    toNumber,
    agentId: loaded.agentId,
    variables: { ...loaded.variables, ...disclosureVariables(loaded.pack) },
    ringMs: loaded.policy.ringMs,
    maxCallMs: loaded.policy.maxCallMs,
    ...voicemailOf(loaded.pack),
  };
}

function voicemailOf({ voicemail }: RulePack): Pick<PlaceCallRequest, 'voicemail'> {
  switch (voicemail.policy) {
    case 'forbidden':
      return { voicemail: { kind: 'hang_up' } };
    case 'limited':
      return { voicemail: { kind: 'say', text: voicemail.text } };
    case 'full':
      return {};
    default: {
      const unreachable: never = voicemail;
      return unreachable;
    }
  }
}

async function writeAnswer(
  trx: Trx,
  input: DialInput,
  answer: PlaceCallAnswer,
  timing: CallTiming,
): Promise<Answer> {
  const { attemptId, accountId } = input;
  switch (answer.kind) {
    case 'placed':
      if (await markPlaced(trx, attemptId, answer.providerCallId, timing.runningCheckMs)) {
        await writeAttemptEvent(trx, accountId, attemptId, 'placed', { callId: answer.providerCallId });
      }
      return fact({ type: 'DialPlaced', attemptId });
    case 'unknown':
      if (await markState(trx, attemptId, ['placing'], 'unknown')) {
        await writeAttemptEvent(trx, accountId, attemptId, 'unknown', { detail: answer.detail });
      }
      return fact({ type: 'DialOutcomeUnknown', attemptId });
    case 'rejected':
      await undoAttempt(trx, input, answer);
      return fact({ type: 'DialRejected', attemptId, reason: answer.reason });
    default: {
      const unreachable: never = answer;
      return unreachable;
    }
  }
}

/** The provider's own no proves that no phone rang: line and hold go back, and it counts against no limit. */
async function undoAttempt(
  trx: Trx,
  input: DialInput,
  answer: Extract<PlaceCallAnswer, { kind: 'rejected' }>,
): Promise<void> {
  if (!(await markState(trx, input.attemptId, ['placing'], 'rejected'))) return;
  await writeAttemptEvent(trx, input.accountId, input.attemptId, 'rejected', {
    reason: answer.reason,
    httpStatus: answer.httpStatus,
  });
  // The day before the balance, as in the gate: the other way round a refusal of the same person's gate, which gives
  // its hold back, and this would wait for each other.
  await countDialOf(trx, input.attemptId, -1);
  await releaseLease(trx, input.attemptId, `rejected: ${answer.reason}`);
  await writeNote(trx, input.contactId, input.run, { ...input.note, attempts: input.number - 1 });
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
