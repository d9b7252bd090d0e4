import { type Selectable, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { PrivacyAnswer, PrivacyRequestTable } from '../../db/schema/privacy.ts';

export type PrivacyRequestRow = Selectable<PrivacyRequestTable>;

export type NewPrivacyRequest = Pick<
  PrivacyRequestRow,
  | 'account_id'
  | 'kind'
  | 'channel'
  | 'own_id'
  | 'national_id'
  | 'person_id'
  | 'details'
  | 'received_at'
  | 'due_at'
  | 'created_by'
>;

/** Undefined when the account has one of this number of its own. */
export async function insertRequest(
  trx: Trx,
  row: NewPrivacyRequest,
): Promise<PrivacyRequestRow | undefined> {
  return trx
    .insertInto('core.privacy_request')
    .values({ ...row, extension_reason: null, answer: null, answer_text: null })
    .onConflict((conflict) => conflict.columns(['account_id', 'own_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
}

export async function findByOwnId(trx: Trx, ownId: string): Promise<PrivacyRequestRow | undefined> {
  return trx.selectFrom('core.privacy_request').selectAll().where('own_id', '=', ownId).executeTakeFirst();
}

export async function readRequest(trx: Trx, id: string): Promise<PrivacyRequestRow | undefined> {
  return trx.selectFrom('core.privacy_request').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Locked: of two answers at once one sees the other. */
export async function lockRequest(trx: Trx, id: string): Promise<PrivacyRequestRow | undefined> {
  return trx
    .selectFrom('core.privacy_request')
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function writeAnswer(
  trx: Trx,
  id: string,
  { answer, text, at }: { readonly answer: PrivacyAnswer; readonly text: string; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable('core.privacy_request')
    .set({ answer, answer_text: text, answered_at: at })
    .where('id', '=', id)
    .execute();
}

export async function writeExtension(
  trx: Trx,
  id: string,
  { reason, dueAt, at }: { readonly reason: string; readonly dueAt: Date; readonly at: Date },
): Promise<void> {
  await trx
    .updateTable('core.privacy_request')
    // Whoever was told that it is late is told again when it is late once more.
    .set({ extension_reason: reason, extended_at: at, due_at: dueAt, overdue_told_at: null })
    .where('id', '=', id)
    .execute();
}

/** Whether another request of the person keeps their data blocked: one that is open, or that was granted. */
export async function isBlockedByAnother(trx: Trx, personId: string, id: string): Promise<boolean> {
  const other = await trx
    .selectFrom('core.privacy_request')
    .select('id')
    .where('person_id', '=', personId)
    .where('kind', '=', 'blocking')
    .where('id', '<>', id)
    .where((eb) => eb.or([eb('answer', 'is', null), eb('answer', '=', 'granted')]))
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

export interface PrivacyQuery {
  readonly state: 'open' | 'overdue' | 'answered' | undefined;
  readonly nationalId: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Requests of the account, the newest first; those that wait, the one that is due first. */
export async function listRequests(trx: Trx, query: PrivacyQuery): Promise<readonly PrivacyRequestRow[]> {
  const { state, nationalId, after, limit } = query;
  let rows = trx.selectFrom('core.privacy_request').selectAll();
  if (nationalId !== undefined) rows = rows.where('national_id', '=', nationalId);
  if (state === 'answered') rows = rows.where('answered_at', 'is not', null);
  if (state === 'overdue') rows = rows.where('due_at', '<=', sql<Date>`clock_timestamp()`);
  const table = 'core.privacy_request';
  if (state === 'open' || state === 'overdue') {
    rows = rows.where('answered_at', 'is', null);
    if (after !== undefined)
      rows = rows.where(isBehind({ table, by: ['due_at', 'id'], order: 'asc', after }));
    return rows.orderBy('due_at').orderBy('id').limit(limit).execute();
  }
  if (after !== undefined)
    rows = rows.where(isBehind({ table, by: ['received_at', 'id'], order: 'desc', after }));
  return rows.orderBy('received_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** The contact of a person that came last: what a task stands beside. */
export async function newestContactOf(trx: Trx, personId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('person_id', '=', personId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Requests that are late and of which nobody was told, locked, and marked as told. */
export async function takeOverdue(trx: Trx, most: number): Promise<readonly PrivacyRequestRow[]> {
  const { rows } = await sql<PrivacyRequestRow>`
    update core.privacy_request r set overdue_told_at = clock_timestamp()
      from (select id from core.privacy_request
             where answered_at is null and overdue_told_at is null and due_at <= clock_timestamp()
             order by due_at, id limit ${most} for update skip locked) late
     where r.id = late.id
    returning r.*`.execute(trx);
  return rows;
}

/** Accounts that have such requests. As `tandas_system`. */
export async function accountsWithOverdue(system: Trx, most: number): Promise<readonly string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select distinct account_id from core.privacy_request
     where answered_at is null and overdue_told_at is null and due_at <= clock_timestamp()
     limit ${most}`.execute(system);
  return rows.map(({ account_id }) => account_id);
}
