import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../../client/local.ts';
import { messageOf, StackError } from './errors.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { run } from './run.ts';

/** A store of objects that speaks S3, over a folder; for tests, and to try the product with one. */
export const VERSITYGW_VERSION = '1.8.0';

const module = `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW_VERSION}`;

/**
 * The binary of the store: from the cache, or built once by Go (some two minutes; Go takes its modules from where it always does).
 * Throws in words where Go is missing.
 */
export async function findVersitygw(env: Env, tell: (words: string) => void): Promise<string> {
  const target = join(cacheDir(env), `versitygw-${VERSITYGW_VERSION}-${process.platform}-${process.arch}`);
  const binary = join(target, 'versitygw');
  await mkdir(cacheDir(env), { recursive: true });
  const waiting = (): void => tell('versitygw: another process builds it');
  return withLock(`${target}.lock`, waiting, async () => {
    if (await isFile(binary)) return binary;
    await requireGo();
    await removeAbandoned(target);
    tell(`versitygw ${VERSITYGW_VERSION}: built once by Go, some two minutes`);
    const fresh = `${target}.build-${process.pid}`;
    try {
      await build(fresh);
      await rm(target, { recursive: true, force: true });
      // Whole or not there: a build that was killed is no binary.
      await rename(join(fresh, 'bin'), target);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return binary;
  });
}

async function requireGo(): Promise<void> {
  await run('go', ['version']).catch((error: unknown) => {
    throw new StackError(
      `the tests of the S3 store need versitygw ${VERSITYGW_VERSION}, which Go builds, and Go does not run here: ${messageOf(error)}`,
    );
  });
}

/** In folders of its own, which go: a gigabyte of modules is nobody's to keep. */
async function build(fresh: string): Promise<void> {
  const bin = join(fresh, 'bin');
  await mkdir(bin, { recursive: true });
  const own = {
    GOBIN: bin,
    GOMODCACHE: join(fresh, 'modules'),
    GOCACHE: join(fresh, 'cache'),
    CGO_ENABLED: '0',
    // A normal user could not remove read-only modules.
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
  };
  await run('go', ['install', '-trimpath', '-ldflags=-s -w', module], { env: { ...process.env, ...own } });
  await chmod(join(bin, 'versitygw'), 0o755);
}

async function removeAbandoned(target: string): Promise<void> {
  const folder = join(target, '..');
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (path.startsWith(`${target}.build-`)) await rm(path, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() === true && info.size > 0;
}
