import { statementInstant } from './queries.ts';
import { invalidate } from './queries.ts';
import { type CallFacts, type CallSet, type LockedCall, readCallFacts } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { resolveWish } from '../contacts/reschedule-wish.ts';
import { stopPerson } from '../people/stops.ts';
import { localDayOf } from '../policy/rules/calendar.ts';
import { readDisconnection } from './rules/disconnection.ts';
import type { CallReading } from '../usecases/outcome.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { ProviderCall } from './voice-port.ts';
import type { CallEnded } from '../contacts/rules/facts.ts';
import { parseCallEnded } from '../contacts/rules/parse-fact.ts';
import { CALL_OUTCOMES, type CallOutcome } from '../contacts/rules/outcomes.ts';
import { resolveOutcome, type ResolvedOutcome } from './resolve-outcome.ts';
import type { CallTiming } from '../lines/rules/timing.ts';
import { wasConnected } from './write-end.ts';

export interface Clock {
  readonly nowMs: number;
  readonly timing: CallTiming;
  /** This message brought the provider's analysis. */
  readonly isNewAnalysis: boolean;
}

/** The outcome for the contact, and what of it belongs into the call's row. */
export interface Concluded {
  readonly reported: CallEnded | null;
  readonly set: CallSet;
}

/** Of a call that nobody took. */
const nothingSaid: CallFacts = {
  debtTotalMicros: null,
  currency: null,
  agreementId: null,
  functionCalls: [],
};

const nothing: Concluded = { reported: null, set: {} };

/**
 * The outcome, reported once: when nobody was connected, when the analysis is there, or when it has been waited for enough.
 * An analysis that comes later still is filed under the outcome it means, and what the person asked for in it is kept.
 */
export async function concludeOnce(
  trx: Trx,
  locked: LockedCall,
  call: ProviderCall,
  { nowMs, timing, isNewAnalysis }: Clock,
): Promise<Concluded> {
  if (locked.state !== 'ended' || locked.ended_at === null) return nothing;
  const isReportedAlready = locked.signalled_at !== null;
  if (isReportedAlready && !isNewAnalysis) return nothing;
  const endedAtMs = locked.ended_at.getTime();
  const mayStillSpeak = locked.human === true && locked.analysed_at === null;
  if (mayStillSpeak && nowMs < endedAtMs + timing.analysisPatienceMs) return nothing;
  const facts = wasConnected(locked) ? await readCallFacts(trx, locked) : nothingSaid;
  const reading = read(locked, call, facts, endedAtMs);
  const resolvedAt = new Date(Math.max(nowMs, endedAtMs));
  const resolved: ResolvedOutcome = isReportedAlready
    ? lateOutcome(locked, reading)
    : await resolveOutcome(trx, locked, { reading, facts }, resolvedAt);
  const outcome = outcomeForContact(resolved.outcome);
  // A wrong person is not the debtor: their answer silences nobody.
  const human = locked.human === true && outcome !== 'wrong_person';
  const reported = isReportedAlready
    ? null
    : {
        attemptId: locked.attempt_id,
        outcome,
        rang: locked.rang === true,
        human,
        ...(resolved.agreement === undefined ? {} : { agreement: resolved.agreement }),
        ...(await callbackOf(trx, locked, outcome, call, resolvedAt)),
      };
  // What the stage does not allow was said, and is in the audit row of its refusal; it is no promise.
  const promise = resolved.outcome === 'promise' ? reading.promise : undefined;
  if (outcome === 'invalid_destination') await invalidate(trx, locked);
  if (resolved.refusedOffer !== undefined) await noteRefusedOffer(trx, locked, resolved.refusedOffer);
  await stopFor(trx, locked, outcome, resolvedAt);
  if (reported !== null) await emitEnded(trx, locked, resolved.outcome, human);
  return {
    reported,
    set: {
      outcome: resolved.outcome,
      human,
      promise_date: promise?.date ?? null,
      promise_micros: promise?.amountMicros ?? null,
      ...(reported === null ? {} : { signalled_at: statementInstant(), reported: JSON.stringify(reported) }),
    },
  };
}

/** The account's own systems, of the whole outcome: the contact's word for every fault of the provider is one. */
async function emitEnded(trx: Trx, locked: LockedCall, outcome: string, human: boolean): Promise<void> {
  await writeEvent(trx, {
    accountId: locked.account_id,
    type: 'call.ended',
    subject: locked.attempt_id,
    occurredAt: endedAfterPlaced(locked),
    data: {
      attempt_id: locked.attempt_id,
      contact_id: locked.contact_id,
      batch_id: locked.batch_id,
      outcome,
      rang: locked.rang === true,
      human,
      duration_ms: locked.duration_ms,
    },
  });
}

