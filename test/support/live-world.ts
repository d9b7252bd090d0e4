import { tmpdir } from 'node:os';
import { createFileStore } from '../../storage/files.ts';
import { serve } from '@hono/node-server';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { mercadoPagoAt } from '../../channels/mercadopago/mercado-pago.ts';
import { createActivities } from '../../activities/index.ts';
import { createApp } from '../../api/app.ts';
import { createFakeRetell, type FakeRetell } from '../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetellOptions } from '../../dev/fakes/retell/options.ts';
import { startCallSweeper } from '../../relay/call-sweeper.ts';
import { listenForNews } from '../../relay/notifications.ts';
import { startOutboxRelay } from '../../relay/outbox-relay.ts';
import { demoPolicy, type Policy } from '../../domain/policy/rules/policy.ts';
import { callTiming, type CallTiming } from '../../domain/lines/rules/timing.ts';
import { maxCachedWorkflows } from '../../domain/temporal/rules/task-queues.ts';
import type { VoiceProvider } from '../../domain/calls/voice-port.ts';
import { createRetellProvider } from '../../channels/retell/retell.ts';
import { verifyRetellFunction } from '../../channels/retell/function.ts';
import { verifyRetellWebhook } from '../../channels/retell/webhook.ts';
import type { contact } from '../../workflows/contact/workflow.ts';
import { startLineDispatchers } from '../../relay/line-dispatchers.ts';
import { workflowBundle } from './temporal.ts';
import {
  bundlePath,
  createBatch,
  createWorld,
  type MadeBatch,
  type NewPerson,
  startContact,
  type World,
} from './world.ts';

export const liveKey = 'key_of_the_live_tests';

/** A call lasts a twenty-fifth of what its caller asked for. */
const scale = 0.04;

/** The product's spans, as much shorter as the provider's calls are. */
export const shortTiming: CallTiming = {
  ...callTiming,
  // Thirty contacts that begin at once on a busy machine of two cores still dial inside it.
  dialWindowMs: 4_000,
  firstCheckMs: 4_500,
  callScale: scale,
  giveUpAfterMs: 1_000,
  analysisPatienceMs: 1_000,
  nextCheckMs: 200,
  runningCheckMs: 400,
  lateMs: 20_000,
  lateCheckMs: 500,
  sweepIdleMs: 100,
  sweepAgainMs: 1_000,
};

/** Waves a few seconds apart: long enough for a look-up (5 s after the dial) to fall between two of them. */
export const shortWaves: Policy = {
  ...demoPolicy,
  key: 'short-waves',
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 12_000, windowMs: 11_500 },
  maxAttempts: 2,
  technicalRetryMs: 300,
};

/** Real server, real database, real clock: the fake provider, the worker's parts and the API in this process. */
export interface LiveWorld {
  readonly world: World;
  readonly fake: FakeRetell;
  readonly voice: VoiceProvider;
  /** Where the API listens. */
  readonly apiUrl: string;
  close(): Promise<void>;
}

export interface LiveOptions {
  readonly fake?: Partial<FakeRetellOptions>;
  readonly capacity?: number;
  /** Agents call our functions. Default: they only talk. */
  readonly functions?: boolean;
  /** False: the test runs its own worker. */
  readonly worker?: boolean;
  /** More workflows than the product's: the entry of another bundle, which has those as well. */
  readonly workflowsPath?: string;
  /** Default: the short spans of tests. */
  readonly timing?: CallTiming;
  /** What the worker uses instead of the adapter as it is. */
  readonly wrapVoice?: (voice: VoiceProvider) => VoiceProvider;
}

export async function createLiveWorld(options: LiveOptions = {}): Promise<LiveWorld> {
  const world = await createWorld({ rehearsal: false, capacity: options.capacity ?? 40 });
  await storePolicy(world, shortWaves);
  const fake = createFakeRetell({
    apiKey: liveKey,
    outcomeMode: 'pattern',
    timeScale: scale,
    ringMs: { min: 500, max: 1_500 },
    talkMs: { min: 1_000, max: 4_000 },
    analysisMs: { min: 500, max: 1_500 },
    webhookRetryDelaysMs: [50, 100, 200],
    concurrencyLimit: 100,
    ...options.fake,
  });
  const voice = createRetellProvider({ apiKey: liveKey, baseUrl: await fake.start() });
  const api = await serveApi(world, fake, voice, options.functions === true);
  const stopWorker =
    options.worker === false
      ? undefined
      : await runWorker(world, options.wrapVoice?.(voice) ?? voice, options);
  return {
    world,
    fake,
    voice,
    apiUrl: api.url,
    async close() {
      await stopWorker?.();
      await fake.stop();
      await api.stop();
      await world.close();
    },
  };
}

