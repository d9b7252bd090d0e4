import { existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from './errors.ts';
import { projectDir } from '../../client/local.ts';
import type { ServiceSpec } from './service.ts';

/** The project's own processes; tests of the stack put small stand-ins in their places. */
export interface Scripts {
  readonly worker: string;
  readonly api: string;
  readonly voice: string;
  /** Undefined: this part is not started (tests of the stack itself). */
  readonly channels?: string;
  readonly mcp?: string;
}

export const projectScripts: Scripts = {
  worker: join(projectDir, 'worker.ts'),
  api: join(projectDir, 'api', 'server.ts'),
  voice: join(projectDir, 'dev', 'fakes', 'retell', 'server.ts'),
  channels: join(projectDir, 'dev', 'fakes', 'channels.ts'),
  mcp: join(projectDir, 'mcp', 'server.ts'),
};

/** Node's, as docker-compose.yml gives them to the API: a small space for young objects keeps its memory small, and is no slower. */
export const apiFlags: readonly string[] = ['--max-semi-space-size=8', '--max-old-space-size=768'];

export interface NodeServiceOptions {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logDir: string;
  /** A worker lets its activities end; the others have nothing to wait for. */
  readonly stopWithinMs: number;
  /** For a script that says nothing when it is up. */
  readonly probe?: () => Promise<void>;
}

/** A TypeScript file run by this same Node.js, ready when it logs `{"msg":"ready"}`. */
export function nodeService(options: NodeServiceOptions): ServiceSpec {
  const { name, script, env, logDir, stopWithinMs, probe } = options;
  return {
    name,
    prepare: async () => {
      if (!existsSync(script)) throw new StackError(`Falta el archivo ${script}.`);
      const flags = script === projectScripts.api ? apiFlags : [];
      return {
        file: process.execPath,
        args: [...flags, script],
        cwd: projectDir,
        env: { ...env, TZ: 'UTC' },
      };
    },
    readyLine: isReadyLine,
    ...(probe === undefined ? {} : { probe }),
    readyWithinMs: 60_000,
    stopSignal: 'SIGTERM',
    stopWithinMs,
    logFile: join(logDir, `${name}.log`),
  };
}

/** Read as JSON, because a logger may put its fields in any order; most lines are ruled out without it. */
export function isReadyLine(line: string): boolean {
  if (!line.includes('"ready"')) return false;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'msg' in entry && entry.msg === 'ready';
  } catch {
    return false;
  }
}

/** Up as soon as anything answers HTTP there, whatever the answer. */
export function answersHttp(port: number): () => Promise<void> {
  return async () => {
    await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) });
  };
}

/** The key of the simulated provider: made once per state folder, because stored calls are checked with it. */
export async function fakeVoiceKey(stateDir: string): Promise<string> {
  const file = join(stateDir, 'voice-key');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const key = `key_${randomBytes(14).toString('hex')}`;
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}
