import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import { createFaultNotes } from './domain/shared/channel-health.ts';
import { notedProvider } from './domain/payments/noted-provider.ts';
import { notedSender } from './domain/messages/noted-sender.ts';
import { notedVoice } from './domain/calls/noted-voice.ts';
import { createBundledTools } from './domain/messages/bundled-tools.ts';
import { mailsIn } from './channels/mail/files.ts';
import { smtpAt } from './channels/mail/smtp.ts';
import { whatsAppAt } from './channels/whatsapp/whatsapp.ts';
import { openCharging } from './channels/charging.ts';
import { mercadoPagoAt } from './channels/mercadopago/mercado-pago.ts';
import { createActivities } from './activities/index.ts';
import { createRetellProvider } from './channels/retell/retell.ts';
import { type Config, readConfig, takeNoArguments } from './config.ts';
import { createDatabase, createPool } from './db/client.ts';
import { createCoreMetrics } from './observability/core.ts';
import { createLogger, runtimeLogger } from './observability/logger.ts';
import { createMetrics } from './observability/metrics.ts';
import { addDatabase, serveWatchers } from './observability/serve.ts';
import { batchTraces } from './observability/trace-rows.ts';
import { createTracing } from './observability/tracing.ts';
import { watchActivities, watchSignals, watchVoice } from './observability/watch.ts';
import { createGuardedFetch } from './outbound/guarded-fetch.ts';
import { createSecretBox, noSecretBox } from './outbound/secret-box.ts';
import { DEPLOYMENT_NAME } from './domain/temporal/deployments.ts';
import type { MailSender } from './domain/shared/mail-port.ts';
import { rehearsalVoice } from './domain/rehearsal/voice.ts';
import { registerSearchAttributes } from './domain/temporal/search-attributes.ts';
import { startFeedRelay } from './relay/feed.ts';
import { startAuditSealer } from './relay/audit-sealer.ts';
import { startCharging } from './relay/charging.ts';
import { startCallSweeper } from './relay/call-sweeper.ts';
import { startLineDispatchers } from './relay/line-dispatchers.ts';
import { listenForNews } from './relay/notifications.ts';
import { startLostRunSweeper } from './relay/lost-runs.ts';
import { startMessageSweeper } from './relay/message-sweeper.ts';
import { startRehearsalRemover } from './relay/expired-rehearsals.ts';
import { startAlerts } from './relay/alerts.ts';
import { startReportSummaries } from './relay/report-summaries.ts';
import { startProviderRemovals, startRecordingRelay } from './relay/recordings.ts';
import { startLeftoverSweeper } from './relay/stored-leftovers.ts';
import { startMailRelay } from './relay/mail-relay.ts';
import { startMonthMaker } from './relay/months.ts';
import { startPrivacyClock } from './relay/privacy-clock.ts';
import { startOutboxRelay } from './relay/outbox-relay.ts';
import { startWebhookRelay } from './relay/webhook-deliveries.ts';
import { openStore } from './storage/open.ts';
import { searchAttributes } from './domain/temporal/rules/search-attributes.ts';
import {
  maxCachedWorkflows,
  REHEARSAL_TASK_QUEUE,
  rehearsalCachedWorkflows,
  rehearsalSlots,
  TASK_QUEUE,
} from './domain/temporal/rules/task-queues.ts';

takeNoArguments(
  `Usage: npm run worker\n\n  One process: workflows, activities, and the loops behind them. Its settings are environment variables: docs/configuration.md`,
);
const config = readConfig(process.env);
const logger = createLogger('worker', config.logLevel);
const tracing = createTracing('tandas-worker', process.env);

const metrics = createMetrics();
const core = config.metricsPort === undefined ? undefined : await createCoreMetrics();
if (core !== undefined) metrics.addSource('temporal', core.read);

Runtime.install({
  ...(core === undefined ? {} : { telemetryOptions: core.telemetry }),
  logger: runtimeLogger(logger),
});

const connection = await Connection.connect(config.temporal.connection);
const client = new Client({ connection, namespace: config.temporal.namespace });
if (!(await registerSearchAttributes(connection, config.temporal.namespace)))
  logger.warn(
    { names: searchAttributes.map(({ name }) => name) },
    'search attributes cannot be registered from here: each must exist in the namespace, as a Keyword',
  );

const app = createDatabase({
  url: config.databaseUrl,
  role: 'tandas_app',
  maxConnections: 20,
  // An account whose contacts wait for one of its own locks would hold all of them. Its activities come again by themselves.
  share: { atOnce: 14, waiting: 1_000 },
});
const system = createDatabase({ url: config.databaseUrl, role: 'tandas_system', maxConnections: 6 });
// For COPY: as many as files are read at once.
const pool = createPool({ url: config.databaseUrl, role: 'tandas_app', maxConnections: 2 });
const news = listenForNews(config.databaseUrl);
addDatabase(metrics, system);
const provider = createRetellProvider({
  apiKey: config.retellApiKey,
  ...(config.retellBaseUrl === undefined ? {} : { baseUrl: config.retellBaseUrl }),
  ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
});
const watching = { metrics, logger, tracing, traceOfBatch: batchTraces(system) };
const faults = createFaultNotes({
  app,
  counted: (note, times) => metrics.channelFailures.inc({ ...note }, times),
  onError: (error) => logger.warn({ err: error }, 'failures of channels were not written'),
});
const voice = watchVoice(notedVoice(provider, faults.note), watching);

