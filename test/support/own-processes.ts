import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createDatabase } from '../../db/client.ts';
import { nodeService, projectScripts } from '../../dev/stack/app-services.ts';
import { freePorts } from '../../dev/stack/ports.ts';
import { ensureDatabase, postgresService, postgresUrl } from '../../dev/stack/postgres.ts';
import { removeData } from '../../dev/stack/postgres-place.ts';
import { Service, type ServiceSpec } from '../../dev/stack/service.ts';
import { ensureNamespace } from '../../dev/stack/temporal-server.ts';
import { createFakeRetell, type FakeRetell } from '../../dev/fakes/retell/fake-retell.ts';
import type { FakeRetellOptions } from '../../dev/fakes/retell/options.ts';
import { createApiKey } from '../../domain/accounts/accounts.ts';
import { setUp } from '../../domain/accounts/setup.ts';
import { demoPolicy, type Policy } from '../../domain/policy/rules/policy.ts';
import { until } from './live-world.ts';
import { newAccount, usd } from './world.ts';

export type Part = 'postgres' | 'worker' | 'api';

/** The product's own processes on a PostgreSQL of their own, which a test may stop; the provider is in this process. */
export interface OwnProcesses {
  readonly databaseUrl: string;
  readonly voiceKey: string;
  /** What worker, API and commands are started with. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly apiUrl: string;
  /** Where worker and API show themselves to watchers. */
  readonly workerWatchUrl: string;
  readonly apiWatchUrl: string;
  readonly accountId: string;
  readonly apiKey: string;
  readonly poolId: string;
  readonly fake: FakeRetell;
  pidOf(part: Part): number;
  start(part: Part): Promise<void>;
  stop(part: Part): Promise<void>;
  /** PostgreSQL's folder is gone; a new, empty server is in its place. Worker and API must be stopped. */
  loseDatabase(): Promise<void>;
  /** Its namespace is gone; what is started from here on uses a new one. */
  loseTemporal(): Promise<void>;
  /** Everything that the processes have said so far. */
  logs(): Promise<string>;
  close(): Promise<void>;
}

export interface OwnProcessesOptions {
  readonly fake?: Partial<FakeRetellOptions>;
  /** For worker and API. */
  readonly env?: NodeJS.ProcessEnv;
}

const key = 'key_of_own_processes';

/** The demo's rules with waves a quarter of a minute apart: a batch comes to its end while somebody waits for a test. */
export const quickWaves: Policy = {
  ...demoPolicy,
  key: 'quick-waves',
  version: 1,
  schedule: { mode: 'interval', firstAfterMs: 1_000, everyMs: 15_000, windowMs: 14_500 },
  technicalRetryMs: 2_000,
  noAnswerRetryMs: 2_000,
};

