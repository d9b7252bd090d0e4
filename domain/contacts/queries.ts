import type { Trx } from '../../db/client.ts';
import type { ContactState } from '../../db/schema/schema.ts';

export interface ContactNote {
  readonly state: ContactState;
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextAtMs: number | null;
}

/** Writes the contact's row as its workflow sees it. A closed row stays closed: only a new run opens it. */
export async function writeNote(trx: Trx, contactId: string, run: number, note: ContactNote): Promise<void> {
  await trx
    .updateTable('core.contact')
    .set({
      state: note.state,
      waiting_for: note.waitingFor,
      attempts: note.attempts,
      next_at: note.nextAtMs === null ? null : new Date(note.nextAtMs),
    })
    .where('id', '=', contactId)
    .where('run', '=', run)
    .where('state', '<>', 'closed')
    .execute();
}

/** False when it was closed already. */
export async function closeContactRow(
  trx: Trx,
  contactId: string,
  run: number,
  outcome: string,
  note: ContactNote,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome,
      closed_at: at,
      waiting_for: note.waitingFor,
      attempts: note.attempts,
      next_at: null,
    })
    .where('id', '=', contactId)
    .where('run', '=', run)
    .where('state', '<>', 'closed')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface RefusalInput {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly requestId: string;
  readonly waveKey: string;
  readonly reason: string;
  readonly rule: string;
  readonly at: Date;
  readonly realm: string;
}

/** A turn that did not become an attempt, and why. A repeated one is the same row. */
export async function writeRefusal(trx: Trx, input: RefusalInput): Promise<void> {
  await trx
    .insertInto('operation.refusal')
    .values({
      account_id: input.accountId,
      batch_id: input.batchId,
      contact_id: input.contactId,
      request_id: input.requestId,
      wave_key: input.waveKey,
      reason: input.reason,
      rule: input.rule,
      at: input.at,
      realm: input.realm,
    })
    .onConflict((conflict) => conflict.columns(['request_id', 'reason']).doNothing())
    .execute();
}

/** Some turn of this request has a reason on record. */
export async function hasRefusal(trx: Trx, requestId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.refusal')
    .select('id')
    .where('request_id', '=', requestId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export interface Dials {
  readonly person: number;
  readonly phone: number;
}

interface DayKey {
  readonly accountId: string;
  readonly personId: string;
  readonly e164: string;
  readonly realm: string;
  readonly localDay: string;
}

/**
 * Locks the person's and the phone's day, and reads how many dials they have had: two batches, two debts or two
 * phones of one person wait for each other here. Rows are made first, so that there is something to lock.
 */
export async function lockDay(trx: Trx, key: DayKey): Promise<Dials> {
  const person = {
    account_id: key.accountId,
    person_id: key.personId,
    realm: key.realm,
    local_day: key.localDay,
  };
  const phone = { account_id: key.accountId, e164: key.e164, realm: key.realm, local_day: key.localDay };
  await trx
    .insertInto('core.person_day')
    .values(person)
    .onConflict((c) => c.doNothing())
    .execute();
  await trx
    .insertInto('core.phone_day')
    .values(phone)
    .onConflict((c) => c.doNothing())
    .execute();
  const personRow = await trx
    .selectFrom('core.person_day')
    .select('dials')
    .where((eb) => eb.and(person))
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const phoneRow = await trx
    .selectFrom('core.phone_day')
    .select('dials')
    .where((eb) => eb.and(phone))
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return { person: personRow.dials, phone: phoneRow.dials };
}

/** `by` 1 when a dial is recorded, -1 when the provider proves that it was none. */
export async function countDial(trx: Trx, key: DayKey, by: 1 | -1): Promise<void> {
  await trx
    .updateTable('core.person_day')
    .set((eb) => ({ dials: eb('dials', '+', by) }))
    .where('account_id', '=', key.accountId)
    .where('person_id', '=', key.personId)
    .where('realm', '=', key.realm)
    .where('local_day', '=', key.localDay)
    .execute();
  await trx
    .updateTable('core.phone_day')
    .set((eb) => ({ dials: eb('dials', '+', by) }))
    .where('account_id', '=', key.accountId)
    .where('e164', '=', key.e164)
    .where('realm', '=', key.realm)
    .where('local_day', '=', key.localDay)
    .execute();
}

/** The same, for an attempt that is recorded: its person, phone and day are in its row. */
export async function countDialOf(trx: Trx, attemptId: string, by: 1 | -1): Promise<void> {
  const dialled = await trx
    .selectFrom('operation.attempt as a')
    .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
    .select(['a.account_id', 'a.person_id', 'a.realm', 'a.local_day', 'p.e164'])
    .where('a.id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const { account_id: accountId, person_id: personId, local_day: localDay, realm, e164 } = dialled;
  await countDial(trx, { accountId, personId, e164, realm, localDay }, by);
}

export async function lastHumanAt(trx: Trx, personId: string, realm: string): Promise<Date | null> {
  const row = await trx
    .selectFrom('core.person_state')
    .select('last_human_at')
    .where('person_id', '=', personId)
    .where('realm', '=', realm)
    .executeTakeFirst();
  return row?.last_human_at ?? null;
}

/** A call of this person runs, or has ended and its outcome is not known yet. Under the lock of the person's day. */
export async function isOnCall(trx: Trx, personId: string, realm: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.attempt as a')
    .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
    .select('a.id')
    .where('a.person_id', '=', personId)
    .where('a.realm', '=', realm)
    .where('c.state', 'in', ['placing', 'placed', 'unknown', 'ended'])
    .where('c.signalled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a contact of the batch has not closed; a planned one counts too. The first one found is enough. */
export async function hasOpen(trx: Trx, batchId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('batch_id', '=', batchId)
    .where('state', '<>', 'closed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
