import { insertTask, type NewTask } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';

/** Hands a contact over to a person: a row, and an event for the account's own systems. A repeated one changes nothing. */
export async function openTask(trx: Trx, task: NewTask): Promise<void> {
  const made = await insertTask(trx, task);
  if (made === undefined) return;
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
