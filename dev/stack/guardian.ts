import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { projectDir } from '../../client/local.ts';

/**
 * Stops the watched processes when this process is gone, even by kill -9: a second small process reads a pipe from us,
 * and the pipe closes whatever the way we end. Killed as well, the next start finds the orphans by `run.json`.
 */
export class Guardian {
  readonly #child: ChildProcess;

  constructor() {
    const script = join(projectDir, 'dev', 'stack', 'guardian-process.ts');
    this.#child = spawn(process.execPath, [script], {
      // Its own group: Ctrl-C in the terminal must not end it before its work is done.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  watch(pid: number, signal: NodeJS.Signals): void {
    this.#child.stdin?.write(`${pid} ${signal}\n`);
  }

  /** Everything was stopped in good order: nothing is left to guard. */
  dismiss(): void {
    this.#child.stdin?.end('dismissed\n');
  }
}
