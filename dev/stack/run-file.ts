import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StackError } from './errors.ts';
import { projectDir } from '../../client/local.ts';
import { commandLineOf, endProcess, isAlive } from './processes.ts';

const schema = z.record(z.string(), z.number());

/** `run.json`: the process id of each part of a running stack by its name; `start` is the stack itself. */
export class RunFile {
  readonly #file: string;
  readonly #pids = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'run.json');
  }

  set(name: string, pid: number): void {
    this.#pids.set(name, pid);
    const text = JSON.stringify(Object.fromEntries(this.#pids), null, 2);
    // Renamed into place: a test that looks for a process id never reads half a file.
    this.#writing = this.#writing.then(async () => {
      await writeFile(`${this.#file}.new`, `${text}\n`);
      await rename(`${this.#file}.new`, this.#file);
    });
  }

  async written(): Promise<void> {
    await this.#writing;
  }

  async remove(): Promise<void> {
    await this.#writing;
    await rm(this.#file, { force: true });
  }
}

async function read(stateDir: string): Promise<Record<string, number>> {
  try {
    return schema.parse(JSON.parse(await readFile(join(stateDir, 'run.json'), 'utf8')));
  } catch {
    return {};
  }
}

/** The process id of a stack that runs on this state, if one does. */
export async function runningStack(stateDir: string): Promise<number | undefined> {
  const { start } = await read(stateDir);
  if (start === undefined || start === process.pid || !isAlive(start)) return undefined;
  return (await isOurs(start, stateDir)) ? start : undefined;
}

/** Ends what a killed stack left running, before its ports and its data folder are looked at. Answers their names. */
export async function endOrphans(stateDir: string): Promise<readonly string[]> {
  const { start: _, guardian, ...services } = await read(stateDir);
  const ended: string[] = [];
  // The newest first, as the guardian does, who may be at it right now.
  for (const [name, pid] of Object.entries(services).reverse()) {
    if (!isAlive(pid) || !(await isOurs(pid, stateDir))) continue;
    const gone = await endProcess(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM', 15_000);
    if (!gone) throw new StackError(`El proceso ${pid} (${name}) de una ejecución anterior no se detiene.`);
    ended.push(name);
  }
  if (guardian !== undefined && isAlive(guardian) && (await isOurs(guardian, stateDir))) {
    await endProcess(guardian, 'SIGTERM', 5_000);
  }
  return ended;
}

/** Process ids are reused: only one whose command line names our folders is taken for ours. */
async function isOurs(pid: number, stateDir: string): Promise<boolean> {
  const commandLine = await commandLineOf(pid);
  return (
    commandLine.includes(projectDir) || commandLine.includes(stateDir) || commandLine.includes('dev/start.ts')
  );
}
