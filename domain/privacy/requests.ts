import { DateTime } from 'luxon';
import { databaseNow, type Trx } from '../../db/client.ts';
import type { PrivacyAnswer, PrivacyChannel, PrivacyKind } from '../../db/schema/privacy.ts';
import { blockPerson, liftBlock } from '../people/blocks.ts';
import type { ErasedKeyBox } from '../people/erased-keys.ts';
import { findPerson, takeTurns } from '../people/queries.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { asChange } from '../policy/pack-for.ts';
import { readHolidays } from '../policy/queries-holidays.ts';
import type { Caller } from '../shared/caller.ts';
import { ownAccount, type OwnAccount } from '../shared/queries-account.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { refuse } from '../shared/refused.ts';
import { resolveOwnTask } from '../tasks/resolve.ts';
import { type ErasedPerson, erasePerson, type PersonErasure } from './erase.ts';
import {
  findByOwnId,
  insertRequest,
  isBlockedByAnother,
  lockRequest,
  type PrivacyRequestRow,
  readRequest,
  writeAnswer,
  writeExtension,
} from './queries.ts';
import { daysAfter, extendedLastDay, lastDay, legalCalendar } from './rules/clock.ts';

export interface PrivacyRequestSaid {
  readonly kind: PrivacyKind;
  readonly channel: PrivacyChannel;
  /** In any spelling. */
  readonly nationalId: string;
  /** What the person asks, in their words or the operator's. */
  readonly details: string;
  /** Undefined: now. */
  readonly receivedAt: Date | undefined;
  /** The account's own number of it. */
  readonly ownId: string | undefined;
}

/** A letter that lay longer than this was answered by silence; an older instant is a typing error. */
const oldestDays = 365;

export interface ReceivedRequest {
  readonly request: PrivacyRequestRow;
  /** False: it was here already, by its number. */
  readonly isNew: boolean;
}

/**
 * Takes a request and starts its clock. A request for blocking blocks the person at once, in this transaction: both gates
 * refuse from here on. Nobody of this id in the account is no refusal: the request waits for whom a later file brings.
 * Throws `OperationRefused`.
 */
export async function receiveRequest(
  trx: Trx,
  caller: Caller,
  said: PrivacyRequestSaid,
): Promise<ReceivedRequest> {
  const account = await ownAccount(trx);
  const nationalId = normaliseNationalId(said.nationalId, account.country);
  if (!nationalId.ok)
    throw refuse('national_id_unreadable', { value: said.nationalId }, { field: 'national_id' });
  const now = await databaseNow(trx);
  const receivedAt = said.receivedAt ?? now;
  if (receivedAt > now || receivedAt < new Date(now.getTime() - oldestDays * 86_400_000))
    throw refuse('received_at_wrong', { days: oldestDays }, { field: 'received_at' });
  await takeTurns(trx, 'alone');
  const person = await findPerson(trx, { identityKey: nationalId.value });
  const personId = person?.id;
  const made = await insertRequest(trx, {
    account_id: caller.accountId,
    kind: said.kind,
    channel: said.channel,
    own_id: said.ownId ?? null,
    national_id: nationalId.value,
    person_id: personId ?? null,
    details: said.details,
    received_at: receivedAt,
    due_at: await dueAt(trx, account, said.kind, receivedAt),
    created_by: caller.actor,
  });
  if (made === undefined) return { request: await known(trx, said, nationalId.value), isNew: false };
  const { id: subject, kind, due_at: due } = made;
  const detail = { kind, channel: said.channel, person_id: made.person_id, due_at: due.toISOString() };
  await writeAudit(trx, { ...caller, action: 'privacy.received', subject, detail });
  if (kind === 'blocking' && personId !== undefined)
    await blockPerson(trx, caller, { personId, reason: `solicitud ${subject}` });
  return { request: made, isNew: true };
}

/** The request of the same number. What it says must be the same: another person's would be taken for answered. */
async function known(trx: Trx, said: PrivacyRequestSaid, nationalId: string): Promise<PrivacyRequestRow> {
  const earlier = await findByOwnId(trx, said.ownId ?? '');
  if (earlier === undefined) throw new Error('a request was there and is not');
  if (earlier.kind !== said.kind || earlier.national_id !== nationalId)
    throw refuse('privacy_own_id_taken', { ownId: said.ownId ?? '' }, { field: 'own_id' });
  return earlier;
}

async function dueAt(trx: Trx, account: OwnAccount, kind: PrivacyKind, receivedAt: Date): Promise<Date> {
  const changes = (await readHolidays(trx, account.country)).filter(({ account_id }) => account_id === null);
  const calendar = legalCalendar(account.country, changes.map(asChange));
  return endOf(lastDay(kind, localDay(receivedAt, account.zone), calendar), account.zone);
}

