import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { freePorts } from '../../../dev/stack/ports.ts';
import { postgresUrl } from '../../../dev/stack/postgres.ts';
import { removeData } from '../../../dev/stack/postgres-place.ts';
import { isAlive } from '../../../dev/stack/processes.ts';

const PARTS = ['postgres', 'temporal', 'voice', 'worker', 'api'];
const startScript = fileURLToPath(new URL('./stand-ins/start.ts', import.meta.url));
const resetScript = fileURLToPath(new URL('../../../dev/reset.ts', import.meta.url));
const runSchema = z.record(z.string(), z.number());

let stateDir: string;
let env: NodeJS.ProcessEnv;
let ports: number[];
const started: ChildProcess[] = [];

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exit: Promise<number | null>;
}

function launch(args: readonly string[] = [], script = startScript): Running {
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const exit = once(child, 'close').then(() => child.exitCode);
  return { child, output: () => text, exit };
}

function pids(): Record<string, number> {
  return runSchema.parse(JSON.parse(readFileSync(join(stateDir, 'run.json'), 'utf8')));
}

function pidOf(name: string): number {
  const pid = pids()[name];
  if (pid === undefined) throw new Error(`${name} is not in run.json`);
  return pid;
}

async function untilSays(running: Running, text: string): Promise<void> {
  await vi.waitFor(() => expect(running.output()).toContain(text), { timeout: 50_000, interval: 50 });
}

async function query(text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: postgresUrl(ports[3] ?? 0, 'tandas') });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'tandas-stack-'));
  await chmod(stateDir, 0o755);
  ports = await freePorts(8);
  const [api, temporal, ui, postgres, voice, mcp, whatsApp, mercadoPago] = ports.map(String);
  const {
    DATABASE_URL: _1,
    TEMPORAL_ADDRESS: _2,
    RETELL_API_KEY: _3,
    RETELL_BASE_URL: _4,
    ...rest
  } = process.env;
  env = {
    ...rest,
    TANDAS_STATE_DIR: stateDir,
    API_PORT: api,
    TEMPORAL_PORT: temporal,
    TEMPORAL_UI_PORT: ui,
    PG_PORT: postgres,
    VOICE_PORT: voice,
    MCP_PORT: mcp,
    WHATSAPP_PORT: whatsApp,
    MERCADOPAGO_PORT: mercadoPago,
  };
});

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'close');
  }
  await removeData(join(stateDir, 'postgres'));
  await rm(stateDir, { recursive: true, force: true });
});

describe('npm start', () => {
  it('starts every part, restarts each after a kill -9, and stops all in order', async () => {
    const running = launch();
    await untilSays(running, 'Ctrl-C detiene todo');
    expect(Object.keys(pids())).toEqual(expect.arrayContaining(['start', 'guardian', ...PARTS]));
    await query('create table public.kept (id int)');
    const connection = await Connection.connect({ address: `127.0.0.1:${ports[1]}` });
    const { workflow } = new Client({ connection });
    const kept = await workflow.start('anything', { workflowId: 'kept', taskQueue: 'nobody' });
    for (const part of PARTS) {
      const killed = pidOf(part);
      process.kill(killed, 'SIGKILL');
      await untilSays(running, `✓ ${part} otra vez arriba`);
      await vi.waitFor(() => expect(pidOf(part)).not.toBe(killed), { timeout: 5_000 });
    }
    expect((await query("select to_regclass('kept') as kept")).rows).toEqual([{ kept: 'kept' }]);
    expect((await kept.describe()).status.name).toBe('RUNNING');
    await connection.close();
    const second = launch();
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain('Ya corre');
    const reset = launch([], resetScript);
    expect(await reset.exit).toBe(1);
    const last = pids();
    running.child.kill('SIGINT');
    expect(await running.exit).toBe(0);
    expect(Object.values(last).filter(isAlive)).toEqual([]);
    expect(existsSync(join(stateDir, 'run.json'))).toBe(false);
    const diary = readFileSync(join(stateDir, 'diary.txt'), 'utf8').trim().split('\n');
    expect(diary.slice(-3)).toEqual(['api stopped', 'worker stopped', 'voice stopped']);
  });

  it('leaves nothing behind when it is killed itself, and starts again on the same state', async () => {
    const first = launch();
    await untilSays(first, 'Ctrl-C detiene todo');
    await query('create table public.kept (id int)');
    const { start: _, ...parts } = pids();
    first.child.kill('SIGKILL');
    await first.exit;
    await vi.waitFor(() => expect(Object.values(parts).filter(isAlive)).toEqual([]), { timeout: 40_000 });
    const again = launch();
    await untilSays(again, 'Ctrl-C detiene todo');
    expect((await query("select to_regclass('kept') as kept")).rows).toEqual([{ kept: 'kept' }]);
  });

  it('recovers when the guardian was killed with it', async () => {
    const first = launch();
    await untilSays(first, 'Ctrl-C detiene todo');
    const orphan = pidOf('postgres');
    process.kill(pidOf('guardian'), 'SIGKILL');
    first.child.kill('SIGKILL');
    await first.exit;
    expect(isAlive(orphan)).toBe(true);
    const again = launch();
    await untilSays(again, 'Ctrl-C detiene todo');
    expect(again.output()).toContain('Se cerró lo que dejó una ejecución anterior');
    expect(isAlive(orphan)).toBe(false);
  });

  it('--once runs the demo, stops everything and ends with its exit code; reset then forgets', async () => {
    const running = launch(['--once']);
    expect(await running.exit).toBe(7);
    const context: unknown = JSON.parse(readFileSync(join(stateDir, 'demo.json'), 'utf8'));
    expect(context).toMatchObject({ apiUrl: `http://127.0.0.1:${ports[0]}`, once: true, stateDir });
    const reset = launch([], resetScript);
    expect(await reset.exit).toBe(0);
    expect(existsSync(stateDir)).toBe(false);
  });
});

describe('npm start says what is wrong before anything starts', () => {
  it('names the setting of a port in use', async () => {
    const server = createServer();
    server.listen(ports[1], '127.0.0.1');
    await once(server, 'listening');
    const running = launch();
    expect(await running.exit).toBe(1);
    expect(running.output()).toContain(`El puerto ${ports[1]} (Temporal) está ocupado`);
    expect(running.output()).toContain('TEMPORAL_PORT=');
    expect(existsSync(join(stateDir, 'postgres'))).toBe(false);
    server.close();
  });

  it.each([
    [{ API_PORT: 'ochenta' }, 'API_PORT debe ser un puerto'],
    [{ RETELL_API_KEY: 'key_1' }, 'RETELL_BASE_URL no'],
  ])('refuses the environment %j', async (wrong, message) => {
    env = { ...env, ...wrong };
    const running = launch();
    expect(await running.exit).toBe(1);
    expect(running.output()).toContain(message);
  });

  it('refuses an option that it does not know', async () => {
    const running = launch(['--onse']);
    expect(await running.exit).toBe(2);
    expect(running.output()).toContain('No se conoce la opción: --onse');
  });
});
