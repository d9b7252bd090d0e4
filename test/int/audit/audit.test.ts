import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runAudit } from '../../../audit/run.ts';
import type { VoiceRecordSource } from '../../../audit/types.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { type AuditWorld, createAuditWorld } from './world.ts';

let world: AuditWorld;
let server: Server;
let voiceUrl: string;

beforeAll(async () => {
  world = await createAuditWorld();
  server = createServer((request, response) => {
    const part = { '/_fake/posts': world.record.posts, '/_fake/calls': world.record.calls }[
      request.url ?? ''
    ];
    const isKnown = part !== undefined && request.headers.authorization === 'Bearer key_test';
    response.writeHead(isKnown ? 200 : 404).end(JSON.stringify(part ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  voiceUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

const script = fileURLToPath(new URL('../../../scripts/audit.ts', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function audit(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [script, ...args], { env }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, out, err });
    });
  });
}

/** A login that the law of rows binds, with or without the two roles of the product. */
async function asLogin<T>(roles: string, work: (url: string) => Promise<T>): Promise<T> {
  const name = `audit_${randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: inject('adminDatabaseUrl') });
  await admin.connect();
  try {
    await admin.query(`create role ${name} login password 'secret'`);
    if (roles !== '') await admin.query(`grant ${roles} to ${name} with inherit false, set true`);
    const url = new URL(world.url);
    url.username = name;
    url.password = 'secret';
    return await work(url.href);
  } finally {
    await admin.query(`drop role if exists ${name}`);
    await admin.end();
  }
}

const voice = (): VoiceRecordSource => ({ url: voiceUrl, apiKey: 'key_test' });

it('a database in which nothing happened is not clean', async () => {
  const empty = await createTestDatabase();
  try {
    const report = await runAudit({ databaseUrl: empty.url, looks: 1 });
    expect(report.clean).toBe(false);
    expect(report.invariants.filter((one) => one.breachCount > 0).map((one) => one.name)).toEqual([
      'something_happened',
    ]);
  } finally {
    await empty.drop();
  }
});

it('says of each invariant how many rows it looked at, and what it could not compare', async () => {
  const compared = await runAudit({ databaseUrl: world.url, voice: voice(), looks: 1 });
  expect(compared.clean).toBe(true);
  const seen = Object.fromEntries(compared.invariants.map((one) => [one.name, one.checked]));
  expect(seen).toMatchObject({
    something_happened: 9,
    provider_call_has_attempt: 6,
    dialled_at_most_once: 7,
    inside_window: 8,
    charged_by_the_second: 5,
  });
  const alone = await runAudit({ databaseUrl: world.url, looks: 1 });
  expect(alone.invariants.filter((one) => !one.compared).map((one) => one.name)).toEqual([
    'provider_call_has_attempt',
    'placed_attempt_has_provider_call',
    'dialled_at_most_once',
    'dialled_in_its_moment',
    'results_equal_record',
  ]);
});

it('a login that row-level security binds sees every account, and the same', async () => {
  const asSuperuser = await runAudit({ databaseUrl: world.url, voice: voice(), looks: 1 });
  const report = await asLogin('tandas_app, tandas_system', (url) =>
    runAudit({ databaseUrl: url, voice: voice(), looks: 1 }),
  );
  expect(report).toEqual(asSuperuser);
});

it('a login to which rows are hidden cannot audit, and does not say clean', async () => {
  const hidden = 'la seguridad por filas le esconde las filas';
  await asLogin('', (url) => expect(runAudit({ databaseUrl: url, looks: 1 })).rejects.toThrow(hidden));
  await asLogin('tandas_system', (url) =>
    expect(runAudit({ databaseUrl: url, looks: 1 })).rejects.toThrow(hidden),
  );
});

it('a record of the provider that cannot be read is an error, not a record without calls', async () => {
  const wrongKey = { url: voiceUrl, apiKey: 'key_other' };
  await expect(runAudit({ databaseUrl: world.url, voice: wrongKey, looks: 1 })).rejects.toThrow('HTTP 404');
  const nobody = { url: 'http://127.0.0.1:1', apiKey: 'key_test' };
  await expect(runAudit({ databaseUrl: world.url, voice: nobody, looks: 1 })).rejects.toThrow(
    'no se pudo leer',
  );
});

/** Every row of every table, and every relation that there is. */
async function contents(): Promise<unknown> {
  const { rows: tables } = await world.client.query<{ name: string }>(
    "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('catalogue', 'core', 'operation')",
  );
  const each = tables.map(
    ({ name }) => `select '${name}' as name, md5(string_agg(t::text, '' order by t::text)) from ${name} t`,
  );
  const { rows } = await world.client.query(`${each.join(' union all ')} order by 1`);
  const { rows: relations } = await world.client.query('select count(*) from pg_class');
  return { rows, relations };
}

it('leaves nothing behind in the database that it looked at', async () => {
  const before = await contents();
  await runAudit({ databaseUrl: world.url, voice: voice(), looks: 1 });
  expect(await contents()).toEqual(before);
});

it('the command prints each invariant in words and exits 0 clean, 1 with breaches, 2 when it could not look', async () => {
  const env = { PATH: process.env['PATH'], DATABASE_URL: world.url, AUDIT_VOICE_URL: voiceUrl };
  const clean = await audit(['--voice-key', 'key_test'], env);
  expect(clean).toMatchObject({ code: 0, err: '' });
  expect(clean.out).toContain('Auditoría limpia');
  expect(clean.out).toMatch(/✓ {2}dialled_at_most_once +7 +0 {2}Ningún intento se marcó dos veces/);
  await world.client.query(
    'update core.ledger_account set consumed_micros = consumed_micros + 1, held_micros = held_micros - 1 where account_id = $1',
    [world.ids['account']],
  );
  try {
    const broken = await audit(['--json', '--voice-key', 'key_test'], env);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.out)).toMatchObject({ clean: false });
    const words = await audit(['--voice-key', 'key_test'], env);
    expect(words.out).toMatch(/✗ {2}balances_equal_transactions +10 +2 {2}/);
    expect(words.out).toContain('USD consumed: saldo');
  } finally {
    await world.client.query(
      'update core.ledger_account set consumed_micros = consumed_micros - 1, held_micros = held_micros + 1 where account_id = $1',
      [world.ids['account']],
    );
  }
  const nowhere = await audit([], { ...env, DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' });
  expect(nowhere).toMatchObject({ code: 2, out: '' });
  expect(nowhere.err).toContain('no se pudo auditar');
  expect(await audit(['--what'], env)).toMatchObject({ code: 2, out: '' });
});
