import { execFile } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Guardian } from '../../stack/guardian.ts';
import { isFree } from '../../stack/ports.ts';
import { Service } from '../../stack/service.ts';
import { findTemporal } from '../../stack/temporal-binary.ts';
import { SERVER_VERSION } from '../../stack/temporal-build.ts';
import { dynamicSettings, serverConfigYaml } from '../../stack/temporal-config.ts';
import { ensureNamespace } from '../../stack/temporal-server.ts';
import { terminalProgress } from '../../stack/terminal.ts';

export type Store =
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'postgres'; readonly shards: number; readonly shardIoConcurrency: number };

export interface StoreServer {
  readonly address: string;
  stop(): Promise<void>;
}

/** A Temporal server of its own, in one process, whose commits reach the disk. `adminUrl`: where databases may be made. */
export async function startServer(store: Store, dir: string, adminUrl: string): Promise<StoreServer> {
  const source = await findTemporal({
    env: { ...process.env, TEMPORAL_ADDRESS: undefined },
    progress: terminalProgress(),
  });
  if (source.kind !== 'binaries')
    throw new Error(`stores needs the server's own binary, and found: ${source.kind}`);
  await mkdir(dir, { recursive: true });
  const [frontend = 0, frontendHttp = 0, history = 0, matching = 0, worker = 0, a = 0, b = 0, c = 0, d = 0] =
    await smallPorts(9);
  const dynamicConfigFile = join(dir, 'dynamic.yaml');
  const plain: Record<string, unknown> = parse(
    serverConfigYaml({
      profile: 'dev',
      ports: { frontend, frontendHttp, history, matching, worker, membership: [a, b, c, d] },
      databaseFile: join(dir, 'temporal.db'),
      dynamicConfigFile,
    }),
  );
  const config =
    store.kind === 'sqlite' ? plain : { ...plain, persistence: await persistenceOf(store, adminUrl) };
  await writeFile(join(dir, 'server.yaml'), stringify(config));
  const settings = {
    ...dynamicSettings(),
    ...(store.kind === 'sqlite' ? {} : { 'history.shardIOConcurrency': store.shardIoConcurrency }),
  };
  await writeFile(
    dynamicConfigFile,
    stringify(Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, [{ value }]]))),
  );
  const address = `127.0.0.1:${frontend}`;
  const guardian = new Guardian();
  const service = new Service(
    {
      name: 'temporal',
      prepare: async () =>
        Promise.resolve({
          file: source.server,
          args: ['--config-file', join(dir, 'server.yaml'), '--allow-no-auth', 'start'],
          cwd: dir,
        }),
      probe: () => ensureNamespace(address, 'default', 'own'),
      readyWithinMs: 120_000,
      stopSignal: 'SIGTERM',
      stopWithinMs: 15_000,
      logFile: join(dir, 'temporal.log'),
    },
    { onStarted: (_, pid) => guardian.watch(pid, 'SIGTERM') },
  );
  await service.start({ restart: false });
  return {
    address,
    async stop() {
      await service.stop();
      guardian.dismiss();
    },
  };
}

/** Free ones below 32,768: the server's PostgreSQL tables keep a member's port in a smallint, and it dies on a greater one. */
async function smallPorts(count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let port = randomInt(20_000, 30_000); found.length < count && port < 32_768; port += 1) {
    if (await isFree(port)) found.push(port);
  }
  if (found.length < count) throw new Error(`fewer than ${count} free ports below 32,768`);
  return found;
}

async function persistenceOf(
  { shards }: Extract<Store, { kind: 'postgres' }>,
  adminUrl: string,
): Promise<object> {
  const schemas = await schemaDir();
  const store = async (part: 'temporal' | 'visibility'): Promise<object> => {
    const databaseName = `${part}_${randomUUID().slice(0, 8)}`;
    await makeDatabase(adminUrl, databaseName, { schemas, part });
    const { hostname, port, username, password } = new URL(adminUrl);
    return {
      sql: {
        pluginName: 'postgres12_pgx',
        databaseName,
        connectAddr: `${hostname}:${port}`,
        connectProtocol: 'tcp',
        user: username,
        password,
        maxConns: 20,
        maxIdleConns: 20,
        maxConnLifetime: '1h',
      },
    };
  };
  return {
    defaultStore: 'history',
    visibilityStore: 'visibility',
    numHistoryShards: shards,
    datastores: { history: await store('temporal'), visibility: await store('visibility') },
  };
}

/** The tables of that version of the server, from its own module. */
async function schemaDir(): Promise<string> {
  const { stdout } = await promisify(execFile)('go', [
    'mod',
    'download',
    '-json',
    `go.temporal.io/server@v${SERVER_VERSION}`,
  ]);
  const { Dir } = z.object({ Dir: z.string() }).parse(JSON.parse(stdout));
  return join(Dir, 'schema', 'postgresql', 'v12');
}

/** As the server's own tool does it: the tables, and the row that says which version they are. */
async function makeDatabase(
  adminUrl: string,
  name: string,
  { schemas, part }: { readonly schemas: string; readonly part: 'temporal' | 'visibility' },
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(await readFile(join(schemas, part, 'schema.sql'), 'utf8'));
  await client.query(`
    create table schema_version (
      version_partition int not null, db_name varchar(255) not null, creation_time timestamp,
      curr_version varchar(64), min_compatible_version varchar(64), primary key (version_partition, db_name))`);
  const constant = part === 'temporal' ? 'Version' : 'VisibilityVersion';
  const versions = await readFile(join(schemas, 'version.go'), 'utf8');
  const version = new RegExp(`const ${constant} = "([0-9.]+)"`).exec(versions)?.[1];
  await client.query('insert into schema_version values (0, $1, now(), $2, $2)', [name, version]);
  await client.end();
}
