import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { type Listening, listenOn } from '../../../dev/listen.ts';
import { type ApiWorld, ask, createApiWorld, type Customer, uploadDebtors } from '../../support/api.ts';
import { createPeopleWorld, type PeopleWorld } from '../../support/people.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let api: ApiWorld;
let people: PeopleWorld;
let server: Listening;
let dir: string;
let batchId = '';
beforeAll(async () => {
  api = await createApiWorld();
  people = createPeopleWorld(api);
  server = await listenOn((request) => people.app.fetch(request), 0);
  dir = await mkdtemp(join(tmpdir(), 'tandas-cli-'));
  const json = { import_id: await uploadDebtors(api, 'consola', 3), name: 'Consola', pack: 'demo' };
  const made = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
  batchId = String(made.body['id']);
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
  await people.close();
  await api.close();
});

/** As somebody types it, against a server that is not on their machine: no database, no state folder. */
async function typed(args: readonly string[], as: Customer = api.one, url = server.url): Promise<Ended> {
  const env = { ...process.env, DATABASE_URL: '', TANDAS_STATE_DIR: dir, API_URL: url, API_KEY: as.apiKey };
  return run(process.execPath, [join(root, 'scripts/tandas.ts'), ...args], { cwd: dir, env }).then(
    (out) => ({ ...out, code: 0 }),
    (error: Ended) => error,
  );
}

async function data(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { stdout, stderr, code } = await typed([...args, '--json']);
  expect(code, stderr).toBe(0);
  const answer: unknown = JSON.parse(stdout);
  return Object.fromEntries(Object.entries(Object(answer)));
}

const idsOf = (rows: unknown): readonly string[] =>
  (Array.isArray(rows) ? rows : []).map((row: unknown) => String(Reflect.get(Object(row), 'id')));

async function contactIds(): Promise<readonly string[]> {
  return idsOf((await data('contacts', 'Consola'))['contacts']);
}

const close = (contactId: string, outcome: string): Promise<unknown> =>
  inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .updateTable('core.contact')
      .set({ state: 'closed', outcome, closed_at: new Date() })
      .where('id', '=', contactId)
      .execute(),
  );

