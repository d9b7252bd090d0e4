import { sql } from 'kysely';
import { inAccount, type Trx } from '../../db/client.ts';
import {
  countDial,
  isOnCall,
  lastHumanAt,
  lockDay,
  writeNote,
  writeRefusal,
} from '../../domain/contacts/queries.ts';
import { lockPerson } from '../../domain/people/queries.ts';
import { openContactsOf } from '../../domain/payments/queries-debts.ts';
import { extendLease, lockLease, releaseLease } from '../../domain/lines/queries-lines.ts';
import { readContactHistory } from '../../domain/policy/contact-history.ts';
import { readNegotiating } from '../../domain/negotiation/stage.ts';
import { localDayOf } from '../../domain/policy/rules/calendar.ts';
import { gate } from '../../domain/policy/rules/gate.ts';
import type { RefusalReason } from '../../domain/policy/rules/refusal.ts';
import type { StopReason } from '../../domain/contacts/rules/outcomes.ts';
import { callTiming, type CallTiming } from '../../domain/lines/rules/timing.ts';
import type { PlaceCallRequest } from '../../domain/calls/voice-port.ts';
import { callRequest } from './call-request.ts';
import { writeAnswer } from './dial-answer.ts';
import {
  type ContactDeps,
  instantOf,
  isLive,
  type LoadedContact,
  loadContact,
} from '../../domain/contacts/read-contact.ts';
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
  /** Of reason 'stopped'. */
  readonly stop?: StopReason;
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
          ...(passed.stop === undefined ? {} : { stop: passed.stop }),
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
  const stopped = await whyStopped(trx, input, loaded);
  if (stopped !== undefined) {
    const { stop, reason, rule } = stopped;
    return { ...(await refuse(trx, input, reason, rule, at)), ...(stop === undefined ? {} : { stop }) };
  }
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
    doNotCall: loaded.doNotCall || phone.listed,
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
  const negotiating = await readNegotiating(trx, input.contactId, key.localDay);
  return { kind: 'cleared', request: callRequest(input, loaded, phone.e164, negotiating?.stage) };
}

/** The number itself is on the list of those not to be contacted, whosever it is. */
const isListed = sql<boolean>`exists (
  select from core.do_not_contact x
   where x.account_id = core.phone.account_id and x.key = 'tel:' || core.phone.e164 and x.lifted_at is null)`;

async function loadPhone(
  trx: Trx,
  phoneId: string,
): Promise<{ e164: string; invalid_at: Date | null; listed: boolean }> {
  return trx
    .selectFrom('core.phone')
    .select(['e164', 'invalid_at', isListed.as('listed')])
    .where('id', '=', phoneId)
    .executeTakeFirstOrThrow();
}

/** What ended this contact while the line was on its way: no rule of a country says so, and none can allow it. */
async function whyStopped(
  trx: Trx,
  input: DialInput,
  loaded: LoadedContact,
): Promise<
  | { readonly reason: RefusalReason; readonly rule: string; readonly stop?: StopReason | undefined }
  | undefined
> {
  const because = (reason: RefusalReason, rule: string) => ({ reason, rule });
  if (loaded.contactState === 'closed') return because('contact_closed', 'the contact is closed');
  if (loaded.batchState === 'paused') return because('batch_paused', 'the batch is paused');
  if (loaded.batchState !== 'running')
    return because('batch_not_running', `the batch is ${loaded.batchState}`);
  if (loaded.stopReason !== null) {
    const { stopReason: stop } = loaded;
    return { ...because('stopped', `the person is out of it: ${stop}`), stop };
  }
  const open = await openContactsOf(trx, loaded.personId, input.realm);
  const own = open.find(({ contactId }) => contactId === input.contactId);
  return own?.settled === true ? because('debt_settled', 'everything has been paid') : undefined;
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

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
