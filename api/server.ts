import { serve } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Client, Connection } from '@temporalio/client';
import { openCharging } from '../channels/charging.ts';
import { mercadoPagoAt } from '../channels/mercadopago/mercado-pago.ts';
import { readConfig, takeNoArguments } from '../config.ts';
import { createFaultNotes } from '../domain/shared/channel-health.ts';
import { notedProvider } from '../domain/payments/noted-provider.ts';
import { createDatabase } from '../db/client.ts';
import { createLogger } from '../observability/logger.ts';
import { createMetrics } from '../observability/metrics.ts';
import { serveWatchers } from '../observability/serve.ts';
import { createTracing } from '../observability/tracing.ts';
import { createSecretBox } from '../outbound/secret-box.ts';
import { createRetellProvider } from '../channels/retell/retell.ts';
import { verifyRetellFunction } from '../channels/retell/function.ts';
import { verifyRetellWebhook } from '../channels/retell/webhook.ts';
import { skippingClient } from '../domain/rehearsal/rehearsals.ts';
import { REHEARSAL_TASK_QUEUE, TASK_QUEUE } from '../domain/temporal/rules/task-queues.ts';
import { createSignIn } from '../identity/sign-in.ts';
import { openStore } from '../storage/open.ts';
import { listen } from '../db/listen.ts';
import { FEED_CHANNEL } from '../domain/shared/queries-feed.ts';
import { createApp } from './app.ts';
import { createFeed } from './events/feed.ts';
import { clientAddress } from './limits.ts';

takeNoArguments(
  `Usage: npm run api\n\n  One process: the HTTP API. Its settings are environment variables: docs/configuration.md`,
);
const config = readConfig(process.env);
const logger = createLogger('api', config.logLevel);
const tracing = createTracing('tandas-api', process.env);
const nowMs = (): number => Date.now();
const metrics = createMetrics();
let stopping = false;
const isServing = (): boolean => !stopping;

// Lazy: the API answers (and /health says what fails) while Temporal is away.
const connection = Connection.lazy(config.temporal.connection);
// Apart from the other: what is started through it lives in virtual time.
const skippingConnection = Connection.lazy(config.temporal.connection);
const temporal = new Client({ connection, namespace: config.temporal.namespace });
const app = createDatabase({
  url: config.databaseUrl,
  role: 'tandas_app',
  maxConnections: 16,
  share: { atOnce: 6, waiting: 1_000 },
});
const voice = createRetellProvider({
  apiKey: config.retellApiKey,
  readTimeoutMs: 5_000,
  ...(config.retellBaseUrl === undefined ? {} : { baseUrl: config.retellBaseUrl }),
});

const faults = createFaultNotes({
  app,
  counted: (note, times) => metrics.channelFailures.inc({ ...note }, times),
  onError: (error) => logger.warn({ err: error }, 'failures of channels were not written'),
});

const baseUrl = config.publicUrl ?? `http://127.0.0.1:${config.apiPort}`;
const signIn =
  config.secretsKey === undefined
    ? undefined
    : createSignIn({
        databaseUrl: config.databaseUrl,
        secretsKey: config.secretsKey,
        baseUrl,
        onError: (message, err) => logger.warn({ err }, `sign-in: ${message}`),
      });

const feed = createFeed({
  app,
  nowMs,
  onError: (error) => logger.warn({ err: error }, 'events were not read'),
});
// One connection for all streams of this process.
const news = listen(config.databaseUrl, [FEED_CHANNEL], (_channel, accountId) => feed.news(accountId));

const { fetch } = createApp({
  app,
  store: openStore(config.storage),
  temporal,
  skipping: skippingClient(skippingConnection, config.temporal.namespace),
  taskQueue: TASK_QUEUE,
  rehearsalTaskQueue: REHEARSAL_TASK_QUEUE,
  voice,
  verifyWebhook: (rawBody, signature) =>
    verifyRetellWebhook(rawBody, signature, config.retellApiKey, nowMs()),
  verifyFunction: (rawBody, signature) =>
    verifyRetellFunction(rawBody, signature, config.retellApiKey, nowMs()),
  ...(config.secretsKey === undefined ? {} : { secrets: createSecretBox(config.secretsKey) }),
  ...(signIn === undefined ? {} : { people: { signIn, baseUrl } }),
  openPaymentProvider: notedProvider(mercadoPagoAt(config.mercadoPagoUrl), faults.note),
  charging: openCharging(config.charging, config.publicUrl),
  noteFault: faults.note,
  feed,
  targets: { allowPrivate: config.allowPrivateTargets },
  limits: { perKeyPerSecond: config.keyRate, perAddressPerSecond: config.addressRate },
  addressOf: (c) =>
    clientAddress(getConnInfo(c).remote.address, c.req.header('x-forwarded-for'), config.trustedProxies),
  publicUrl: baseUrl,
  logger,
  metrics,
  tracing,
  isServing,
  nowMs,
});
const watchers = await serveWatchers(config, metrics, { database: app, temporal, isServing });

const server = serve({ fetch, hostname: config.apiHost, port: config.apiPort }, ({ port }) => {
  logger.info({ port }, 'ready');
});
server.on('error', (error) => {
  logger.fatal({ err: error }, 'the API cannot listen');
  process.exit(1);
});

/** Longest wait for requests that are under way: what is not answered by then is repeated by whoever asked. */
const graceMs = 10_000;

function stop(signal: NodeJS.Signals): void {
  if (stopping) return;
  stopping = true;
  logger.info({ signal }, 'stopping');
  setTimeout(() => process.exit(0), graceMs).unref();
  // They would last as long as their clients do.
  feed.close();
  server.close(() => void release());
  // Kept-alive connections without a request would hold the server open until the grace is over.
  if ('closeIdleConnections' in server) server.closeIdleConnections();
}

async function release(): Promise<void> {
  await faults.close();
  await Promise.allSettled([
    watchers?.close(),
    news.close(),
    tracing.shutdown(),
    signIn?.close(),
    app.destroy(),
    connection.close(),
    skippingConnection.close(),
  ]);
  process.exit(0);
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);
