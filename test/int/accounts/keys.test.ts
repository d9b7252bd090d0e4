import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whatsAppAt } from '../../../channels/whatsapp/whatsapp.ts';
import { inAccount } from '../../../db/client.ts';
import { createMcpApp } from '../../../mcp/handler.ts';
import { ask, type Reply, textOf } from '../../support/api.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

const api = (method: string, path: string, json?: unknown, as = world.api.one): Promise<Reply> =>
  ask(world.app, method, path, { as, ...(json === undefined ? {} : { json }) });
const with_ = (apiKey: string) => ({ accountId: world.accountId, apiKey });
const opens = async (key: string): Promise<number> =>
  (await api('GET', '/api/v1/batches', undefined, with_(key))).status;

const keysOf = async (path: string, as = world.api.one): Promise<readonly Record<string, unknown>[]> => {
  const { body } = await api('GET', path, undefined, as);
  return Array.isArray(body['keys']) ? body['keys'].map((key: unknown) => ({ ...Object(key) })) : [];
};

async function make(label: string, changes: object = {}): Promise<{ id: string; key: string }> {
  const reply = await api('POST', '/api/v1/api-keys', { label, ...changes });
  expect(reply, label).toMatchObject({ status: 201 });
  return { id: textOf(reply.body, 'id'), key: textOf(reply.body, 'key') };
}

/** As if the time had come. */
async function expireNow(id: string): Promise<void> {
  await inAccount(world.api.world.app, world.accountId, (trx) =>
    trx
      .updateTable('catalogue.api_key')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', id)
      .execute(),
  );
}

describe('an API key', () => {
  it('is made, shown once, listed by its first characters with its last use, and opens until it is revoked', async () => {
    const { id, key } = await make('ERP');
    expect(await opens(key)).toBe(200);
    const listed = await keysOf('/api/v1/api-keys');
    const [mine] = listed.filter((one) => one['id'] === id);
    expect(mine).toMatchObject({ label: 'ERP', role: 'account', revoked_at: null, expires_at: null });
    expect(mine?.['last_used_at']).not.toBeNull();
    expect(key.startsWith(String(mine?.['prefix']))).toBe(true);
    expect(String(mine?.['prefix'])).toHaveLength('tandas_'.length + 5);
    const text = JSON.stringify(listed);
    expect(text).not.toContain(key);
    expect(text).not.toContain('hash');
    expect((await api('DELETE', `/api/v1/api-keys/${id}`)).status).toBe(200);
    expect(await opens(key)).toBe(401);
    const again = await api('DELETE', `/api/v1/api-keys/${id}`);
    expect(again.body['revoked_at']).toBe(
      (await keysOf('/api/v1/api-keys')).find((one) => one['id'] === id)?.['revoked_at'],
    );
    const audit = await world.inside((trx) =>
      trx.selectFrom('operation.audit').select('action').where('subject', '=', id).orderBy('at').execute(),
    );
    expect(audit.map(({ action }) => action)).toEqual(['api_key.made', 'api_key.revoked']);
  });

  it('ends by itself, and is refused with an end behind us', async () => {
    const { id, key } = await make('por un mes', {
      expires_at: new Date(Date.now() + 2_592_000_000).toISOString(),
    });
    expect(await opens(key)).toBe(200);
    await expireNow(id);
    expect(await opens(key)).toBe(401);
    expect(await api('POST', `/api/v1/api-keys/${id}/rotate`, {})).toMatchObject({ status: 409 });
    const late = await api('POST', '/api/v1/api-keys', { label: 'x', expires_at: '2020-01-01T00:00:00Z' });
    expect(late).toMatchObject({ status: 422, body: { errors: [{ field: 'expires_at' }] } });
  });

  it('is rotated with an overlap, after which the old one opens nothing', async () => {
    const old = await make('rota');
    const reply = await api('POST', `/api/v1/api-keys/${old.id}/rotate`, { overlap_hours: 2 });
    expect(reply).toMatchObject({ status: 201, body: { label: 'rota', role: 'account', expires_at: null } });
    const key = textOf(reply.body, 'key');
    expect([await opens(old.key), await opens(key)]).toEqual([200, 200]);
    const [row] = (await keysOf('/api/v1/api-keys')).filter((one) => one['id'] === old.id);
    const endsInMs = Date.parse(String(row?.['expires_at'])) - Date.now();
    expect(Math.round(endsInMs / 3_600_000)).toBe(2);
    await expireNow(old.id);
    expect([await opens(old.key), await opens(key)]).toEqual([401, 200]);
    // At once.
    const next = await api('POST', `/api/v1/api-keys/${textOf(reply.body, 'id')}/rotate`, {
      overlap_hours: 0,
    });
    expect([await opens(key), await opens(textOf(next.body, 'key'))]).toEqual([401, 200]);
  });

  it('of an account makes and turns no administrator’s, and sees and ends none of another account', async () => {
    const wanted = { label: 'x', role: 'administrator' };
    expect(await api('POST', '/api/v1/api-keys', wanted)).toMatchObject({ status: 403 });
    const { administrator } = world.api;
    const made = await api('POST', '/api/v1/api-keys', wanted, administrator);
    expect(made.status).toBe(201);
    const id = textOf(made.body, 'id');
    const own = await api('POST', '/api/v1/api-keys', { label: 'suya' }, administrator);
    const less = { accountId: administrator.accountId, apiKey: textOf(own.body, 'key') };
    for (const [method, path] of [
      ['POST', `/api/v1/api-keys/${id}/rotate`],
      ['DELETE', `/api/v1/api-keys/${id}`],
    ] as const) {
      const json = method === 'POST' ? {} : undefined;
      expect((await api(method, path, json, less)).status).toBe(403);
      expect((await api(method, path, json)).status).toBe(404);
    }
    expect((await keysOf('/api/v1/api-keys')).map((one) => one['id'])).not.toContain(id);
  });

  it('is one of fifty at most', async () => {
    let last = await api('POST', '/api/v1/api-keys', { label: 'x' }, world.api.other);
    for (let i = 0; i < 60 && last.status === 201; i += 1) {
      last = await api('POST', '/api/v1/api-keys', { label: 'x' }, world.api.other);
    }
    expect(last).toMatchObject({ status: 409, body: { type: 'urn:tandas:problem:too_many_keys' } });
    expect(await keysOf('/api/v1/api-keys', world.api.other)).toHaveLength(50);
  });
});

