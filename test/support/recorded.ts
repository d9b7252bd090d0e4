import { pino } from 'pino';
import { createRetellProvider } from '../../channels/retell/retell.ts';
import type { CallRemover, VoiceProvider } from '../../domain/calls/voice-port.ts';
import { createFakeRetell, type FakeRetell } from '../../dev/fakes/retell/fake-retell.ts';
import type { CallRecord } from '../../dev/fakes/retell/types.ts';
import type { RecordingDeps } from '../../domain/recordings/fetch-recording.ts';
import type { ObjectStore } from '../../domain/shared/object-port.ts';
import { createGuardedFetch } from '../../outbound/guarded-fetch.ts';
import { type ApiWorld, ask, type Customer, dialOne, eventBody, signed } from './api.ts';
import { inventedPhone } from './world.ts';

const apiKey = 'key_of_recorded_calls';
export const silent = pino({ level: 'silent' });

/** A provider whose calls last two seconds, and are recorded. */
export interface Recorder {
  readonly fake: FakeRetell;
  readonly voice: VoiceProvider & CallRemover;
  /** A call of an account that was answered, ended and told; with `promise`'s dialogue. */
  record(api: ApiWorld, as: Customer, personId?: string): Promise<RecordedCall>;
  deps(api: ApiWorld, store: ObjectStore): RecordingDeps & { readonly logger: typeof silent };
  stop(): Promise<void>;
}

export interface RecordedCall {
  readonly attemptId: string;
  readonly contactId: string;
  readonly toNumber: string;
  readonly call: CallRecord;
}

export async function createRecorder(): Promise<Recorder> {
  const still = { min: 1, max: 1 };
  const fake = createFakeRetell({
    apiKey,
    outcomeMode: 'pattern',
    patterns: {},
    ringMs: still,
    talkMs: { min: 1_500, max: 1_500 },
    analysisMs: still,
    webhookRetryDelaysMs: [],
  });
  const baseUrl = await fake.start();
  const voice = createRetellProvider({ apiKey, baseUrl });
  return {
    fake,
    voice,
    async record(api, as, personId) {
      const toNumber = inventedPhone();
      fake.scriptOutcomes(toNumber, 'promise');
      const placed = await voice.placeCall(
        {
          attemptId: crypto.randomUUID(),
          accountId: as.accountId,
          batchId: crypto.randomUUID(),
          contactId: crypto.randomUUID(),
          fromNumber: '+566001234567',
          toNumber,
          agentId: 'agent',
          variables: {},
          ringMs: 5_000,
          maxCallMs: 60_000,
        },
        AbortSignal.timeout(30_000),
      );
      if (placed.kind !== 'placed') throw new Error(`the fake placed no call: ${placed.kind}`);
      const of = personId === undefined ? {} : { personId };
      const dialled = await dialOne(api.world, as.accountId, of, undefined, placed);
      const call = await fake.waitUntil(() =>
        fake.calls().find(({ callId, final }) => callId === placed.providerCallId && final),
      );
      const { transcript, transcript_object, recording_url, duration_ms } = call.call;
      const text = eventBody({
        accountId: as.accountId,
        call: { ...dialled, callId: placed.providerCallId },
        fields: { transcript, transcript_object, recording_url, duration_ms },
      });
      const path = `/api/v1/webhooks/retell/${as.accountId}`;
      const told = await ask(api.app, 'POST', path, { text, headers: signed(text) });
      if (told.status !== 200) throw new Error(`the webhook was refused: ${JSON.stringify(told.body)}`);
      return { attemptId: dialled.attemptId, contactId: dialled.contactId, toNumber, call };
    },
    deps: (api, store) => ({
      system: api.world.system,
      store,
      fetch: createGuardedFetch({ allowPrivate: true }),
      voice,
      hosts: ['127.0.0.1'],
      days: 90,
      logger: silent,
    }),
    stop: () => fake.stop(),
  };
}
