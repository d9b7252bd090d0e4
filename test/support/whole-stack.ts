import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openRecordBook } from '../../dev/fakes/retell/record.ts';
import type { Fault } from '../../dev/fakes/retell/faults.ts';
import { freePorts } from '../../dev/stack/ports.ts';
import { postgresUrl } from '../../dev/stack/postgres.ts';
import { DATABASE } from '../../dev/stack/stack.ts';
import { removeData } from '../../dev/stack/postgres-place.ts';

const startScript = fileURLToPath(new URL('../../dev/start.ts', import.meta.url));
const pollMs = 100;
/** How much of what the stack said goes into a failure's message. */
const toldLines = 150;

const runSchema = z.record(z.string(), z.number());
const postSchema = z.object({
  seq: z.number(),
  arrivedAtMs: z.number(),
  attemptId: z.string().optional(),
  placed: z.boolean(),
  answer: z.union([z.number(), z.string()]).optional(),
});
const callSchema = z.object({
  final: z.boolean(),
  call: z.object({
    to_number: z.string(),
    /** Only of a call that was answered. */
    duration_ms: z.number().optional(),
    metadata: z.object({ account_id: z.string(), batch_id: z.string(), contact_id: z.string() }),
  }),
});

export type Post = z.infer<typeof postSchema>;
export type Call = z.infer<typeof callSchema>;
export type Part = 'postgres' | 'temporal' | 'voice' | 'worker' | 'api';

/** `npm start -- --once` as a person runs it, beside whatever else runs on this machine. */
export interface WholeStack {
  readonly stateDir: string;
  readonly temporalUiUrl: string;
  readonly databaseUrl: string;
  /** The exit code of `--once`. */
  readonly exit: Promise<number | null>;
  output(): string;
  pidOf(part: Part): number;
  /** How often the stack has seen a part end without being asked to. */
  deaths(part: Part): number;
  /** Kill -9, by process id. Resolves when the stack has brought the part back. */
  kill(part: Part): Promise<Killed>;
  /** The provider's own record, while it runs. */
  posts(): Promise<readonly Post[]>;
  calls(): Promise<readonly Call[]>;
  addFault(fault: Fault): Promise<void>;
  /** The provider's own record, from its file: also when everything has been stopped. */
  record(): readonly Post[];
  /** Asks until there is an answer. Fails with the stack's own words when the stack ends before. */
  until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T>;
  close(): Promise<void>;
}

export interface Killed {
  readonly part: Part;
  readonly pidBefore: number;
  readonly pidAfter: number;
  readonly killedAtMs: number;
  readonly backAtMs: number;
}

export async function startWholeStack(): Promise<WholeStack> {
  const stateDir = await mkdtemp(join(tmpdir(), 'tandas-demo-'));
  // PostgreSQL runs as another user when we are root, and has to get through.
  await chmod(stateDir, 0o755);
  const [api, temporal, ui, postgres, voice, mcp, whatsApp, mercadoPago] = await freePorts(8);
  const env = {
    ...withoutOwnServers(process.env),
    TANDAS_STATE_DIR: stateDir,
    API_PORT: String(api),
    TEMPORAL_PORT: String(temporal),
    TEMPORAL_UI_PORT: String(ui),
    PG_PORT: String(postgres),
    VOICE_PORT: String(voice),
    MCP_PORT: String(mcp),
    WHATSAPP_PORT: String(whatsApp),
    MERCADOPAGO_PORT: String(mercadoPago),
  };
  const child = spawn(process.execPath, [startScript, '--once'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  let hasEnded = false;
  const exit = once(child, 'close').then(() => {
    hasEnded = true;
    return child.exitCode;
  });
  const output = (): string => text;
  const pids = pidsIn(stateDir);
  const pidOf = (part: Part): number => {
    const pid = pids()[part];
    if (pid === undefined) throw new Error(`${part} is not in run.json`);
    return pid;
  };
  const until: WholeStack['until'] = async (what, look) => {
    for (;;) {
      const answer = await look();
      if (answer !== undefined) return answer;
      if (hasEnded) throw new Error(`the stack ended before: ${what}\n${lastLines(text)}`);
      await sleep(pollMs);
    }
  };
  return {
    stateDir,
    temporalUiUrl: `http://127.0.0.1:${ui}`,
    databaseUrl: postgresUrl(postgres ?? 0, DATABASE),
    exit,
    output,
    pidOf,
    deaths: (part) => text.split(`↻ ${part} terminó`).length - 1,
    kill: async (part) => {
      const pidBefore = pidOf(part);
      const saidBefore = timesBack(text, part);
      const killedAtMs = Date.now();
      process.kill(pidBefore, 'SIGKILL');
      const isBack = (): true | undefined => (timesBack(text, part) > saidBefore ? true : undefined);
      await until(`${part} is back`, isBack);
      return { part, pidBefore, pidAfter: pidOf(part), killedAtMs, backAtMs: Date.now() };
    },
    until,
    ...providerOf(`http://127.0.0.1:${voice}/_fake`),
    record: () =>
      z.array(postSchema).parse([...openRecordBook(join(stateDir, 'voice.jsonl')).posts.values()]),
    close: async () => {
      if (!hasEnded) child.kill('SIGTERM');
      await exit;
      await removeData(join(stateDir, 'postgres'));
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

type Provider = Pick<WholeStack, 'posts' | 'calls' | 'addFault'>;

/** Without an answer until the provider is up: then there is no record yet. */
function providerOf(url: string): Provider {
  const read = async (path: string): Promise<unknown> => {
    const response = await fetch(`${url}/${path}`).catch(() => undefined);
    return response === undefined ? [] : await response.json();
  };
  return {
    posts: async () => z.array(postSchema).parse(await read('posts')),
    calls: async () => z.array(callSchema).parse(await read('calls')),
    addFault: async (fault) => {
      const response = await fetch(`${url}/faults`, { method: 'POST', body: JSON.stringify(fault) });
      if (!response.ok) throw new Error(`the fault was refused: ${await response.text()}`);
    },
  };
}

function pidsIn(stateDir: string): () => Record<string, number> {
  const file = join(stateDir, 'run.json');
  return () => (existsSync(file) ? runSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : {});
}

/** A developer's own servers are none of a test's business. */
function withoutOwnServers(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'RETELL_API_KEY', 'RETELL_BASE_URL', 'TANDAS_STATE_DIR'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !named.includes(name)));
}

function timesBack(text: string, part: Part): number {
  return text.split(`✓ ${part} otra vez arriba`).length - 1;
}

export function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-toldLines).join('\n');
}
