import { condition, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { ContactActivities } from '../../../activities/contact/types.ts';
import {
  callEndedSignal,
  type ContactInput,
  type ContactResult,
  lineGrantedSignal,
} from '../../../workflows/contact/contract.ts';
import { idempotentWrite, irreversible } from '../../../workflows/shared/activity-options.ts';

const local = proxyLocalActivities<ContactActivities>(idempotentWrite);
const { dial } = proxyActivities<Pick<ContactActivities, 'dial'>>(irreversible);

/**
 * The floor: a contact by hand. The same outside work as the product's in the same order (open, ask for a line, dial, close)
 * and nothing else: no rules, no pause, no reschedule, no words for the operator, no answer to a lost call. It dials until
 * somebody says anything, or as often as it may.
 */
export async function minimalContact(input: ContactInput): Promise<ContactResult> {
  const { accountId, batchId, contactId, run, mode } = input;
  const granted = new Set<string>();
  const ended = new Map<string, string>();
  setHandler(lineGrantedSignal, ({ leaseId }) => void granted.add(leaseId));
  setHandler(callEndedSignal, ({ attemptId, outcome }) => void ended.set(attemptId, outcome));
  const ref = () => ({ accountId, batchId, contactId, run, mode, nowMs: Date.now() });
  const projection = { state: 'waiting', waitingFor: 'una línea', attempts: 0, nextAtMs: null } as const;

  const { phones, slots, rules } = await local.openContact(ref());
  let attempts = 0;
  let outcome = '';
  for (const slot of slots.slice(0, rules.maxAttempts)) {
    const requestId = `${contactId}:${run}:${attempts + 1}`;
    await local.requestLine({
      ...ref(),
      requestId,
      slot,
      eligibleAtMs: slot.opensAtMs,
      priority: attempts === 0 ? 1 : 0,
      missedRequestId: null,
      replacedRequestId: null,
      projection,
      step: null,
    });
    const before = granted.size;
    if (!(await condition(() => granted.size > before, Math.max(1, slot.closesAtMs - Date.now())))) break;
    const attemptId = [...granted].at(-1) ?? '';
    attempts += 1;
    await dial({
      ...ref(),
      attemptId,
      requestId,
      phoneId: phones[(attempts - 1) % phones.length]?.phoneId ?? '',
      slot,
      number: attempts,
      rescheduled: false,
      projection,
    });
    await condition(() => ended.has(attemptId));
    outcome = ended.get(attemptId) ?? '';
    if (outcome !== 'no_answer') break;
  }
  await local.closeContact({ ...ref(), outcome: 'exhausted', missedRequestId: null, projection, step: null });
  return { outcome, attempts, closedAtMs: Date.now() };
}
