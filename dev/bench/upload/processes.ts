import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld, newAccount, type World } from '../../../test/support/world.ts';
import type { PoolSettings } from '../../../domain/lines/queries-pools.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { runServers } from '../../../test/support/servers.ts';
import { nodeService, projectScripts } from '../../stack/app-services.ts';
import { Guardian } from '../../stack/guardian.ts';
import { freePorts } from '../../stack/ports.ts';
import { Service } from '../../stack/service.ts';

export interface PlaceOptions {
  readonly pool?: Partial<PoolSettings>;
  /** Default: nobody is called, and what is made of files stays in the database. */
  readonly voice?: { readonly url: string; readonly apiKey: string };
}

/** API and worker as they run in life, each a process of its own, with two accounts. */
export interface UploadPlace {
  readonly world: World;
  readonly apiUrl: string;
  readonly apiKeys: readonly [string, string];
  /** With which its parts read what is sealed, and sign people in. */
  readonly secretsKey: string;
  /** Resident memory now, in MB. */
  memoryOf(part: 'api' | 'worker'): number;
  close(): Promise<void>;
}

export async function createUploadPlace({ pool, voice }: PlaceOptions = {}): Promise<UploadPlace> {
  const world = await createWorld(pool);
  const { temporalAddress } = await runServers();
  const folder = await mkdtemp(join(tmpdir(), 'tandas-bench-upload-'));
  const [port = 0, apiWatch = 0, workerWatch = 0] = await freePorts(3);
  const guardian = new Guardian();
  const secretsKey = randomBytes(32).toString('base64');
  const env = {
    DATABASE_URL: world.url,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: world.temporal.namespace,
    RETELL_API_KEY: voice?.apiKey ?? 'key_of_the_benchmark',
    RETELL_BASE_URL: voice?.url ?? 'http://127.0.0.1:1',
    // Receivers and tools of the benchmark are on this machine.
    ALLOW_PRIVATE_TARGETS: 'true',
    SECRETS_KEY: secretsKey,
    API_HOST: '127.0.0.1',
    API_PORT: String(port),
    STORAGE_DIR: join(folder, 'storage'),
  };
  const start = async (name: 'api' | 'worker', watchPort: number): Promise<Service> => {
    const own = { ...env, METRICS_PORT: String(watchPort) };
    const spec = { name, script: projectScripts[name], env: own, logDir: folder, stopWithinMs: 30_000 };
    const service = new Service(nodeService(spec), {
      onStarted: (_, pid) => guardian.watch(pid, 'SIGTERM'),
    });
    await service.start({ restart: false });
    return service;
  };
  const services = { api: await start('api', apiWatch), worker: await start('worker', workerWatch) };
  const other = await newAccount(world.app, world.poolId, 0n);
  const keyOf = (accountId: string): Promise<string> =>
    createApiKey(world.app, { accountId, label: 'bench', role: 'account' });
  return {
    world,
    apiUrl: `http://127.0.0.1:${port}`,
    secretsKey,
    apiKeys: [await keyOf(world.accountId), await keyOf(other)],
    memoryOf(part) {
      const status = readFileSync(`/proc/${services[part].pid}/status`, 'utf8');
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    },
    async close() {
      await services.api.stop();
      await services.worker.stop();
      guardian.dismiss();
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
