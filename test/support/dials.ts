import type { DialInput } from '../../activities/contact/types.ts';
import type { PlaceCallAnswer, VoiceProvider } from '../../domain/calls/voice-port.ts';
import { queue, roundsUntilQuiet } from './line-queue.ts';
import type { World } from './world.ts';

/** How a contact's row reads while it dials. */
export const projection = { state: 'calling', waitingFor: 'Marca', attempts: 1, nextAtMs: null } as const;

/** People with a line in their hand, each in a batch of their own. */
export async function withLines(world: World, count: number): Promise<DialInput[]> {
  const inputs: DialInput[] = [];
  for (let person = 0; person < count; person += 1) {
    const { batch, requestIds } = await queue(world, world.accountId, 1);
    const [contact] = batch.contacts;
    const [requestId = ''] = requestIds;
    const granted = await roundsUntilQuiet(world);
    const attemptId = granted.find((grant) => grant.requestId === requestId)?.leaseId ?? '';
    inputs.push({
      accountId: world.accountId,
      batchId: batch.batchId,
      contactId: contact?.contactId ?? '',
      run: 1,
      mode: 'live',
      nowMs: Date.now(),
      attemptId,
      requestId,
      phoneId: contact?.phones[0] ?? '',
      slot: { key: 'ola-1', opensAtMs: 0, closesAtMs: Date.now() + 60_000, localDay: '', label: 'ola 1' },
      number: 1,
      rescheduled: false,
      projection,
    });
  }
  return inputs;
}

/** A provider that answers every dial the same, has no calls, and keeps what it was asked to dial. */
export function voiceThat(
  answer: () => Promise<PlaceCallAnswer>,
): VoiceProvider & { readonly dialled: string[] } {
  const dialled: string[] = [];
  return {
    dialled,
    placeCall: ({ attemptId }) => {
      dialled.push(attemptId);
      return answer();
    },
    findCallByAttempt: () => Promise.resolve(undefined),
    getCall: () => Promise.resolve(undefined),
    stopCall: () => Promise.resolve(),
    concurrency: () => Promise.resolve({ inUse: 0, limit: 20 }),
  };
}

let calls = 0;
export const placed = (): Promise<PlaceCallAnswer> =>
  Promise.resolve({ kind: 'placed', providerCallId: `call_${(calls += 1)}` });