describe('tandas', () => {
  it('ends with 0 when it is done, 1 when nobody answers, 2 when it is mistyped, 3 when the API refuses', async () => {
    const { apiKey } = api.one;
    const codes = async (...args: Parameters<typeof typed>): Promise<number> => (await typed(...args)).code;
    expect(await codes(['batches'])).toBe(0);
    expect(await codes(['batches'], api.one, 'http://127.0.0.1:1')).toBe(1);
    expect(await codes(['batchs'])).toBe(2);
    expect(await codes([])).toBe(2);
    expect(await codes(['retry', 'x', '--reason', 'y'])).toBe(2);
    expect(await codes(['batches'], { ...api.one, apiKey: `${apiKey}x` })).toBe(3);
    const refused = await typed(['retry', (await contactIds())[0] ?? '', '--reason', 'prueba']);
    expect([refused.code, refused.stdout]).toEqual([3, '']);
    expect(refused.stderr).toMatch(/abiert/);
  });

  it('of a server that fails says that it failed, not that it refused', async () => {
    const failing = await listenOn(() => new Response('{"detail":"x"}', { status: 503 }), 0);
    try {
      expect((await typed(['batches'], api.one, failing.url)).code).toBe(1);
    } finally {
      await failing.close();
    }
  });

  it('holds and resumes a batch by its name, and lists it as data and in words', async () => {
    expect((await typed(['batches', 'pause', 'Consola', '--reason', 'prueba'])).stdout).toContain('en pausa');
    expect(await data('batches', batchId)).toMatchObject({ id: batchId, state: 'paused' });
    expect(await data('batches', 'resume', 'Consola', '--reason', 'prueba')).toMatchObject({
      state: 'running',
    });
    expect(idsOf((await data('batches'))['batches'])).toEqual([batchId]);
    expect(await data('status')).toMatchObject({
      batches: [{ id: batchId }],
      open_tasks: { is_whole: true },
    });
    const audit = await inAccount(api.world.app, api.one.accountId, (trx) =>
      trx.selectFrom('operation.audit').select('detail').where('action', '=', 'batch.paused').execute(),
    );
    expect(audit).toMatchObject([{ detail: { reason: 'prueba' } }]);
  });

  it('shows people, all of them or as many as are asked for, and opens one again once', async () => {
    const all = await contactIds();
    expect(all).toHaveLength(3);
    expect(await data('contacts', 'Consola', '--limit', '2')).toMatchObject({ is_whole: false });
    const [first = ''] = all;
    await close(first, 'exhausted');
    const list = (await typed(['contacts', 'Consola', '--state', 'closed'])).stdout;
    expect(list).toMatch(new RegExp(`^${first} .*intentos agotados`, 'm'));
    expect(list.split('\n').filter((line) => /^[0-9a-f-]{36} /.test(line))).toHaveLength(1);
    expect((await typed(['contacts', 'show', first])).stdout).toMatch(/Cerrado: intentos agotados/);
    expect(await data('retry', first, '--reason', 'otra vez')).toEqual({ contact_id: first, run: 2 });
    expect((await typed(['retry', first, '--reason', 'otra vez'])).code).toBe(3);
  });

  it('opens again those whom nobody reached, when it is told to, and nobody else', async () => {
    const [first = '', second = '', third = ''] = await contactIds();
    await close(first, 'exhausted');
    await close(second, 'promise');
    await close(third, 'excluded');
    const stateOf = async (id: string): Promise<unknown> => (await data('contacts', 'show', id))['state'];
    expect((await typed(['reset', 'Consola'])).code).toBe(2);
    expect((await typed(['reset', 'Consola', '--failed', '--yes'])).code).toBe(2);
    expect(await data('reset', 'Consola', '--failed')).toEqual({ contacts: [first] });
    expect(await data('reset', 'Consola', '--failed', '--older', '2')).toEqual({ contacts: [] });
    expect(await stateOf(first)).toBe('closed');
    expect(await data('reset', 'Consola', '--failed', '--yes', '--reason', 'otra ronda')).toEqual({
      contacts: [first],
      opened: [first],
      refused: [],
    });
    expect(await stateOf(first)).toBe('waiting');
    for (const id of [second, third]) expect(await stateOf(id)).toBe('closed');
    for (const id of [second, third])
      expect((await typed(['retry', id, '--reason', 'para seguir'])).code).toBe(0);
  });

  it('takes one page after the other, as far as it was asked, and says whether there is more', async () => {
    const pages = await listenOn((request) => {
      const at = Number(new URL(request.url).searchParams.get('cursor') ?? 0);
      return Response.json({ contacts: [{ id: `k${at}` }], next_cursor: at < 2 ? String(at + 1) : null });
    }, 0);
    try {
      const listed = async (...args: readonly string[]): Promise<unknown> =>
        JSON.parse((await typed(['contacts', '--json', ...args], api.one, pages.url)).stdout);
      const contacts = [{ id: 'k0' }, { id: 'k1' }, { id: 'k2' }];
      expect(await listed()).toEqual({ contacts, is_whole: true });
      expect(await listed('--limit', '2')).toEqual({ contacts: contacts.slice(0, 2), is_whole: false });
    } finally {
      await pages.close();
    }
  });

  it('says that a wish needs one time, whose it is, and why', async () => {
    const [, second = ''] = await contactIds();
    for (const args of [
      [],
      ['--at', '2027-03-08T11:30', '--text', 'mañana', '--reason', 'x'],
      ['--text', 'mañana'],
    ]) {
      const ended = await typed(['reschedule', second, ...args]);
      expect([ended.code, ended.stderr.slice(0, 22)], args.join(' ')).toEqual([2, 'Uso: tandas reschedule']);
    }
    const past = await typed(['reschedule', second, '--at', '2020-03-09T11:30', '--reason', 'prueba']);
    expect([past.code, past.stdout]).toEqual([3, '']);
  });

  it('reports on the terminal, as data and as a file', async () => {
    expect(await data('report', 'Consola')).toMatchObject({
      batch: { id: batchId },
      totals: { contacts: 3 },
    });
    expect((await typed(['report', 'Consola'])).stdout).toMatch(/^Personas +3$/m);
    expect((await typed(['report', '--xlsx', 'a.xlsx'])).stdout).toBe('a.xlsx\n');
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(join(dir, 'a.xlsx'));
    expect(book.worksheets).toHaveLength(9);
    await typed(['report', '--md', 'a.md']);
    expect(await readFile(join(dir, 'a.md'), 'utf8')).toMatch(/^# Actividad/);
    expect((await typed(['report', '--md', 'a.md', '--json'])).code).toBe(2);
    expect((await typed(['report', 'Consola', '--from', '2027-02-30'])).code).toBe(3);
  });

  it('makes, lists, rotates and revokes keys of the account that asks', async () => {
    const made = await data('keys', 'make', '--label', 'consola', '--scopes', 'batches:read');
    const as = { accountId: api.one.accountId, apiKey: String(made['key']) };
    expect((await typed(['batches', '--json'], as)).code).toBe(0);
    expect((await typed(['contacts'], as)).code).toBe(3);
    expect((await typed(['keys'])).stdout).toMatch(/consola +batches:read/);
    const rotated = await data('keys', 'rotate', String(made['id']), '--overlap', '0');
    expect((await typed(['batches', '--json'], as)).code).toBe(3);
    const after = { ...as, apiKey: String(rotated['key']) };
    expect((await typed(['batches', '--json'], after)).code).toBe(0);
    await data('keys', 'revoke', String(rotated['id']));
    expect((await typed(['batches', '--json'], after)).code).toBe(3);
  });

  it('says what a batch may cost, and what is left of it', async () => {
    const [batch = ''] = idsOf((await data('batches'))['batches']);
    expect(await data('budget', batch, '12.5', '--reason', 'prueba')).toMatchObject({
      budget: { limit: { amount: '12.5', unit: 'USD' } },
    });
    expect((await typed(['budget', batch, 'none', '--reason', 'prueba'])).stdout).toMatch(/sin presupuesto/);
    expect((await typed(['budget', batch, '3', '--reason', 'prueba'])).stdout).toMatch(
      /presupuesto US\$ 3,00 .*queda US\$ 3,00/,
    );
    expect((await typed(['budget', batch, '3'])).code).toBe(2);
    expect((await typed(['budget', batch, 'mucho', '--reason', 'x'])).code).toBe(3);
  });

  it('credits an account once per reference, and only by an administrator', async () => {
    const { accountId } = api.one;
    const args = ['top-up', '5.00', '--reference', 'transferencia 1', '--account', accountId];
    expect((await typed(args)).code).toBe(3);
    const balance = async (): Promise<unknown> =>
      (await ask(api.app, 'GET', '/api/v1/account', { as: api.one })).body['balances'];
    const before = await balance();
    const first = await typed(args, api.administrator);
    expect(first.code, first.stderr).toBe(0);
    const after = await balance();
    expect(after).not.toEqual(before);
    expect((await typed(args, api.administrator)).code).toBe(0);
    expect(await balance()).toEqual(after);
  });

  it('invites with a role that is named, and lists members and tasks', async () => {
    expect((await typed(['invite', 'ana@example.cl'])).code).toBe(2);
    expect((await typed(['invite', 'ana@example.cl', '--role', 'jefa'])).code).toBe(2);
    expect(await data('invite', 'ana@example.cl', '--role', 'agent')).toMatchObject({ role: 'agent' });
    expect((await data('members'))['members']).toEqual([]);
    await people.member(api.one.accountId, 'agent');
    const { members } = await data('members');
    const [member = ''] = idsOf(members);
    expect((await typed(['members', 'role', member, 'auditor'])).stdout).toMatch(/auditor$/m);
    expect((await typed(['members', 'remove', member])).code).toBe(0);
    expect((await data('members'))['members']).toEqual([]);
    expect(await data('tasks')).toEqual({ tasks: [], is_whole: true });
    expect((await typed(['tasks'])).stdout).toMatch(/Ninguna tarea/);
    const nowhere = '11111111-1111-4111-8111-111111111111';
    expect((await typed(['tasks', 'resolve', nowhere, 'paid', '--note', 'x'])).code).toBe(3);
    expect((await typed(['tasks', 'resolve', nowhere, 'maybe', '--note', 'x'])).code).toBe(2);
    expect((await typed(['tasks', 'show', '../contacts'])).code).toBe(2);
  });

  it('runs what the npm script of the same name runs', async () => {
    const env = { ...process.env, TANDAS_STATE_DIR: dir, API_URL: server.url, API_KEY: api.one.apiKey };
    const script = await run(process.execPath, [join(root, 'scripts/status.ts'), '--all'], { cwd: dir, env });
    expect((await typed(['status', '--all'])).stdout).toBe(script.stdout);
  });
});
