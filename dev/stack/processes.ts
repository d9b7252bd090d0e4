import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './errors.ts';
import { run } from './run.ts';

/** Whether a process of this id exists and is not a zombie that nobody has collected. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  return !isZombie(pid);
}

/** In a container without an init nobody collects orphans: a zombie must not look like a running server. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
  } catch {
    return false;
  }
}

/** The command line of a process, '' when it cannot be read. Ids are reused: look before you kill. */
export async function commandLineOf(pid: number): Promise<string> {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return await run('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => '');
  }
}

export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Already gone, which is what the signal was for.
  }
}

/** Asks a process to end, then insists. Answers false when even SIGKILL left it there. */
export async function endProcess(pid: number, signal: NodeJS.Signals, patienceMs: number): Promise<boolean> {
  signalQuietly(pid, signal);
  if (await isGoneWithin(pid, patienceMs)) return true;
  signalQuietly(pid, 'SIGKILL');
  return await isGoneWithin(pid, 5_000);
}

async function isGoneWithin(pid: number, withinMs: number): Promise<boolean> {
  const untilMs = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() >= untilMs) return false;
    await sleep(50);
  }
  return true;
}
