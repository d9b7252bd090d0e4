import { lockTask, resolveByKey, writeResolution } from './queries.ts';
import { databaseNow, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeEvent } from '../shared/queries-events.ts';
import { lockPerson } from '../people/queries.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import type { TaskResolution } from '../../db/schema/negotiation.ts';
import type { Caller } from '../shared/caller.ts';
import { refuse } from '../shared/refused.ts';
import { liftStop } from '../people/people.ts';

export interface TaskToResolve {
  readonly taskId: string;
  /** paid: it was paid elsewhere. resume: calls go on. close: nothing more is done. */
  readonly resolution: TaskResolution;
  readonly note: string;
}

/** Kinds whose stop ends when a person decides that the contact goes on. */
const stopping: ReadonlySet<string> = new Set(['dispute', 'hardship', 'legal']);

/**
 * What a person decided about a hand-over: the row, a signal to the contact and an event, in one transaction. The same
 * decision again changes nothing; another one is refused (`OperationRefused`, 409).
 */
export async function resolveTask(
  trx: Trx,
  caller: Caller,
  { taskId, resolution, note }: TaskToResolve,
): Promise<void> {
  const task = await lockTask(trx, taskId);
  if (task === undefined) throw refuse('task_not_found');
  if (task.state === 'resolved') {
    if (task.resolution === resolution) return;
    throw refuse('task_resolved', { resolution: task.resolution ?? '' });
  }
  // What ends it is the answer, which has words and an instant of its own.
  if (task.kind === 'privacy_request') throw refuse('task_of_request');
  const { accountId, actor } = caller;
  await lockPerson(trx, task.person_id);
  const at = await databaseNow(trx);
  await writeResolution(trx, { taskId, resolution, note, at, actor });
  if (resolution === 'resume' && stopping.has(task.kind)) {
    await liftStop(trx, caller, { personId: task.person_id, reason: note });
  }
  await writeAudit(trx, { ...caller, action: 'task.resolved', subject: taskId, detail: { resolution } });
  await writeOutbox(trx, [
    {
      accountId,
      to: { contactId: task.contact_id },
      signal: 'taskResolved',
      payload: { taskId, resolution },
    },
  ]);
  await writeEvent(trx, {
    accountId,
    type: 'handover.resolved',
    subject: taskId,
    occurredAt: at,
    data: {
      task_id: taskId,
      kind: task.kind,
      contact_id: task.contact_id,
      person_id: task.person_id,
      resolution,
    },
  });
}

/** The tasks that a request has opened end with its answer. Their contact is told nothing: nothing of it has changed. */
export async function resolveOwnTask(
  trx: Trx,
  { actor }: Caller,
  { dedupeKeyPrefix, note }: { readonly dedupeKeyPrefix: string; readonly note: string },
): Promise<void> {
  const at = await databaseNow(trx);
  await resolveByKey(trx, dedupeKeyPrefix, { resolution: 'close', note, at, actor });
}
