import type { TaskTable } from '../../db/schema/negotiation.ts';
import type { Selectable } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';

/** Tasks of the account, the oldest first. */
export async function listTasks(trx: Trx, query: TaskQuery): Promise<readonly TaskRow[]> {
  const { state, contactId, after } = query;
  let tasks = trx.selectFrom('operation.task').selectAll();
  if (state !== undefined) tasks = tasks.where('state', '=', state);
  if (contactId !== undefined) tasks = tasks.where('contact_id', '=', contactId);
  if (after !== undefined) {
    const place = { table: 'operation.task', by: ['opened_at', 'id'], order: 'asc', after } as const;
    tasks = tasks.where(isBehind(place));
  }
  return tasks.orderBy('opened_at').orderBy('id').limit(query.limit).execute();
}

export interface TaskQuery {
  readonly state: 'open' | 'resolved' | undefined;
  readonly contactId: string | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

export type TaskRow = Selectable<TaskTable>;

/** Undefined when the account has no such task. */
export async function readTask(trx: Trx, taskId: string): Promise<TaskRow | undefined> {
  return trx.selectFrom('operation.task').selectAll().where('id', '=', taskId).executeTakeFirst();
}

export async function readNameOf(
  trx: Trx,
  personId: string,
): Promise<{ readonly name: string; readonly national_id: string | null }> {
  return trx
    .selectFrom('core.person')
    .select(['name', 'national_id'])
    .where('id', '=', personId)
    .executeTakeFirstOrThrow();
}

/** What came of the call that a task is from; null without one. */
export async function readCallOf(trx: Trx, attemptId: string | null) {
  if (attemptId === null) return null;
  const call = await trx
    .selectFrom('operation.call')
    .select(['outcome', 'summary', 'recording_url'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  return call ?? null;
}

/** The newest agreement of a contact; undefined when nothing was agreed. */
export async function newestAgreement(trx: Trx, contactId: string) {
  return trx
    .selectFrom('core.agreement')
    .select(['state', 'kind', 'total_micros', 'discount_micros', 'currency', 'made_at'])
    .where('contact_id', '=', contactId)
    .orderBy('made_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
