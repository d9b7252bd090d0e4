/** The fake as a process of its own: its settings, and what a kill leaves behind. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { optionsFromEnv } from '../../../dev/fakes/retell/options.ts';

const SERVER = join(import.meta.dirname, '../../../dev/fakes/retell/server.ts');
const API_KEY = 'key_of_the_fake';

let folder: string;
let children: ChildProcess[];

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Resolves when the process says where it listens, rejects when it ends before that. */
function startProcess(env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, [SERVER], {
    env: { FAKE_RETELL_PORT: '0', FAKE_RETELL_API_KEY: API_KEY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const url = /listening on (\S+)/.exec(line)?.[1];
      if (url !== undefined) resolve({ child, url });
    });
    child.once('exit', (code) => reject(new Error(`ended with ${String(code)}: ${errors}`)));
  });
}

function lineOf({ stdout }: ChildProcess, pattern: RegExp): Promise<string> {
  if (stdout === null) throw new Error('no output');
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      if (pattern.test(line)) resolve(line);
    });
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function dial(url: string, attemptId: string): Promise<Response> {
  return fetch(`${url}/v2/create-phone-call`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify({
      from_number: '+566001234567',
      to_number: '+56961234500',
      metadata: { attempt_id: attemptId },
    }),
  });
}

beforeEach(() => {
  children = [];
  folder = mkdtempSync(join(tmpdir(), 'fake-retell-'));
});
afterEach(async () => {
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => (child.kill('SIGKILL'), ended(child))));
  rmSync(folder, { recursive: true });
});

it('killed with -9 and started again, it knows every POST and every call', async () => {
  const env = { FAKE_RETELL_STATE_FILE: join(folder, 'calls.jsonl'), FAKE_RETELL_RING_MS: '600000-600000' };
  const first = await startProcess(env);
  expect((await dial(first.url, 'a1')).status).toBe(201);
  expect((await dial(first.url, 'a2')).status).toBe(201);
  const posts = await getJson(`${first.url}/_fake/posts`);
  const calls = await getJson(`${first.url}/_fake/calls`);
  first.child.kill('SIGKILL');
  await ended(first.child);

  const second = await startProcess(env);
  expect(await getJson(`${second.url}/_fake/posts`)).toEqual(posts);
  expect(await getJson(`${second.url}/_fake/calls`)).toEqual(calls);
  expect(calls).toHaveLength(2);
});

it('ends with 0 on SIGTERM, also while a connection is held', async () => {
  const { child, url } = await startProcess({});
  await fetch(`${url}/_fake/faults`, {
    method: 'POST',
    body: JSON.stringify({ kind: 'timeout_after_placed' }),
  });
  const held = dial(url, 'a1').catch((error: unknown) => error);
  await lineOf(child, /attempt a1: held/);
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
  expect(await held).toBeInstanceOf(Error);
});

it('writes no variable of a call to its log', async () => {
  const { child, url } = await startProcess({ FAKE_RETELL_RING_MS: '0-0', FAKE_RETELL_TALK_MS: '0-0' });
  let log = '';
  child.stdout?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await fetch(`${url}/v2/create-phone-call`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}` },
    body: JSON.stringify({
      from_number: '+566001234567',
      to_number: '+56961234500',
      retell_llm_dynamic_variables: { nombre: 'Persona Inventada' },
    }),
  });
  child.kill('SIGTERM');
  await ended(child);
  expect(log).toContain('placed');
  expect(log).not.toMatch(/Inventada|961234500/);
});

it('does not start without a key, and says which variable is missing', async () => {
  await expect(startProcess({ FAKE_RETELL_API_KEY: '' })).rejects.toThrow('FAKE_RETELL_API_KEY');
});

it.each([
  ['FAKE_RETELL_RING_MS', '25-4'],
  ['FAKE_RETELL_TALK_MS', 'long'],
  ['FAKE_RETELL_CONCURRENCY', 'many'],
  ['FAKE_RETELL_TIME_SCALE', '-1'],
  ['FAKE_RETELL_OUTCOMES', 'lucky'],
])('refuses %s=%s by its name', (name, value) => {
  expect(() => optionsFromEnv({ FAKE_RETELL_API_KEY: 'k', [name]: value })).toThrow(name);
});

it('reads every setting from the environment', () => {
  expect(
    optionsFromEnv({
      FAKE_RETELL_API_KEY: 'k',
      FAKE_RETELL_PORT: '9000',
      FAKE_RETELL_HOST: '0.0.0.0',
      FAKE_RETELL_WEBHOOK_URL: 'http://api/hook/{account_id}',
      FAKE_RETELL_FUNCTION_URL: 'http://api/tools/{account_id}',
      FAKE_RETELL_SEED: 's',
      FAKE_RETELL_OUTCOMES: 'pattern',
      FAKE_RETELL_CONCURRENCY: '5',
      FAKE_RETELL_TIME_SCALE: '0.1',
      FAKE_RETELL_RING_MS: '1-2',
      FAKE_RETELL_TALK_MS: '3-4',
      FAKE_RETELL_ANALYSIS_MS: '5-6',
      FAKE_RETELL_DUPLICATE_SHARE: '0.1',
      FAKE_RETELL_REORDER_SHARE: '0.2',
      FAKE_RETELL_LOSE_SHARE: '0.3',
      FAKE_RETELL_STATE_FILE: 'state.jsonl',
    }),
  ).toEqual({
    port: 9000,
    host: '0.0.0.0',
    options: {
      apiKey: 'k',
      webhookUrl: 'http://api/hook/{account_id}',
      functionUrl: 'http://api/tools/{account_id}',
      seed: 's',
      outcomeMode: 'pattern',
      concurrencyLimit: 5,
      timeScale: 0.1,
      ringMs: { min: 1, max: 2 },
      talkMs: { min: 3, max: 4 },
      analysisMs: { min: 5, max: 6 },
      duplicateShare: 0.1,
      reorderShare: 0.2,
      loseShare: 0.3,
      stateFile: 'state.jsonl',
    },
  });
});
