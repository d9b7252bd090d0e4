import { insertTask } from './queries.ts';
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
  const made = await insertTask(trx, task);
  if (made === undefined || task.realm !== 'live') return;
  await writeEvent(trx, {
    accountId: task.accountId,
    type: 'handover.opened',
    subject: made,
    occurredAt: task.openedAt,
    data: {
      task_id: made,
      kind: task.kind,
      contact_id: task.contactId,
      person_id: task.personId,
      attempt_id: task.attemptId,
    },
  });
}
