import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import type { TaskKind } from '../../db/schema/negotiation.ts';

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
  readonly realm: string;
  readonly openedAt: Date;
}

/** Hands a contact over to a person: a row, and an event for the account's own systems. A repeated one changes nothing. */
export async function openTask(trx: Trx, task: NewTask): Promise<void> {
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
      realm: task.realm,
      opened_at: task.openedAt,
      resolved_by: null,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'dedupe_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (made === undefined || task.realm !== 'live') return;
  await writeEvent(trx, {
    accountId: task.accountId,
    type: 'handover.opened',
    subject: made.id,
    occurredAt: task.openedAt,
    data: {
      task_id: made.id,
      kind: task.kind,
      contact_id: task.contactId,
      person_id: task.personId,
      attempt_id: task.attemptId,
    },
  });
}
