import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateToLatest } from '../../db/migrate.ts';
import { Guardian } from '../../dev/stack/guardian.ts';
import { freePorts } from '../../dev/stack/ports.ts';
import { ensureDatabase, postgresService, postgresUrl } from '../../dev/stack/postgres.ts';
import { removeData } from '../../dev/stack/postgres-place.ts';
import { Service, type ServiceSpec } from '../../dev/stack/service.ts';
import { findTemporal } from '../../dev/stack/temporal-binary.ts';
import { ensureNamespace, temporalServices } from '../../dev/stack/temporal-server.ts';
import { terminalProgress } from '../../dev/stack/terminal.ts';

export const TEMPLATE_DATABASE = 'tandas_test_template';
const NAMESPACE = 'default';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A database of the server on which test databases are made, as a user who may make them. */
    adminDatabaseUrl: string;
    templateDatabase: string;
    temporalAddress: string;
    temporalNamespace: string;
  }
}

interface TestStack {
  readonly adminDatabaseUrl: string;
  readonly temporalAddress: string;
  stop(): Promise<void>;
}

/** Each vitest project loads this file anew; the one stack of the run lies where all of them see it. */
declare global {
  var tandasTestStack: { readonly stack: Promise<TestStack>; users: number } | undefined;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (globalThis.tandasTestStack ??= { stack: startStack(), users: 0 });
  shared.users += 1;
  const stack = await shared.stack;
  project.provide('adminDatabaseUrl', stack.adminDatabaseUrl);
  project.provide('templateDatabase', TEMPLATE_DATABASE);
  project.provide('temporalAddress', stack.temporalAddress);
  project.provide('temporalNamespace', NAMESPACE);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    globalThis.tandasTestStack = undefined;
    await stack.stop();
  };
}

async function startStack(): Promise<TestStack> {
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
    const database = startPostgres(dir, start);
    const temporal = startTemporal(dir, start);
    // Both to their end, also when one fails: what still starts cannot be stopped.
    await Promise.allSettled([database, temporal]);
    return { adminDatabaseUrl: await database, temporalAddress: await temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (spec: ServiceSpec) => Promise<void>;

async function startPostgres(dir: string, start: Start): Promise<string> {
  const named = process.env['TEST_DATABASE_URL'];
  const [port = 0] = await freePorts(1);
  const adminUrl = named ?? postgresUrl(port, 'postgres');
  if (named === undefined) {
    const logFile = join(dir, 'logs', 'postgres.log');
    await start(postgresService({ dataDir: join(dir, 'postgres'), port, logFile, throwaway: true }));
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
