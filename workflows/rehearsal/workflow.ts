import { executeChild, proxyLocalActivities, setCurrentDetails } from '@temporalio/workflow';
import type { RehearsalActivities } from '../../activities/rehearsal/types.ts';
import { contact } from '../contact/workflow.ts';
import { idempotentWrite } from '../shared/activity-options.ts';
import { contactWorkflowId } from '../shared/ids.ts';
import type { RehearsalInput, RehearsalResult } from './contract.ts';

const { listContacts, openContactAt } = proxyLocalActivities<RehearsalActivities>(idempotentWrite);

/**
 * Lives a whole batch in virtual time. The contacts are the same workflows as in production, as children, because only
 * children inherit the clock. Each place of the day's group is a lane: who closes gives it to the next person from the
 * next morning on.
 */
export async function rehearsal(input: RehearsalInput): Promise<RehearsalResult> {
  const { accountId, batchId, realm } = input;
  const { contactIds } = await listContacts({ accountId, batchId });
  let started = 0;
  let closed = 0;
  let endedAtMs = input.startsAtMs;
  const lane = async (): Promise<void> => {
    let freeFromMs: number | null = null;
    for (let id = contactIds[started]; id !== undefined; id = contactIds[started]) {
      started += 1;
      await openContactAt({ accountId, contactId: id, startsAtMs: input.startsAtMs, afterMs: freeFromMs });
      const result = await executeChild(contact, {
        workflowId: contactWorkflowId(accountId, batchId, id),
        args: [{ accountId, batchId, contactId: id, run: 1, realm }],
      });
      closed += 1;
      freeFromMs = result.closedAtMs;
      endedAtMs = Math.max(endedAtMs, result.closedAtMs);
      setCurrentDetails(`Ensayo: ${closed} de ${contactIds.length} contactos terminados`);
    }
  };
  const lanes = Math.min(input.groupSize, contactIds.length);
  await Promise.all(Array.from({ length: lanes }, () => lane()));
  return { contacts: contactIds.length, endedAtMs };
}