export async function startOwnProcesses(options: OwnProcessesOptions = {}): Promise<OwnProcesses> {
  const dir = await mkdtemp(join(tmpdir(), 'tandas-own-'));
  // PostgreSQL runs as another user when we are root, and has to get through.
  await chmod(dir, 0o755);
  const logDir = join(dir, 'logs');
  const [pgPort = 0, apiPort = 0, workerWatch = 0, apiWatch = 0, mcpPort = 0] = await freePorts(5);
  const databaseUrl = postgresUrl(pgPort, 'tandas');
  const running = new Map<Part, Service>();
  const fake = createFakeRetell({ apiKey: key, timeScale: 0.02, ...options.fake });
  const voiceUrl = await fake.start();
  const webhooks = `http://127.0.0.1:${apiPort}/api/v1/webhooks/retell/{account_id}`;
  fake.setWebhookUrl(webhooks);
  // An agent that asks nobody promises what no stage allows.
  fake.setFunctionUrl(`${webhooks}/functions`);
  const env: Record<string, string | undefined> = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: await newNamespace(),
    RETELL_API_KEY: key,
    RETELL_BASE_URL: voiceUrl,
    API_HOST: '127.0.0.1',
    API_PORT: String(apiPort),
    MCP_PORT: String(mcpPort),
    WHATSAPP_BASE_URL: 'http://127.0.0.1:1',
    MERCADOPAGO_BASE_URL: 'http://127.0.0.1:1',
    STORAGE_DIR: join(dir, 'storage'),
    ...options.env,
  };
  let dataDir = join(dir, 'postgres');
  const process = (name: 'worker' | 'api', watchPort: number, stopWithinMs: number): ServiceSpec => {
    const own = { ...env, METRICS_PORT: String(watchPort) };
    return nodeService({ name, script: projectScripts[name], env: own, logDir, stopWithinMs });
  };
  const specs: Readonly<Record<Part, () => ServiceSpec>> = {
    postgres: () =>
      postgresService({ dataDir, port: pgPort, logFile: join(logDir, 'postgres.log'), throwaway: true }),
    worker: () => process('worker', workerWatch, 30_000),
    api: () => process('api', apiWatch, 15_000),
  };
  const start = async (part: Part): Promise<void> => {
    const service = new Service(specs[part]());
    running.set(part, service);
    await service.start({ restart: false });
  };
  const stop = async (part: Part): Promise<void> => {
    await running.get(part)?.stop();
    running.delete(part);
  };
  const stopAll = async (): Promise<void> => {
    await stop('api');
    await stop('worker');
    await fake.stop();
    await stop('postgres');
    await removeData(dataDir);
    await rm(dir, { recursive: true, force: true });
  };
  const startAll = async () => {
    await start('postgres');
    await ensureDatabase(postgresUrl(pgPort, 'postgres'), 'tandas');
    const account = await makeAccount(databaseUrl);
    await Promise.all([start('worker'), start('api')]);
    return account;
  };
  // Nobody else stops what did start: it would eat a processor until the machine goes down.
  const made = await startAll().catch(async (error: unknown) => {
    await stopAll();
    throw error;
  });
  return {
    databaseUrl,
    voiceKey: key,
    env,
    apiUrl: `http://127.0.0.1:${apiPort}`,
    workerWatchUrl: `http://127.0.0.1:${workerWatch}`,
    apiWatchUrl: `http://127.0.0.1:${apiWatch}`,
    ...made,
    fake,
    pidOf: (part) => {
      const pid = running.get(part)?.pid;
      if (pid === undefined) throw new Error(`${part} does not run`);
      return pid;
    },
    start,
    stop,
    loseDatabase: async () => {
      await stop('postgres');
      await removeData(dataDir);
      dataDir = join(dir, 'postgres-elsewhere');
      await start('postgres');
      await ensureDatabase(postgresUrl(pgPort, 'postgres'), 'tandas');
    },
    loseTemporal: async () => {
      env['TEMPORAL_NAMESPACE'] = await newNamespace();
    },
    logs: async () => {
      const names = (await readdir(logDir)).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(logDir, name), 'utf8')));
      return texts.join('\n');
    },
    close: stopAll,
  };
}

/** A server learns of a new namespace from its cache: for some seconds it is there and not found. */
async function newNamespace(): Promise<string> {
  const namespace = `own-${randomUUID().slice(0, 8)}`;
  await until(`the namespace ${namespace}`, () =>
    ensureNamespace(inject('temporalAddress'), namespace).then(
      () => true,
      () => false,
    ),
  );
  return namespace;
}

async function makeAccount(
  databaseUrl: string,
): Promise<Pick<OwnProcesses, 'accountId' | 'apiKey' | 'poolId'>> {
  const { poolId } = await setUp(databaseUrl, {
    key: 'retell',
    simulated: true,
    fromNumber: '+566001234567',
    agentId: 'agent_test',
    capacity: 10,
    callsPerSecond: 50,
  });
  const app = createDatabase({ url: databaseUrl, role: 'tandas_app', maxConnections: 2 });
  const owner = createDatabase({ url: databaseUrl, maxConnections: 1 });
  try {
    const { key: policyKey, version } = quickWaves;
    const definition = JSON.stringify(quickWaves);
    await owner
      .insertInto('catalogue.policy_version')
      .values({ key: policyKey, version, definition })
      .execute();
    const accountId = await newAccount(app, poolId, 100n * usd);
    return {
      poolId,
      accountId,
      apiKey: await createApiKey(app, { accountId, label: 'test', role: 'account' }),
    };
  } finally {
    await Promise.all([app.destroy(), owner.destroy()]);
  }
}
