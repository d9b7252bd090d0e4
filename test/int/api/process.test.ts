import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDatabase, inAccount } from '../../../db/client.ts';
import { freePorts } from '../../../dev/stack/ports.ts';
import { isReadyLine } from '../../../dev/stack/app-services.ts';
import { registerCatalogue } from '../../../domain/accounts/queries-catalogue.ts';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const owner = createDatabase({ url: database.url, maxConnections: 1 });
  await registerCatalogue(owner);
  await ensurePool(owner, {
    key: 'test',
    simulated: true,
    fromNumber: '+566001234567',
    agentId: 'agent_test',
    capacity: 2,
    callsPerSecond: 1,
  });
  // As set-up leaves it: nobody may get it without naming it.
  await ensurePool(owner, {
    key: REHEARSAL_POOL,
    simulated: true,
    rehearsal: true,
    fromNumber: '+566001234567',
    agentId: 'agent_test',
    capacity: 2,
    callsPerSecond: 1,
  });
  await owner.destroy();
});
afterAll(() => database.drop());

const command = (...args: readonly string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ['scripts/account.ts', ...args], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: database.url },
  });
const account = (...args: readonly string[]): Promise<{ stdout: string }> => command('create', ...args);

const acme = ['--slug', 'acme', '--name', 'Acme SpA', '--country', 'CL', '--plan', 'credit_based'];

it('scripts/account.ts makes an account whose key opens the API, and the API starts, answers and stops', async () => {
  const packs = ['--pack', 'cl-collection-waves', '--signed-off-by', 'Ana Inventada', '--top-up', '50'];
  const { stdout } = await account(...acme, ...packs, '--max-lines', '3');
  const id = /^account +(\S+)$/m.exec(stdout)?.[1] ?? '';
  const apiKey = /^api key +(tandas_\S+)$/m.exec(stdout)?.[1] ?? '';
  const [port = 0] = await freePorts(1);
  const server = spawn(process.execPath, ['api/server.ts'], {
    cwd: root,
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      RETELL_API_KEY: 'key_test',
      RETELL_BASE_URL: 'http://127.0.0.1:1',
      API_HOST: '127.0.0.1',
      API_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stream: Response | undefined;
  try {
    await untilReady(server);
    const headers = { authorization: `Bearer ${apiKey}` };
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/accounts/${id}`, { headers });
    expect(await response.json()).toMatchObject({
      slug: 'acme',
      zone: 'America/Santiago',
      max_lines: 3,
      balances: [{ available: { amount: '50', unit: 'USD' } }],
    });
    const health: unknown = await (await fetch(`http://127.0.0.1:${port}/health`)).json();
    expect(health).toMatchObject({ parts: { database: 'ok', temporal: 'ok', voice: 'failing' } });
    // Above the limit, over a real socket: the answer must reach a client that is still sending.
    const form = new FormData();
    form.append('file', new Blob([Buffer.alloc(52 * 1024 * 1024, 'x')]), 'huge.csv');
    const huge = await fetch(`http://127.0.0.1:${port}/api/v1/imports`, {
      method: 'POST',
      headers,
      body: form,
    });
    expect(huge.status).toBe(413);
    stream = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers });
  } finally {
    server.kill('SIGTERM');
  }
  const code = await new Promise((resolve) => server.once('exit', resolve));
  expect(code).toBe(0);
  // It was ended, not cut off with the process: its client comes back at once.
  expect(await stream?.text()).toContain('retry: 3000');
});

it('scripts/account.ts refuses in words what it cannot take, and makes nothing', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--slug', 'b', '--name', 'B'], /--country is missing/],
    [[...acme.slice(0, 4), '--country', 'BR', '--plan', 'credit_based'], /--zone is needed/],
    [[...acme, '--pack', 'cl-collection-waves'], /--signed-off-by/],
    [[...acme, '--pack', 'whatever'], /is none of/],
    [[...acme, '--top-up', '-5'], /--top-up|above 0/],
    [[...acme, '--pool', 'elsewhere'], /--pool must be one of test/],
  ];
  for (const [args, words] of cases) {
    await expect(account(...args), args.join(' ')).rejects.toMatchObject({
      stderr: expect.stringMatching(words),
    });
  }
  const owner = createDatabase({ url: database.url, role: 'tandas_system', maxConnections: 1 });
  const accounts = await owner.selectFrom('catalogue.account').select(['id', 'slug']).execute();
  await owner.destroy();
  expect(accounts.map(({ slug }) => slug)).toEqual(['acme']);
  const app = createDatabase({ url: database.url, role: 'tandas_app', maxConnections: 1 });
  const [made] = accounts;
  const packs = await inAccount(app, made?.id ?? '', (trx) =>
    trx.selectFrom('catalogue.account_rule_pack').select(['pack_key', 'signed_off_by']).execute(),
  );
  await app.destroy();
  expect(packs).toEqual([{ pack_key: 'cl-collection-waves', signed_off_by: 'Ana Inventada' }]);
});

it('scripts/account.ts gives an account exactly the agents that it is told', async () => {
  const app = createDatabase({ url: database.url, role: 'tandas_app', maxConnections: 1 });
  const { stdout } = await account(...acme.with(1, 'agentes'));
  const id = /^account +(\S+)$/m.exec(stdout)?.[1] ?? '';
  const agents = async () => {
    const row = inAccount(app, id, (trx) =>
      trx.selectFrom('catalogue.account').select('agent_ids').executeTakeFirstOrThrow(),
    );
    return (await row).agent_ids;
  };
  await command('agents', '--account', id, '--agent', 'agent_b', '--agent', 'agent_a');
  expect(await agents()).toEqual(['agent_a', 'agent_b']);
  await command('agents', '--account', id);
  expect(await agents()).toEqual([]);
  await expect(command('agents', '--agent', 'agent_a')).rejects.toMatchObject({
    stderr: expect.stringContaining('Usage'),
  });
  await app.destroy();
});

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`the API ended with ${String(code)}`)));
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.split('\n').some(isReadyLine)) resolve();
    });
  });
}