describe('a token of the bundled MCP server', () => {
  it('is made, used, rotated and revoked in the same way, and opens nothing of the API', async () => {
    const openMessageSender = whatsAppAt('http://127.0.0.1:1');
    const mcp = createMcpApp({ ...world.actions, openMessageSender, logger: pino({ level: 'silent' }) });
    const status = async (token: string): Promise<number> => {
      const request = new Request('http://mcp.test/mcp', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{}',
      });
      return (await mcp.fetch(request)).status;
    };
    const made = await api('POST', '/api/v1/mcp-tokens', { label: 'agente' });
    const [id, token] = [textOf(made.body, 'id'), textOf(made.body, 'key')];
    expect(token).toMatch(/^tandas_mcp_/);
    expect(await status(token)).not.toBe(401);
    expect(await opens(token)).toBe(401);
    const turned = await api('POST', `/api/v1/mcp-tokens/${id}/rotate`, { overlap_hours: 0 });
    const next = textOf(turned.body, 'key');
    expect(await status(token)).toBe(401);
    expect(await status(next)).not.toBe(401);
    expect((await api('DELETE', `/api/v1/mcp-tokens/${textOf(turned.body, 'id')}`)).status).toBe(200);
    expect(await status(next)).toBe(401);
    const [listed] = (await keysOf('/api/v1/mcp-tokens')).filter((one) => one['id'] === id);
    expect(listed).toMatchObject({ label: 'agente', role: 'account' });
    expect(listed?.['last_used_at']).not.toBeNull();
    await mcp.close();
  });
});

describe('npm run keys', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const keys = async (...args: readonly string[]): Promise<string> => {
    const env = { ...process.env, DATABASE_URL: world.api.world.url };
    const all = ['scripts/keys.ts', ...args, '--account', world.accountId];
    return (await promisify(execFile)(process.execPath, all, { cwd: root, env })).stdout;
  };

  it('makes, lists, rotates and revokes', async () => {
    const made = await keys('make', '--label', 'consola', '--expires', '2090-12-31');
    const [, id = '', key = ''] = /^id {3}(\S+)\nkey {2}(\S+)/.exec(made) ?? [];
    expect(await opens(key)).toBe(200);
    const listed = await keys('list');
    expect(listed).toContain('consola');
    expect(listed).toContain('2090-12-31');
    expect(listed).not.toContain(key);
    const [, next = ''] = /\nkey {2}(\S+)/.exec(await keys('rotate', id, '--overlap', '0')) ?? [];
    expect([await opens(key), await opens(next)]).toEqual([401, 200]);
    await keys('revoke', id);
    await expect(keys('revoke', 'no-id')).rejects.toMatchObject({ code: 2 });
  });
});