function localDay(at: Date, zone: string): string {
  return DateTime.fromJSDate(at, { zone }).toFormat('yyyy-MM-dd');
}

/** The first instant after a local day. */
function endOf(day: string, zone: string): Date {
  return DateTime.fromISO(daysAfter(day, 1), { zone }).startOf('day').toJSDate();
}

export interface RequestAnswer {
  readonly id: string;
  readonly answer: PrivacyAnswer;
  /** What the person was told. */
  readonly text: string;
}

/**
 * The request is answered. A refusal of blocking lifts the block, unless another request keeps it; deletion that is granted
 * erases the person in the same transaction. The same answer again changes nothing; another one is refused (`OperationRefused`, 409).
 */
export async function answerRequest(
  trx: Trx,
  box: ErasedKeyBox,
  caller: Caller,
  { id, answer, text }: RequestAnswer,
): Promise<PrivacyRequestRow> {
  // Before the request: erasing and files take their locks in this order.
  await takeTurns(trx, 'alone');
  const request = await lockRequest(trx, id);
  if (request === undefined) throw refuse('privacy_request_not_found');
  if (request.answer === answer) return request;
  if (request.answer !== null) throw refuse('privacy_request_answered', { answer: request.answer });
  const at = await databaseNow(trx);
  await writeAnswer(trx, id, { answer, text, at });
  const late = at >= request.due_at;
  await writeAudit(trx, { ...caller, action: 'privacy.answered', subject: id, detail: { answer, late } });
  const { person_id: personId, kind } = request;
  const isLifted = kind === 'blocking' && answer === 'refused' && personId !== null;
  if (isLifted && !(await isBlockedByAnother(trx, personId, id)))
    await liftBlock(trx, caller, { personId, reason: `solicitud ${id}: ${text}` });
  await resolveOwnTask(trx, caller, { dedupeKeyPrefix: taskKey(id), note: text });
  if (kind === 'deletion' && answer === 'granted' && personId !== null) {
    await erasePerson(trx, box, caller, { personId, reason: text, requestId: id });
    return (await readRequest(trx, id)) ?? request;
  }
  return { ...request, answer, answer_text: text, answered_at: at };
}

/** Erases a person because a request for deletion asks for it, and answers the request. Throws `OperationRefused`. */
export async function eraseByRequest(
  trx: Trx,
  box: ErasedKeyBox,
  caller: Caller,
  { personId, reason, requestId }: PersonErasure & { readonly requestId: string },
): Promise<ErasedPerson> {
  await takeTurns(trx, 'alone');
  const request = await lockRequest(trx, requestId);
  if (request === undefined) throw refuse('privacy_request_not_found');
  if (request.kind !== 'deletion' || request.person_id !== personId)
    throw refuse('privacy_request_not_of_person', {}, { field: 'privacy_request_id' });
  if (request.answer === 'refused') throw refuse('privacy_request_answered', { answer: 'refused' });
  if (request.answer === null) {
    const at = await databaseNow(trx);
    await writeAnswer(trx, requestId, { answer: 'granted', text: reason, at });
    const detail = { answer: 'granted', late: at >= request.due_at };
    await writeAudit(trx, { ...caller, action: 'privacy.answered', subject: requestId, detail });
    await resolveOwnTask(trx, caller, { dedupeKeyPrefix: taskKey(requestId), note: reason });
  }
  return erasePerson(trx, box, caller, { personId, reason, requestId });
}

/** Every task of a request begins so; behind it stands when it was due, because an extended one can be late twice. */
export function taskKey(id: string): string {
  return `privacy:${id}:`;
}

/**
 * Thirty more days, once, before the first ones are over, with the reason that the person is told. Blocking has no second
 * term. Throws `OperationRefused`.
 */
export async function extendRequest(
  trx: Trx,
  caller: Caller,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<PrivacyRequestRow> {
  const request = await lockRequest(trx, id);
  if (request === undefined) throw refuse('privacy_request_not_found');
  if (request.answer !== null) throw refuse('privacy_request_answered', { answer: request.answer });
  if (request.extended_at !== null) {
    if (request.extension_reason === reason) return request;
    throw refuse('privacy_request_extended');
  }
  const { zone } = await ownAccount(trx);
  const day = extendedLastDay(request.kind, localDay(request.received_at, zone));
  if (day === undefined) throw refuse('blocking_not_extended');
  const at = await databaseNow(trx);
  if (at >= request.due_at) throw refuse('privacy_request_late');
  const due = endOf(day, zone);
  await writeExtension(trx, id, { reason, dueAt: due, at });
  const detail = { reason, due_at: due.toISOString() };
  await writeAudit(trx, { ...caller, action: 'privacy.extended', subject: id, detail });
  return {
    ...request,
    extension_reason: reason,
    extended_at: at,
    due_at: due,
    overdue_told_at: null,
  };
}
