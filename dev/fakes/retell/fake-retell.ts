/**
 * A voice provider that behaves like Retell, for tests, the demo and rehearsals: Retell has no sandbox, and every call
 * at it rings and bills (facts/voice.md §1.9). In-process: `createFakeRetell(options)`, `start()`, `stop()`. As a
 * process of its own: `server.ts`. How to use it: README.md.
 */
import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createCallEngine } from './calls.ts';
import { controlRoutes } from './control.ts';
import { createFaults } from './faults.ts';
import type { ActiveFault, Fault } from './faults.ts';
import { resolveOptions } from './options.ts';
import type { FakeRetellOptions } from './options.ts';
import type { OutcomeScript } from './outcomes.ts';
import { isFinal, toCallRecord } from './present.ts';
import { openRecordBook } from './record.ts';
import { retellRoutes } from './routes.ts';
import type { Bindings } from './routes.ts';
import type { CallRecord, PostRecord, WebhookRecord } from './types.ts';
import { createOutbound } from './webhooks.ts';

export interface FakeRetell {
  /** Listens and takes up the calls of the state file. Port 0 takes a free one. Returns the base URL. */
  start(port?: number, host?: string): Promise<string>;
  /** Closes every connection and forgets nothing: with a state file the next fake goes on where this one stopped. */
  stop(): Promise<void>;
  baseUrl(): string;
  posts(): readonly PostRecord[];
  calls(): readonly CallRecord[];
  webhooks(): readonly WebhookRecord[];
  /** Calls that hold a line now. */
  running(): number;
  addFault(fault: Fault): ActiveFault;
  clearFaults(): void;
  faults(): readonly ActiveFault[];
  /** What happens to the calls to one number, in order, the last one repeating. */
  scriptOutcomes(toNumber: string, outcomes: OutcomeScript): void;
  setWebhookUrl(url: string | undefined): void;
  setFunctionUrl(url: string | undefined): void;
  /** Resolves with the first truthy answer, asked now and after each thing that happens. Never polls. */
  waitUntil<T>(question: (fake: FakeRetell) => T): Promise<NonNullable<T>>;
  /** Nothing runs and nothing is on its way. */
  idle(): Promise<void>;
}

export function createFakeRetell(options: FakeRetellOptions): FakeRetell {
  const settings = resolveOptions(options);
  const book = openRecordBook(settings.stateFile);
  const faults = createFaults();
  const scripts = new Map<string, OutcomeScript>();
  const stop = new AbortController();
  // One listener for each request that is held and each question that waits.
  setMaxListeners(0, stop.signal);
  const outbound = createOutbound({ settings, book, faults, stopping: stop.signal });
  const engine = createCallEngine({ settings, book, outbound, scripts });
  const app = new Hono<Bindings>();
  app.route('/_fake', controlRoutes({ book, faults, scripts }));
  app.route('/', retellRoutes({ settings, book, faults, engine, stopping: stop.signal }));
  const server = createAdaptorServer({ fetch: app.fetch, createServer }) as Server;
  let url: string | undefined;

  const fake: FakeRetell = {
    async start(port = 0, host = '127.0.0.1') {
      url = await listen(server, port, host);
      settings.mediaUrl = url;
      engine.resume();
      outbound.resendOwed();
      return url;
    },
    async stop() {
      engine.halt();
      stop.abort();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    baseUrl() {
      if (url === undefined) throw new Error('the fake has not been started');
      return url;
    },
    posts: () => [...book.posts.values()],
    calls: () => [...book.calls.values()].map(toCallRecord),
    webhooks: () => book.webhooks,
    running: () => engine.running(),
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    faults: () => faults.list(),
    scriptOutcomes: (toNumber, outcomes) => void scripts.set(toNumber, outcomes),
    setWebhookUrl: (next) => void (settings.webhookUrl = next),
    setFunctionUrl: (next) => void (settings.functionUrl = next),
    waitUntil(question) {
      return new Promise((resolve, reject) => {
        const ask = () => {
          const answer = question(fake);
          if (answer === null || answer === undefined || answer === false) return;
          stopListening();
          resolve(answer);
        };
        const stopListening = book.onChange(ask);
        stop.signal.addEventListener('abort', () => reject(new Error('the fake was stopped')), {
          once: true,
        });
        ask();
      });
    },
    async idle() {
      await fake.waitUntil(() => [...book.calls.values()].every(isFinal) && outbound.isSettled());
    },
  };
  return fake;
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake did not get a port');
  return `http://${host}:${String(address.port)}`;
}
