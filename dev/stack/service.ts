import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, StackError } from './errors.ts';
import { endProcess } from './processes.ts';
import { lastLines } from './run.ts';

/** How to start one process, decided anew before every start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ServiceSpec {
  readonly name: string;
  /** Runs before each start: the place to repair what a killed predecessor left behind. */
  prepare(): Promise<Command>;
  /** Ready when a line of the output says so… */
  readonly readyLine?: (line: string) => boolean;
  /** …or when this answers without throwing; asked again and again. */
  readonly probe?: () => Promise<void>;
  readonly readyWithinMs: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs: number;
  readonly logFile: string;
}

export interface ServiceHooks {
  /** Every new process, so that it can be written down and guarded. */
  onStarted?(name: string, pid: number): void;
  /** An end that nobody asked for; the service starts it again after `waitMs`. */
  onDied?(name: string, how: string, waitMs: number): void;
  onRecovered?(name: string, tookMs: number): void;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** A process that lived this long was healthy: its next death starts the back-off from the beginning. */
const HEALTHY_AFTER_MS = 30_000;
const PROBE_EVERY_MS = 50;

/** One child process that is started again with back-off when it dies, until it is stopped. */
export class Service {
  readonly spec: ServiceSpec;
  readonly #hooks: ServiceHooks;
  #child: ChildProcess | undefined;
  readonly #stop = new AbortController();
  #exit: Promise<string> = Promise.resolve('');
  #supervision: Promise<void> = Promise.resolve();

  constructor(spec: ServiceSpec, hooks: ServiceHooks = {}) {
    this.spec = spec;
    this.#hooks = hooks;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts and waits until ready; fails with the end of the log when it does not become ready. */
  async start(options: { readonly restart: boolean }): Promise<void> {
    await this.#launch();
    if (options.restart) this.#supervision = this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const pid = this.#child?.pid;
    if (pid !== undefined && this.#child?.exitCode === null && this.#child.signalCode === null) {
      const gone = await endProcess(pid, this.spec.stopSignal, this.spec.stopWithinMs);
      if (!gone) throw new StackError(`${this.spec.name} (proceso ${pid}) no se detuvo ni con SIGKILL`);
    }
    await this.#exit;
    await this.#supervision;
  }

  async #launch(): Promise<void> {
    const command = await this.spec.prepare();
    mkdirSync(dirname(this.spec.logFile), { recursive: true });
    const log = createWriteStream(this.spec.logFile, { flags: 'a' });
    // A full disk must not take the stack down for the sake of a log.
    log.on('error', () => undefined);
    const child = spawn(command.file, [...command.args], {
      // A group of its own: Ctrl-C reaches only the parent, which then stops its children in the right order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...command.env },
      ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    });
    this.#child = child;
    let sawReadyLine = false;
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, log, (line) => (sawReadyLine ||= this.spec.readyLine?.(line) === true));
    }
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('close', (code, signal) => {
        log.end();
        resolve(signal ?? `código ${code ?? '?'}`);
      });
    });
    if (child.pid !== undefined) this.#hooks.onStarted?.(this.spec.name, child.pid);
    await this.#untilReady(() => sawReadyLine);
  }

  async #untilReady(sawReadyLine: () => boolean): Promise<void> {
    let ended: string | undefined;
    void this.#exit.then((how) => (ended = how));
    const untilMs = Date.now() + this.spec.readyWithinMs;
    let reason = '';
    for (;;) {
      if (ended !== undefined) throw await this.#notReady(`terminó al partir (${ended})`);
      if (this.spec.readyLine !== undefined && sawReadyLine()) return;
      if (this.spec.probe !== undefined) {
        try {
          await this.spec.probe();
          return;
        } catch (error) {
          reason = messageOf(error);
        }
      }
      if (Date.now() > untilMs || this.#stop.signal.aborted) {
        throw await this.#notReady(`no estuvo listo en ${this.spec.readyWithinMs / 1000} s ${reason}`);
      }
      await sleep(PROBE_EVERY_MS);
    }
  }

  async #notReady(how: string): Promise<StackError> {
    const pid = this.#child?.pid;
    if (pid !== undefined) await endProcess(pid, this.spec.stopSignal, 2_000);
    const log = await readFile(this.spec.logFile, 'utf8').catch(() => '');
    return new StackError(
      `${this.spec.name} ${how}. Últimas líneas de ${this.spec.logFile}:\n${lastLines(log, 12)}`,
    );
  }

  async #supervise(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    let startedAtMs = Date.now();
    for (;;) {
      let how = await this.#exit;
      const diedAtMs = Date.now();
      if (diedAtMs - startedAtMs > HEALTHY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS;
      while (!this.#stop.signal.aborted) {
        this.#hooks.onDied?.(this.spec.name, how, backoffMs);
        await sleep(backoffMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
        if (this.#stop.signal.aborted) break;
        startedAtMs = Date.now();
        try {
          await this.#launch();
          break;
        } catch (error) {
          how = messageOf(error);
        }
      }
      if (this.#stop.signal.aborted) return;
      this.#hooks.onRecovered?.(this.spec.name, Date.now() - diedAtMs);
    }
  }
}

const LONGEST_LINE = 1_000_000;

function eachLine(
  stream: NodeJS.ReadableStream | null,
  log: WriteStream,
  onLine: (line: string) => void,
): void {
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    log.write(chunk);
    const lines = (rest + chunk).split('\n');
    // Bounded: a child that writes megabytes without a line end must not fill the memory of its parent.
    rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
    for (const line of lines) onLine(line);
  });
}
