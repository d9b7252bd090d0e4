import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { z } from 'zod';
import { freePorts, isFree } from './ports.ts';
import type { Command, ServiceSpec } from './service.ts';
import type { TemporalSource } from './temporal-binary.ts';
import {
  dynamicConfigYaml,
  dynamicSettings,
  serverConfigYaml,
  uiConfigYaml,
  type ServerPorts,
  type TemporalProfile,
} from './temporal-config.ts';

export interface TemporalServerOptions {
  readonly source: Exclude<TemporalSource, { kind: 'address' }>;
  readonly profile: TemporalProfile;
  /** Configuration, and the database of the dev profile. */
  readonly dir: string;
  readonly logDir: string;
  readonly port: number;
  /** No UI without it. */
  readonly uiPort?: number;
  readonly namespace: string;
}

const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;
const RETENTION = '30 days';
const HEALTH = 'temporal.api.workflowservice.v1.WorkflowService';

/** The processes that make a Temporal server, in starting order: one for the CLI, server and UI for the binaries. */
export function temporalServices(options: TemporalServerOptions): ServiceSpec[] {
  const address = `127.0.0.1:${options.port}`;
  const server: ServiceSpec = {
    name: 'temporal',
    prepare: () =>
      options.source.kind === 'cli'
        ? cliCommand(options, options.source.path)
        : serverCommand(options, options.source.server),
    probe: () => untilUsable(address, options),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
    logFile: join(options.logDir, 'temporal.log'),
  };
  const { source, uiPort } = options;
  if (source.kind === 'cli' || uiPort === undefined) return [server];
  const ui: ServiceSpec = {
    name: 'temporal-ui',
    prepare: () => uiCommand(options, source.ui, uiPort, address),
    probe: async () => {
      const answer = await fetch(`http://127.0.0.1:${uiPort}/healthz`, {
        signal: AbortSignal.timeout(2_000),
      });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    },
    readyWithinMs: 30_000,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
    logFile: join(options.logDir, 'temporal-ui.log'),
  };
  return [server, ui];
}

function databaseFile(dir: string): string {
  return join(dir, 'temporal.db');
}

function usableMark(dir: string): string {
  return join(dir, 'usable');
}

async function serverCommand(options: TemporalServerOptions, file: string): Promise<Command> {
  const { dir, profile, port } = options;
  await mkdir(dir, { recursive: true });
  if (profile === 'dev') await discardHalfMadeDatabase(dir);
  const config = join(dir, 'server.yaml');
  const dynamicConfigFile = join(dir, 'dynamic.yaml');
  const ports = await serverPorts(dir, port);
  await writeFile(dynamicConfigFile, dynamicConfigYaml());
  await writeFile(
    config,
    serverConfigYaml({ profile, ports, databaseFile: databaseFile(dir), dynamicConfigFile }),
  );
  return { file, args: ['--config-file', config, '--allow-no-auth', 'start'], cwd: dir };
}

/** A server killed while it made its tables would never make the rest of them: it takes one table for all. */
async function discardHalfMadeDatabase(dir: string): Promise<void> {
  if (existsSync(usableMark(dir))) return;
  for (const suffix of ['', '-wal', '-shm']) await rm(databaseFile(dir) + suffix, { force: true });
}

async function cliCommand(options: TemporalServerOptions, file: string): Promise<Command> {
  const { dir, profile, port, uiPort, namespace } = options;
  await mkdir(dir, { recursive: true });
  if (profile === 'dev') await discardHalfMadeDatabase(dir);
  const settings = Object.entries(dynamicSettings()).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
  const ui = uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)];
  const database = profile === 'dev' ? ['--db-filename', databaseFile(dir)] : [];
  // It registers `default` by itself, and would trip over it here.
  const names = namespace === 'default' ? [] : ['--namespace', namespace];
  const base = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), ...names];
  return { file, args: [...base, ...ui, ...database, '--log-level', 'warn', ...settings], cwd: dir };
}

async function uiCommand(
  { dir, namespace }: TemporalServerOptions,
  file: string,
  uiPort: number,
  address: string,
): Promise<Command> {
  const configDir = join(dir, 'ui');
  await mkdir(configDir, { recursive: true });
  await writeFile(join(configDir, 'tandas.yaml'), uiConfigYaml(uiPort, address, namespace));
  return { file, args: ['-r', dir, '-c', 'ui', '-e', 'tandas', 'start'], cwd: dir };
}

const portNumber = z.number().int().positive();
const portsSchema = z.object({
  frontendHttp: portNumber,
  history: portNumber,
  matching: portNumber,
  worker: portNumber,
  membership: z.tuple([portNumber, portNumber, portNumber, portNumber]),
});

/**
 * The inner ports are nobody's setting: free ones, kept from start to start. A server that comes back at once on
 * other ports would look for its own dead former self among the cluster's members and lose seconds.
 */
async function serverPorts(dir: string, frontend: number): Promise<ServerPorts> {
  const file = join(dir, 'ports.json');
  const kept = await readFile(file, 'utf8')
    .then((text) => portsSchema.parse(JSON.parse(text)))
    .catch(() => undefined);
  if (kept !== undefined) {
    const all = [kept.frontendHttp, kept.history, kept.matching, kept.worker, ...kept.membership];
    const free = await Promise.all(all.map((port) => isFree(port)));
    if (free.every(Boolean)) return { frontend, ...kept };
  }
  const fresh = await freePorts(8);
  const [frontendHttp, history, matching, worker, ...membership] = fresh;
  const ports = portsSchema.parse({ frontendHttp, history, matching, worker, membership });
  await writeFile(file, JSON.stringify(ports));
  return { frontend, ...ports };
}

/** One attempt: the server is healthy, the namespace is there and takes work. Throws until then. */
async function untilUsable(address: string, options: TemporalServerOptions): Promise<void> {
  await ensureNamespace(address, options.namespace, 'own');
  if (options.profile === 'dev') await writeFile(usableMark(options.dir), '');
}

/**
 * Checks the server's health and registers the namespace if it is not there yet. On a server of our `own` the
 * retention is set as well: the CLI's is one day, and a closed contact should be seen for longer.
 */
export async function ensureNamespace(address: string, namespace: string, own?: 'own'): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    const { status } = await connection.withDeadline(Date.now() + 2_000, () =>
      connection.healthService.check({ service: HEALTH }),
    );
    if (String(status) !== 'SERVING' && Number(status) !== 1) throw new Error(`health: ${String(status)}`);
    if (!(await hasNamespace(connection, namespace))) await registerNamespace(connection, namespace);
    else if (own !== undefined) await setRetention(connection, namespace);
    await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
  } finally {
    await connection.close();
  }
}

async function hasNamespace({ workflowService }: Connection, namespace: string): Promise<boolean> {
  try {
    await workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === GRPC_NOT_FOUND) return false;
    throw error;
  }
}

async function registerNamespace({ workflowService }: Connection, namespace: string): Promise<void> {
  try {
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(RETENTION),
    });
  } catch (error) {
    // Another process was faster, which is just as good.
    if (!isGrpcServiceError(error) || Number(error.code) !== GRPC_ALREADY_EXISTS) throw error;
  }
  // The frontend learns of a new namespace from its cache: a moment before the first question saves a failed one.
  await sleep(100);
}

async function setRetention({ workflowService }: Connection, namespace: string): Promise<void> {
  const { config } = await workflowService.describeNamespace({ namespace });
  const wanted = msToTs(RETENTION);
  if (config?.workflowExecutionRetentionTtl?.seconds?.toString() === wanted.seconds?.toString()) return;
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: wanted } });
}
