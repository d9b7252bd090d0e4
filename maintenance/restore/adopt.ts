import { writeAttemptEvent } from '../../domain/calls/queries.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../../domain/shared/queries-audit.ts';
import { hold, tariffAt } from '../../domain/billing/queries-ledger.ts';
import { localDayOf } from '../../domain/policy/rules/calendar.ts';
import { zonesOf } from '../../domain/policy/rules/zones.ts';
import { callTiming } from '../../domain/lines/rules/timing.ts';
import { isMainPhone } from '../../domain/people/queries.ts';
import type { ProviderCall } from '../../domain/calls/voice-port.ts';
import { restoreActor } from './copy-in.ts';

/** A call of the provider that the copy does not know. */
export type Stray = ProviderCall & {
  readonly attemptId: string;
  readonly accountId: string;
  readonly contactId: string;
};

/** `unexplained`: its contact, or its phone, came after the copy as well; a person must look at it. */
export type Adopted = 'adopted' | 'known' | 'unexplained';

/**
 * Writes the rows that gate and dispatcher wrote for this call after the copy was taken: request, line, hold, attempt, and
 * a dial whose outcome is unknown. From there on it is settled like any other lost answer. Only calls that are over are
 * taken, so that their line is free again. As a user who sees all rows.
 */
export async function adopt(owner: Database, call: Stray): Promise<Adopted> {
  return inAccount(owner, call.accountId, async (trx) => {
    const attempt = await trx
      .selectFrom('operation.attempt')
      .select('id')
      .where('id', '=', call.attemptId)
      .executeTakeFirst();
    if (attempt !== undefined) return 'known';
    const known = await readDialled(trx, call);
    if (known === undefined) return 'unexplained';
    const at = new Date(call.startedAtMs ?? call.endedAtMs ?? Date.now());
    const endedAt = new Date(call.endedAtMs ?? at.getTime());
    const requestId = await takeLine(trx, call, known, { at, endedAt });
    await writeAttempt(trx, call, known, { at, requestId });
    await writeAudit(trx, {
      accountId: call.accountId,
      actor: restoreActor,
      action: 'attempt.adopted',
      subject: call.attemptId,
      detail: { providerCallId: call.providerCallId },
    });
    return 'adopted';
  });
}

interface Dialled {
  readonly batch_id: string;
  readonly pool_id: string;
  readonly capacity: number;
  readonly person_id: string;
  readonly phone_id: string;
  readonly e164: string;
  readonly zone: string;
}

async function readDialled(trx: Trx, call: Stray): Promise<Dialled | undefined> {
  const row = await trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('core.line_pool as l', 'l.pool_id', 'b.pool_id')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .innerJoin('core.phone as p', 'p.person_id', 's.id')
    .select(['k.batch_id', 'b.pool_id', 'l.capacity', 'k.person_id', 'p.id as phone_id', 'p.e164'])
    .select(['s.country', 's.zone', 's.region'])
    .where('k.id', '=', call.contactId)
    .where('k.account_id', '=', call.accountId)
    .where('p.e164', '=', call.toNumber ?? '')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { country, zone, region, ...rest } = row;
  return { ...rest, zone: zonesOf(country, zone, region)[0] };
}

interface Span {
  readonly at: Date;
  readonly endedAt: Date;
}

