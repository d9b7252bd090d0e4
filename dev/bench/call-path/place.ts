import { tmpdir } from 'node:os';
import { createFileStore } from '../../../storage/files.ts';
import { serve } from '@hono/node-server';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../../../activities/index.ts';
import { createApp } from '../../../api/app.ts';
import { mercadoPagoAt } from '../../../channels/mercadopago/mercado-pago.ts';
import { createRetellProvider } from '../../../channels/retell/retell.ts';
import { verifyRetellWebhook } from '../../../channels/retell/webhook.ts';
import type { VoiceProvider } from '../../../domain/calls/voice-port.ts';
import { liveKey } from '../../../test/support/live-world.ts';
import { workflowBundle } from '../../../test/support/temporal.ts';
import { bundlePath, createWorld, type World } from '../../../test/support/world.ts';
import { createFakeRetell, type FakeRetell } from '../../fakes/retell/fake-retell.ts';
import type { Phase, StatementCounter } from './count.ts';

/**
 * The product's parts on the real servers, without the loops that look for work: every step is begun by whoever walks
 * the path, once and when it is due, so that no idle poll is counted as part of a call.
 */
export interface Place {
  readonly world: World;
  readonly fake: FakeRetell;
  /** Events of the provider that have come and are held back, in their order. */
  held(): readonly string[];
  /** Lets the held events in, one after the other. */
  release(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  readonly event: string;
  /** Hands it to the product and waits for the answer. */
  let(): Promise<void>;
}

const order = ['call_started', 'call_ended', 'call_analyzed'];

/** Which step of a call an activity is. What is not named belongs to no call's path. */
const phaseOfActivity: Readonly<Record<string, Phase>> = {
  dial: 'gate',
  requestLine: 'turn',
  holdContact: 'turn',
  closeContact: 'turn',
};

export async function createPlace(counter: StatementCounter): Promise<Place> {
  const world = await createWorld({ rehearsal: false, capacity: 40 });
  const fake = createFakeRetell({
    apiKey: liveKey,
    outcomeMode: 'pattern',
    timeScale: 0.01,
    ringMs: { min: 0, max: 0 },
    talkMs: { min: 1_000, max: 1_000 },
    analysisMs: { min: 0, max: 0 },
    registeredInEndedShare: 0,
    webhookTimeoutMs: 120_000,
  });
  const voice = createRetellProvider({ apiKey: liveKey, baseUrl: await fake.start() });
  const held: Held[] = [];
  const stopApi = await serveApi(world, { fake, voice, counter, held });
  const worker = await startWorker(world, voice, counter);
  return {
    world,
    fake,
    held: () => held.map(({ event }) => event),
    async release() {
      const now = held
        .splice(0)
        .toSorted((one, other) => order.indexOf(one.event) - order.indexOf(other.event));
      for (const one of now) await one.let();
    },
    async close() {
      worker.shutdown();
      await worker.running;
      await fake.stop();
      await stopApi();
      await world.close();
    },
  };
}

interface Doors {
  readonly fake: FakeRetell;
  readonly voice: VoiceProvider;
  readonly counter: StatementCounter;
  readonly held: Held[];
}

/** The API behind a door that holds the provider's events until the dial that they are about is over. */
async function serveApi(world: World, { fake, voice, counter, held }: Doors): Promise<() => Promise<void>> {
  const { fetch } = createApp({
    app: world.app,
    // Nobody uploads here.
    store: createFileStore(tmpdir()),
    temporal: world.temporal.client,
    skipping: world.skipping,
    taskQueue: world.taskQueue,
    voice,
    openPaymentProvider: mercadoPagoAt(undefined),
    verifyWebhook: (rawBody, signature) => verifyRetellWebhook(rawBody, signature, liveKey),
    logger: pino({ level: 'silent' }),
    nowMs: () => Date.now(),
  });
  const door = async (request: Request): Promise<Response> => {
    const body = await request.clone().text();
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    held.push({
      event: eventOf(body),
      async let() {
        const answering = counter.within('end', async () => fetch(request));
        answering.then(resolve, reject);
        const { status } = await answering;
        if (status !== 200 && status !== 204) throw new Error(`${eventOf(body)} was answered ${status}`);
      },
    });
    return promise;
  };
  const server = serve({ fetch: door, hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the API did not get a port');
  fake.setWebhookUrl(`http://127.0.0.1:${address.port}/api/v1/webhooks/retell/{account_id}`);
  return async () => {
    await new Promise((resolve) => server.close(resolve));
  };
}

function eventOf(body: string): string {
  const parsed: unknown = JSON.parse(body);
  return typeof parsed === 'object' && parsed !== null && 'event' in parsed
    ? String(parsed.event)
    : 'unknown';
}

async function startWorker(
  world: World,
  voice: VoiceProvider,
  counter: StatementCounter,
): Promise<{ readonly running: Promise<void>; shutdown(): void }> {
  const { app, system, temporal, taskQueue } = world;
  const activities = createActivities({
    app,
    system,
    client: temporal.client,
    voice: {
      ...voice,
      // What comes after the POST is the dial's own; what was before it is its gate.
      placeCall(request, signal) {
        counter.passInto('dial');
        return voice.placeCall(request, signal);
      },
    },
  });
  const counted = Object.entries(activities).map(
    ([name, run]) =>
      [
        name,
        (...args: never[]) => counter.within(phaseOfActivity[name] ?? 'other', () => run(...args)),
      ] as const,
  );
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    workflowBundle: await workflowBundle(bundlePath),
    activities: Object.fromEntries(counted),
  });
  const running = worker.run();
  return { running, shutdown: () => worker.shutdown() };
}