const secrets = config.secretsKey === undefined ? noSecretBox : createSecretBox(config.secretsKey);
const guardedFetch = createGuardedFetch({ allowPrivate: config.allowPrivateTargets });

/** A channel on this machine is one of ours, which reaches nobody. */
const isLocal = (url: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
const isSimulatedChannel = isLocal(config.whatsAppUrl);
const store = openStore(config.storage);
const { retellBaseUrl } = config;
const links = {
  app,
  secrets,
  publicUrl: config.publicUrl ?? `http://127.0.0.1:${config.apiPort}`,
  openPaymentProvider: notedProvider(mercadoPagoAt(config.mercadoPagoUrl), faults.note),
  openMessageSender: notedSender(whatsAppAt(config.whatsAppUrl), faults.note),
};
const actions = {
  ...links,
  guardedFetch,
  bundled: createBundledTools(links),
  noteFault: faults.note,
  simulatedChannel: isSimulatedChannel,
};

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

let isPolling = false;
// Before the worker: whoever waits for it can see that it lives and is not ready yet.
const watchers = await serveWatchers(config, metrics, {
  database: app,
  temporal: client,
  isServing: () => isPolling && !stop.signal.aborted,
});

const shared: Omit<WorkerOptions, 'taskQueue'> = {
  connection: await NativeConnection.connect(config.temporal.connection),
  namespace: config.temporal.namespace,
  // A contact lives for weeks, and goes on under newer code: its own version of the logic goes with it.
  ...(config.buildId === undefined
    ? {}
    : {
        workerDeploymentOptions: {
          version: { deploymentName: DEPLOYMENT_NAME, buildId: config.buildId },
          useWorkerVersioning: true,
          defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
        },
      }),
  // Once for both.
  workflowBundle: await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows/index.ts', import.meta.url)),
    logger: runtimeLogger(logger),
  }),
  activities: watchActivities(
    createActivities({
      app,
      system,
      client,
      voice,
      actions,
      simulatedVoice: rehearsalVoice(app),
      files: { pool, store, secrets },
    }),
    watching,
  ),
  // After a worker's death its workflows are offered to the others; ten seconds, the default, is a long silence.
  stickyQueueScheduleToStartTimeout: '5 s',
  shutdownGraceTime: '20 s',
};
// Both are this build's before either takes work: a deploy asks for every queue that the build before it had.
const rehearsing = await Worker.create({
  ...shared,
  taskQueue: REHEARSAL_TASK_QUEUE,
  maxCachedWorkflows: rehearsalCachedWorkflows,
  maxConcurrentWorkflowTaskExecutions: rehearsalSlots,
  maxConcurrentLocalActivityExecutions: rehearsalSlots,
  maxConcurrentActivityTaskExecutions: rehearsalSlots,
});
const worker = await Worker.create({ ...shared, taskQueue: TASK_QUEUE, maxCachedWorkflows });

const mailSender = openMailSender(config);
if (mailSender === undefined) logger.warn('mails wait: neither SMTP_URL nor MAIL_DIR is set');

const loops = [
  startOutboxRelay({
    app,
    system,
    client,
    taskQueue: TASK_QUEUE,
    news,
    logger,
    watched: watchSignals(watching),
  }),
  startLineDispatchers({ databaseUrl: config.databaseUrl, system, news, logger }),
  startFeedRelay({ databaseUrl: config.databaseUrl, system, logger }),
  startCallSweeper({ app, system, voice, logger }),
  startLostRunSweeper({ app, system, client, logger }),
  startMessageSweeper({ app, system, logger }),
  startCharging({
    app,
    system,
    providers: openCharging(config.charging, config.publicUrl).providers,
    news,
    logger,
  }),
  startMonthMaker({ system, logger }),
  startAuditSealer({ app, system, logger }),
  startReportSummaries({ app, system, logger }),
  startAlerts({ app, system, logger }),
  startPrivacyClock({ app, system, logger }),
  startRehearsalRemover({ system, logger }),
  startRecordingRelay({
    system,
    store,
    // A simulated provider has its recordings on this machine, and on its own host.
    fetch: createGuardedFetch({ allowPrivate: retellBaseUrl !== undefined && isLocal(retellBaseUrl) }),
    voice,
    hosts: [
      ...config.recordingHosts,
      ...(retellBaseUrl === undefined ? [] : [new URL(retellBaseUrl).hostname]),
    ],
    days: config.recordingDays,
    logger,
  }),
  startProviderRemovals({ system, voice: provider, logger }),
  startLeftoverSweeper({ system, store, logger }),
  ...(mailSender === undefined ? [] : [startMailRelay({ system, sender: mailSender, news, logger })]),
  startWebhookRelay({ system, fetch: guardedFetch, secrets, news, logger }),
];
logger.info('ready');
try {
  // SIGINT and SIGTERM end it gracefully: running activities finish, new ones go to another worker.
  const running = Promise.all([worker.run(), rehearsing.run()]);
  isPolling = true;
  await running;
} finally {
  isPolling = false;
  await Promise.all(loops.map((loop) => loop.stop()));
  await news.close();
  await watchers?.close();
  mailSender?.close();
  await faults.close();
  await tracing.shutdown();
  await Promise.all([app.destroy(), system.destroy(), pool.end()]);
  await connection.close();
}

function openMailSender({ smtpUrl, mailFrom, mailDir }: Config): MailSender | undefined {
  if (smtpUrl !== undefined) return smtpAt(smtpUrl, mailFrom);
  return mailDir === undefined ? undefined : mailsIn(mailDir, mailFrom);
}
