import { databaseNow, type Trx } from '../../db/client.ts';
import { openTask } from '../tasks/tasks.ts';
import { newestContactOf, takeOverdue } from './queries.ts';
import { taskKey } from './requests.ts';

const most = 100;

/**
 * Opens a task for each request of the account that is late, once. A task stands beside a contact: of somebody whom no batch
 * has, the list of requests and the alert tell. True: there may be more.
 */
export async function tellOverdue(trx: Trx, accountId: string): Promise<boolean> {
  const late = await takeOverdue(trx, most);
  const openedAt = await databaseNow(trx);
  for (const { id, person_id: personId, kind, due_at: due } of late) {
    const contactId = personId === null ? undefined : await newestContactOf(trx, personId);
    if (personId === null || contactId === undefined) continue;
    await openTask(trx, {
      accountId,
      personId,
      contactId,
      attemptId: null,
      kind: 'privacy_request',
      context: { privacy_request_id: id, request: kind, due_at: due.toISOString() },
      dedupeKey: `${taskKey(id)}${due.toISOString()}`,
      openedAt,
    });
  }
  return late.length === most;
}
