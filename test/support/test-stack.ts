import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrateToLatest } from '../../db/migrate.ts';
import { Guardian } from '../../dev/stack/guardian.ts';
import { freePorts } from '../../dev/stack/ports.ts';
import { ensureDatabase, postgresService, postgresUrl } from '../../dev/stack/postgres.ts';
import { removeData } from '../../dev/stack/postgres-place.ts';
import { Service, type ServiceSpec } from '../../dev/stack/service.ts';
import { findTemporal } from '../../dev/stack/temporal-binary.ts';
import { ensureNamespace, temporalServices } from '../../dev/stack/temporal-server.ts';
import { terminalProgress } from '../../dev/stack/terminal.ts';
import type { Servers } from './servers.ts';

const TEMPLATE_DATABASE = 'tandas_test_template';
const NAMESPACE = 'default';

export interface StackOptions {
  readonly postgres: boolean;
  readonly temporal: boolean;
  /** Commits reach the disk, as in production: a benchmark without that flatters whoever commits most. */
  readonly durable: boolean;
}

export interface TestStack {
  readonly servers: Servers;
  stop(): Promise<void>;
}

/** Servers of a run's own. What was not asked for has an empty address. */
export async function startTestStack(options: StackOptions): Promise<TestStack> {
  const dir = await mkdtemp(join(tmpdir(), 'tandas-test-'));
  // mkdtemp closes the folder to others, and PostgreSQL runs as another user when we are root.
  await chmod(dir, 0o755);
  const guardian = new Guardian();
  const running: Service[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((service) => service.stop()));
    guardian.dismiss();
    await removeData(join(dir, 'postgres'));
    await rm(dir, { recursive: true, force: true });
  };
  const start = async (spec: ServiceSpec): Promise<void> => {
    const service = new Service(spec, { onStarted: (_, pid) => guardian.watch(pid, spec.stopSignal) });
    running.push(service);
    await service.start({ restart: false });
  };
  try {
    const database = options.postgres ? startPostgres(dir, start, options.durable) : Promise.resolve('');
    const temporal = options.temporal ? startTemporal(dir, start) : Promise.resolve('');
    // Both to their end, also when one fails: what still starts cannot be stopped.
    await Promise.allSettled([database, temporal]);
    const servers = {
      adminDatabaseUrl: await database,
      templateDatabase: TEMPLATE_DATABASE,
      temporalAddress: await temporal,
      temporalNamespace: NAMESPACE,
      bundleDir: dir,
    };
    return { servers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (spec: ServiceSpec) => Promise<void>;

async function startPostgres(dir: string, start: Start, durable: boolean): Promise<string> {
  const named = process.env['TEST_DATABASE_URL'];
  const [port = 0] = await freePorts(1);
  const adminUrl = named ?? postgresUrl(port, 'postgres');
  if (named === undefined) {
    const logFile = join(dir, 'logs', 'postgres.log');
    await start(postgresService({ dataDir: join(dir, 'postgres'), port, logFile, throwaway: !durable }));
  }
  await makeTemplate(adminUrl);
  return adminUrl;
}

/** Migrated once a run; each test file gets a copy, which takes a tenth of the time. */
async function makeTemplate(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`drop database if exists ${TEMPLATE_DATABASE} with (force)`);
  } finally {
    await client.end();
  }
  await ensureDatabase(adminUrl, TEMPLATE_DATABASE);
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE_DATABASE}`;
  await migrateToLatest(url.href);
}

/** The developer's own TEMPORAL_ADDRESS is not used: tests need time skipping, and leave thousands of workflows. */
async function startTemporal(dir: string, start: Start): Promise<string> {
  const env = { ...process.env, TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] };
  const source = await findTemporal({ env, progress: terminalProgress() });
  if (source.kind === 'address') {
    await ensureNamespace(source.address, NAMESPACE);
    return source.address;
  }
  const [port = 0] = await freePorts(1);
  const options = { source, profile: 'test', dir: join(dir, 'temporal'), logDir: join(dir, 'logs') } as const;
  for (const spec of temporalServices({ ...options, port, namespace: NAMESPACE })) await start(spec);
  return `127.0.0.1:${port}`;
}
