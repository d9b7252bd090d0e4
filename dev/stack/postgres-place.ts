import { createHash } from 'node:crypto';
import { chown, cp, lstat, mkdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StackError } from './errors.ts';
import { run } from './run.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

export interface Place {
  readonly binaries: Binaries;
  readonly dataDir: string;
}

/** PostgreSQL refuses to run as root. `nobody` exists everywhere, so that no user is added to the machine. */
export async function serverUser(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: Number(await run('id', ['-u', name])), gid: Number(await run('id', ['-g', name])) };
    } catch {
      // This user does not exist here: the next one.
    }
  }
  throw new StackError(
    'PostgreSQL no corre como root y no hay usuario postgres ni nobody: use un usuario normal.',
  );
}

/**
 * Where the server can run. A clone in root's own closed home folder cannot be entered by the server's user: data and
 * binaries then lie in /var/tmp, and a link stands in the state folder, so that `npm run reset` finds them.
 */
export async function reachablePlace(wanted: Place, owner: Owner | undefined): Promise<Place> {
  const { binaries, dataDir } = wanted;
  await mkdir(dirname(dataDir), { recursive: true });
  if (owner === undefined) return wanted;
  const outside = `/var/tmp/tandas-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const moved = {
    binaries: (await isReachable(binaries.postgres, owner))
      ? binaries
      : await copyBinaries(binaries, outside),
    dataDir: (await isReachable(dataDir, owner)) ? dataDir : join(outside, 'data'),
  };
  if (moved.dataDir !== dataDir) {
    await makeOwnFolder(outside);
    await rm(dataDir, { force: true, recursive: true });
    await symlink(moved.dataDir, dataDir);
  }
  return moved;
}

/** Removes a data folder and, where it is only a link, what it points to. */
export async function removeData(dataDir: string): Promise<void> {
  const info = await lstat(dataDir).catch(() => undefined);
  if (info?.isSymbolicLink() === true) {
    const outside = dirname(await readlink(dataDir));
    if (/^tandas-[0-9a-f]{12}$/.test(basename(outside))) await rm(outside, { recursive: true, force: true });
  }
  await rm(dataDir, { recursive: true, force: true });
}

export async function makeDataDir(dataDir: string, owner: Owner | undefined): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { mode: 0o700 });
  if (owner !== undefined) await chown(dataDir, owner.uid, owner.gid);
}

/** Whether every folder on the way lets the server's user pass. */
async function isReachable(path: string, owner: Owner): Promise<boolean> {
  for (let dir = dirname(path); dir !== dirname(dir); dir = dirname(dir)) {
    const info = await stat(dir);
    const passes = info.uid === owner.uid ? 0o100 : info.gid === owner.gid ? 0o010 : 0o001;
    if ((info.mode & passes) === 0) return false;
  }
  return true;
}

async function copyBinaries({ postgres, initdb }: Binaries, outside: string): Promise<Binaries> {
  await makeOwnFolder(outside);
  const native = join(outside, 'native');
  const copied = {
    postgres: join(native, 'bin', basename(postgres)),
    initdb: join(native, 'bin', basename(initdb)),
  };
  if ((await lstat(copied.postgres).catch(() => undefined)) !== undefined) return copied;
  const partial = `${native}.${process.pid}`;
  await cp(dirname(dirname(postgres)), partial, { recursive: true, verbatimSymlinks: true });
  await rm(native, { recursive: true, force: true });
  await rename(partial, native);
  return copied;
}

/** /var/tmp is everybody's: a folder of this name that is not root's own may be a trap, and is refused. */
async function makeOwnFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const info = await lstat(dir);
  if (!info.isDirectory() || info.uid !== 0 || (info.mode & 0o022) !== 0) {
    throw new StackError(`${dir} existe y no es de root: bórrelo y repita.`);
  }
}