/** A version of a policy of the tests' own. */
export async function storePolicy(world: World, policy: Policy): Promise<void> {
  const { key, version } = policy;
  await world.owner
    .insertInto('catalogue.policy_version')
    .values({ key, version, definition: JSON.stringify(policy) })
    .execute();
}

async function serveApi(
  world: World,
  fake: FakeRetell,
  voice: VoiceProvider,
  withFunctions: boolean,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { fetch } = createApp({
    app: world.app,
    // Nobody uploads here.
    store: createFileStore(tmpdir()),
    temporal: world.temporal.client,
    skipping: world.skipping,
    taskQueue: world.taskQueue,
    voice,
    verifyWebhook: (rawBody, signature) => verifyRetellWebhook(rawBody, signature, liveKey),
    verifyFunction: (rawBody, signature) => verifyRetellFunction(rawBody, signature, liveKey),
    openPaymentProvider: mercadoPagoAt(undefined),
    logger: pino({ level: 'silent' }),
    nowMs: () => Date.now(),
  });
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the API did not get a port');
  const url = `http://127.0.0.1:${address.port}`;
  const webhooks = `${url}/api/v1/webhooks/retell/{account_id}`;
  fake.setWebhookUrl(webhooks);
  if (withFunctions) fake.setFunctionUrl(`${webhooks}/functions`);
  return {
    url,
    async stop() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What worker.ts puts together, with short spans. */
async function runWorker(
  world: World,
  voice: VoiceProvider,
  { workflowsPath = bundlePath, timing = shortTiming }: LiveOptions,
): Promise<() => Promise<void>> {
  const { app, system, temporal, taskQueue } = world;
  const { client } = temporal;
  const news = listenForNews(world.url);
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: await workflowBundle(workflowsPath),
    activities: createActivities({
      app,
      system,
      client,
      voice,
      timing,
    }),
    maxCachedWorkflows,
  });
  const running = worker.run();
  const logger = pino({ level: 'silent' });
  const loops = [
    startOutboxRelay({ app, system, client, taskQueue, news, logger }),
    startLineDispatchers({ databaseUrl: world.url, system, news, logger }),
    startCallSweeper({ app, system, voice, logger, timing }),
  ];
  return async () => {
    worker.shutdown();
    await running;
    await Promise.all(loops.map((loop) => loop.stop()));
    await news.close();
  };
}

/** One person in a live batch, and the workflow that calls them. */
export interface Called {
  readonly accountId: string;
  readonly batch: MadeBatch;
  readonly contactId: string;
  readonly phones: readonly string[];
  readonly handle: WorkflowHandle<typeof contact>;
}

export interface CallOptions extends Omit<NewPerson, 'phones'> {
  readonly accountId?: string;
  readonly phones?: readonly string[];
  readonly policy?: Policy;
}

/** A live batch of people whose calendar begins now. Its policy is `shortWaves`, or one that `storePolicy` knows. */
export async function createLiveBatch(
  world: World,
  accountId: string,
  people: readonly NewPerson[],
  policy: Policy = shortWaves,
): Promise<MadeBatch> {
  const openedAt = new Date();
  const made = { accountId, mode: 'live', policy: 'demo', pack: 'demo', people, openedAt } as const;
  const batch = await createBatch(world, made);
  await world.owner
    .updateTable('core.batch')
    .set({ policy_key: policy.key, policy_version: policy.version })
    .where('id', '=', batch.batchId)
    .execute();
  return batch;
}

/** Starts the workflow of one new person. */
export async function callOne({ world }: LiveWorld, options: CallOptions = {}): Promise<Called> {
  const { accountId = world.accountId, policy, phones = [phoneEnding('00')], ...person } = options;
  const batch = await createLiveBatch(world, accountId, [{ ...person, phones }], policy);
  const contactId = batch.contacts[0]?.contactId ?? '';
  const handle = await startContact(world, world.temporal.client, batch, accountId);
  return { accountId, batch, contactId, phones, handle };
}

let numbers = 0;

/** An invented number that ends like this: its last two digits say what happens to its calls. */
export function phoneEnding(digits: string): string {
  numbers += 1;
  return `+5696${String(numbers).padStart(5, '0')}${digits}`;
}

const pollMs = 50;

/** Polls until the answer is truthy. The bound only ends a test that hangs: nothing is measured by it. */
export async function until<T>(
  what: string,
  question: () => Promise<T>,
  boundMs = 60_000,
): Promise<NonNullable<T>> {
  const endMs = Date.now() + boundMs;
  for (;;) {
    const answer = await question();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > endMs) throw new Error(`waited ${boundMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The stages that ship, for a batch that was made without. */
export async function storeNegotiationOf(world: World, batchId: string, key: string): Promise<void> {
  const { id } = await world.owner
    .selectFrom('catalogue.negotiation')
    .select('id')
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  await world.owner.updateTable('core.batch').set({ negotiation_id: id }).where('id', '=', batchId).execute();
}