/** The provider's clock may be behind ours: an end that came before its call would be put in the wrong order. */
function endedAfterPlaced({ dialled_at: dialledAt, ended_at: endedAt }: LockedCall): Date {
  return new Date(Math.max(dialledAt.getTime() + 1, (endedAt ?? new Date()).getTime()));
}

/** What was recorded while the call ran is not undone by an analysis that is late; a wish not to be called is kept. */
function lateOutcome(locked: LockedCall, reading: CallReading): ResolvedOutcome {
  const reported = endedOf(locked);
  const isRecorded =
    reported !== null && (reported.agreement !== undefined || STOPPING.has(reported.outcome));
  return isRecorded && reading.outcome !== 'do_not_call' ? { outcome: reported.outcome } : reading;
}

const STOPPING: ReadonlySet<CallOutcome> = new Set(['do_not_call', 'legal', 'dispute', 'hardship']);

/** What the person asked for holds for everybody who would call them, at once. */
async function stopFor(trx: Trx, locked: LockedCall, outcome: CallOutcome, at: Date): Promise<void> {
  if (outcome !== 'do_not_call' && outcome !== 'legal' && outcome !== 'dispute' && outcome !== 'hardship') {
    return;
  }
  const { account_id: accountId, person_id: personId, contact_id: exceptContactId } = locked;
  await stopPerson(trx, { accountId, personId, reason: outcome, source: 'call', exceptContactId, at });
}

async function noteRefusedOffer(trx: Trx, locked: LockedCall, code: string): Promise<void> {
  await writeAudit(trx, {
    accountId: locked.account_id,
    actor: 'settlement',
    action: 'promise.refused',
    subject: locked.attempt_id,
    detail: { rule: code },
  });
}

/** When the person wants to be called, as the analysis has it. In the call itself the agent asks and is answered. */
async function callbackOf(
  trx: Trx,
  locked: LockedCall,
  outcome: CallOutcome,
  call: ProviderCall,
  at: Date,
): Promise<Pick<CallEnded, 'callback'>> {
  if (outcome !== 'callback_requested') return {};
  const date = call.captured['fecha_llamada'];
  const time = call.captured['hora_llamada'];
  if (date === undefined && time === undefined) return {};
  const answer = await resolveWish(trx, {
    accountId: locked.account_id,
    contactId: locked.contact_id,
    attemptId: locked.attempt_id,
    source: 'result',
    requestedBy: 'person',
    wish: { ...(date === undefined ? {} : { day: date }), ...(time === undefined ? {} : { time }) },
    at,
  });
  return answer.ok ? { callback: answer.slot } : {};
}

/**
 * Stopped when it could not have lasted so long any more: that was the sweeper, not an operator, and the contact must
 * not be closed for it.
 */
function isOurHangUp(locked: LockedCall, endedAtMs: number): boolean {
  return locked.disconnection_reason === 'manual_stopped' && endedAtMs > locked.absent_after_at.getTime();
}

function read(
  locked: LockedCall,
  call: ProviderCall,
  { debtTotalMicros, currency }: CallFacts,
  endedAtMs: number,
): CallReading {
  const useCase = useCaseByKey(locked.use_case);
  if (useCase === undefined)
    throw new Error(`attempt ${locked.attempt_id}: no use case "${locked.use_case}"`);
  const disconnection = readDisconnection(locked.disconnection_reason ?? '', {
    durationMs: locked.duration_ms ?? undefined,
    inVoicemail: call.inVoicemail,
  });
  return useCase.readOutcome({
    disconnectionClass: isOurHangUp(locked, endedAtMs) ? 'technical' : disconnection.class,
    captured: call.captured,
    callEndedAtMs: endedAtMs,
    localDate: localDayOf(locked.zone, endedAtMs),
    ...(call.successful === undefined ? {} : { successful: call.successful }),
    ...(debtTotalMicros === null ? {} : { debtTotalMicros }),
    ...(currency === null ? {} : { currency }),
  });
}

/** The outcome that was reported of a call; null before that. */
export function endedOf(locked: LockedCall): CallEnded | null {
  if (locked.signalled_at === null || locked.outcome === null) return null;
  if (locked.reported !== null) return parseCallEnded(locked.reported);
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