/** The lease whose grant is in the copy, or one like it: its id is the attempt's. Returns its request. */
async function takeLine(trx: Trx, call: Stray, known: Dialled, { at, endedAt }: Span): Promise<string> {
  const granted = await trx
    .selectFrom('core.line_lease')
    .select('request_id')
    .where('id', '=', call.attemptId)
    .executeTakeFirst();
  const released = { released_at: endedAt, release_reason: 'call_ended' };
  if (granted !== undefined) {
    await trx
      .updateTable('core.line_lease')
      .set({ attempt_id: call.attemptId, ...released })
      .where('id', '=', call.attemptId)
      .execute();
    await trx
      .updateTable('core.line_request')
      .set({ state: 'granted' })
      .where('id', '=', granted.request_id)
      .execute();
    return granted.request_id;
  }
  const requestId = `restored:${call.attemptId}`;
  const before = new Date(at.getTime() - 1_000);
  await trx
    .insertInto('core.line_request')
    .values({
      id: requestId,
      account_id: call.accountId,
      pool_id: known.pool_id,
      batch_id: known.batch_id,
      contact_id: call.contactId,
      wave_key: 'restored',
      priority: 0,
      eligible_at: before,
      deadline_at: new Date(at.getTime() + 60_000),
      state: 'granted',
      created_at: before,
    })
    .execute();
  const { fence } = await trx
    .updateTable('core.line_pool')
    .set((eb) => ({ fence: eb('fence', '+', 1n) }))
    .where('pool_id', '=', known.pool_id)
    .returning('fence')
    .executeTakeFirstOrThrow();
  const tariff = await tariffAt(trx, call.accountId, new Date());
  // Of nothing: the call is over, and what it took is known in a moment. A hold could be refused for lack of credit.
  const holdId = await hold(trx, { ...tariff, accountId: call.accountId, requestId, amountMicros: 0n });
  if (holdId === undefined) throw new Error('a hold of nothing was refused');
  await trx
    .insertInto('core.line_lease')
    .values({
      id: call.attemptId,
      account_id: call.accountId,
      pool_id: known.pool_id,
      line_no: await freeLineNo(trx, known, { at, endedAt }),
      fence,
      request_id: requestId,
      contact_id: call.contactId,
      hold_id: holdId,
      attempt_id: call.attemptId,
      // Not sooner than the line was looked at: a call that had it until then would share it.
      granted_at: at,
      expires_at: endedAt,
      ...released,
    })
    .execute();
  return requestId;
}

/** A line that nobody else had during the call. The provider had them all under its limit, so there is one. */
async function freeLineNo(trx: Trx, known: Dialled, { at, endedAt }: Span): Promise<number> {
  const busy = await trx
    .selectFrom('core.line_lease')
    .select('line_no')
    .where('pool_id', '=', known.pool_id)
    .where('granted_at', '<', endedAt)
    .where((eb) => eb.or([eb('released_at', 'is', null), eb('released_at', '>', at)]))
    .execute();
  const taken = new Set(busy.map(({ line_no }) => line_no));
  let lineNo = 1;
  // Above capacity only where instants of two clocks overlap: the row must not fail for it, and the audit will say so.
  while (taken.has(lineNo)) lineNo += 1;
  return lineNo;
}

async function writeAttempt(
  trx: Trx,
  call: Stray,
  known: Dialled,
  { at, requestId }: { readonly at: Date; readonly requestId: string },
): Promise<void> {
  const { accountId, attemptId, contactId } = call;
  const localDay = localDayOf(known.zone, at.getTime());
  const { attempts } = await trx
    .updateTable('core.contact')
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('id', '=', contactId)
    .returning('attempts')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('operation.attempt')
    .values({
      id: attemptId,
      account_id: accountId,
      batch_id: known.batch_id,
      contact_id: contactId,
      person_id: known.person_id,
      phone_id: known.phone_id,
      lease_id: attemptId,
      request_id: requestId,
      wave_key: 'restored',
      number: attempts,
      rescheduled: false,
      main_phone: isMainPhone(known.phone_id),
      zone: known.zone,
      local_day: localDay,
      attempted_at: at,
      dial_deadline_at: new Date(at.getTime() + callTiming.dialWindowMs),
      absent_after_at: new Date(call.endedAtMs ?? at.getTime()),
    })
    .execute();
  await trx
    .insertInto('operation.call')
    .values({
      attempt_id: attemptId,
      account_id: accountId,
      contact_id: contactId,
      pool_id: known.pool_id,
      state: 'unknown',
      check_at: new Date(),
    })
    .execute();
  await writeAttemptEvent(trx, accountId, attemptId, 'unknown', { detail: 'not in the copy' });
}
