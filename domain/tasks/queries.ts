import type { Trx } from '../../db/client.ts';
import type { TaskKind, TaskResolution } from '../../db/schema/negotiation.ts';

export interface NewTask {
  readonly accountId: string;
  readonly personId: string;
  readonly contactId: string;
  /** The call that it comes from; null: none. */
  readonly attemptId: string | null;
  readonly kind: TaskKind;
  /** Ids and words that whoever takes it needs beside the contact. */
  readonly context: Readonly<Record<string, string | number | null>>;
  /** The same key is the same task. */
  readonly dedupeKey: string;
  readonly openedAt: Date;
}

/** Its id; undefined when the same task is there already. */
export async function insertTask(trx: Trx, task: NewTask): Promise<string | undefined> {
  const made = await trx
    .insertInto('operation.task')
    .values({
      account_id: task.accountId,
      person_id: task.personId,
      contact_id: task.contactId,
      attempt_id: task.attemptId,
      kind: task.kind,
      resolution: null,
      note: null,
      context: JSON.stringify(task.context),
      dedupe_key: task.dedupeKey,
      opened_at: task.openedAt,
      resolved_by: null,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'dedupe_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return made?.id;
}

/** The task with its contact's batch, locked; undefined when the account has none of this id. */
export async function lockTask(trx: Trx, taskId: string) {
  return trx
    .selectFrom('operation.task as t')
    .innerJoin('core.contact as k', 'k.id', 't.contact_id')
    .select(['t.id', 't.state', 't.kind', 't.resolution', 't.contact_id', 't.person_id', 'k.batch_id'])
    .where('t.id', '=', taskId)
    .forNoKeyUpdate('t')
    .executeTakeFirst();
}

export interface Resolution {
  readonly taskId: string;
  readonly resolution: TaskResolution;
  readonly note: string;
  readonly at: Date;
  readonly actor: string;
}

export async function writeResolution(
  trx: Trx,
  { taskId, resolution, note, at, actor }: Resolution,
): Promise<void> {
  await trx
    .updateTable('operation.task')
    .set({ state: 'resolved', resolution, note, resolved_at: at, resolved_by: actor })
    .where('id', '=', taskId)
    .execute();
}

/** Open tasks whose key begins so are resolved; their ids. */
export async function resolveByKey(
  trx: Trx,
  prefix: string,
  { resolution, note, at, actor }: Omit<Resolution, 'taskId'>,
): Promise<readonly string[]> {
  const rows = await trx
    .updateTable('operation.task')
    .set({ state: 'resolved', resolution, note, resolved_at: at, resolved_by: actor })
    .where('dedupe_key', 'like', `${prefix}%`)
    .where('state', '=', 'open')
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}
