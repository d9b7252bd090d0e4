import { mkdir, statfs } from 'node:fs/promises';
import { StackError } from './errors.ts';
import { requireFreePorts } from './ports.ts';
import { endOrphans, runningStack } from './run-file.ts';
import { wantedPorts, type Settings } from './settings.ts';
import type { Progress } from './terminal.ts';

/** PostgreSQL writes 60 MB on its first start, a demo as much again; below this something would fail half-way. */
const NEEDED_BYTES = 500 * 1024 ** 2;

/** Everything that can be known to go wrong is said before anything starts. */
export async function preflight(settings: Settings, stateDir: string, progress: Progress): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  await requireSpace(stateDir);
  const running = await runningStack(stateDir);
  if (running !== undefined) {
    throw new StackError(`Ya corre (proceso ${running}). Deténgalo con Ctrl-C en su terminal.`);
  }
  const orphans = await endOrphans(stateDir);
  if (orphans.length > 0)
    progress.note(`Se cerró lo que dejó una ejecución anterior: ${orphans.join(', ')}.`);
  await requireFreePorts(wantedPorts(settings));
}

async function requireSpace(dir: string): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const freeBytes = bavail * bsize;
  if (freeBytes >= NEEDED_BYTES) return;
  throw new StackError(
    `Quedan ${Math.floor(freeBytes / 1024 ** 2)} MB en el disco de ${dir}; se necesitan ${NEEDED_BYTES / 1024 ** 2} MB.`,
  );
}
