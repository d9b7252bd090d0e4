import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { makeKey } from '../../../domain/accounts/keys.ts';
import type { Holder } from '../../../domain/accounts/rules/permissions.ts';
import { type ApiWorld, ask, createApiWorld, type Customer, type Reply, textOf } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const newKey = (json: object, as: Customer = api.one): Promise<Reply> =>
  ask(api.app, 'POST', '/api/v1/api-keys', { as, json: { label: 'prueba', ...json } });

async function keyWith(json: object): Promise<Customer & { readonly id: string }> {
  const made = await newKey(json);
  expect(made, JSON.stringify(made.body)).toMatchObject({ status: 201 });
  return { accountId: api.one.accountId, apiKey: textOf(made.body, 'key'), id: textOf(made.body, 'id') };
}

describe('the scopes of a key', () => {
  it('are all that it may do, also after it was rotated', async () => {
    const key = await keyWith({ scopes: ['batches:read', 'batches:read', 'account:read'] });
    const rotated = await ask(api.app, 'POST', `/api/v1/api-keys/${key.id}/rotate`, {
      as: api.one,
      json: {},
    });
    expect(rotated).toMatchObject({ status: 201, body: { scopes: ['account:read', 'batches:read'] } });
    for (const as of [key, { ...key, apiKey: textOf(rotated.body, 'key') }]) {
      expect((await ask(api.app, 'GET', '/api/v1/batches', { as })).status).toBe(200);
      expect(await ask(api.app, 'GET', '/api/v1/contacts', { as })).toMatchObject({
        status: 403,
        body: { type: 'urn:tandas:problem:not_permitted', permission: 'contacts:read' },
      });
    }
  });

  it('name permissions that there are, never those of keys, and at least one', async () => {
    for (const scopes of [['keys:write'], ['everything'], [], 'batches:read']) {
      expect(await newKey({ scopes }), JSON.stringify(scopes)).toMatchObject({ status: 400 });
    }
  });

  it('of a permission that this release no longer has open nothing', async () => {
    const key = await keyWith({ scopes: ['batches:read'] });
    await inAccount(api.world.app, key.accountId, (trx) =>
      trx
        .updateTable('catalogue.api_key')
        .set({ scopes: ['batches:gone', '__proto__'] })
        .where('id', '=', key.id)
        .execute(),
    );
    expect((await ask(api.app, 'GET', '/api/v1/batches', { as: key })).status).toBe(403);
    expect((await ask(api.app, 'GET', '/api/v1/api-keys', { as: api.one })).status).toBe(200);
  });

  it('are not for tokens of the MCP server: what nobody keeps is refused', async () => {
    for (const [field, value] of [
      ['scopes', ['batches:read']],
      ['networks', ['10.0.0.0/8']],
    ] as const) {
      const json = { label: 'x', [field]: value };
      expect(await ask(api.app, 'POST', '/api/v1/mcp-tokens', { as: api.one, json })).toMatchObject({
        status: 422,
        body: { errors: [{ field }] },
      });
    }
  });

  it('nobody makes or ends a key that holds more than they do', async () => {
    const by = (
      holder: Holder,
      scopes: readonly ['payments:write'] | null,
      role: 'account' | 'administrator',
    ) =>
      inAccount(api.world.app, api.one.accountId, (trx) =>
        makeKey(
          trx,
          { accountId: api.one.accountId, actor: 'test', holder },
          { kind: 'api_key', label: 'x', role, scopes, networks: null, expiresAt: null },
        ),
      );
    const operator: Holder = { kind: 'member', role: 'operator' };
    await expect(by(operator, ['payments:write'], 'account')).resolves.toBeDefined();
    await expect(by(operator, null, 'account')).rejects.toMatchObject({ code: 'key_opens_more' });
    await expect(by({ kind: 'member', role: 'viewer' }, ['payments:write'], 'account')).rejects.toMatchObject(
      {
        code: 'key_opens_more',
      },
    );
    await expect(by({ kind: 'member', role: 'owner' }, null, 'account')).resolves.toBeDefined();
    await expect(by({ kind: 'member', role: 'owner' }, null, 'administrator')).rejects.toMatchObject({
      code: 'administrator_only',
    });
  });
});

describe('the networks of a key', () => {
  const from = (address: string | undefined) => api.appWith({ addressOf: () => address });

  it('are the only ones from which it opens', async () => {
    const key = await keyWith({ networks: ['203.0.113.0/24', '2001:db8::/32'] });
    for (const address of ['203.0.113.9', '::ffff:203.0.113.9', '2001:db8:1::7']) {
      expect((await ask(from(address), 'GET', '/api/v1/batches', { as: key })).status, address).toBe(200);
    }
    for (const address of ['203.0.114.9', '2001:db9::7', undefined]) {
      expect(await ask(from(address), 'GET', '/api/v1/batches', { as: key }), address).toMatchObject({
        status: 403,
        body: { type: 'urn:tandas:problem:address_not_allowed' },
      });
    }
    const listed = await ask(api.app, 'GET', '/api/v1/api-keys', { as: api.one });
    expect(JSON.stringify(listed.body)).toContain('203.0.113.0/24');
  });

  it('are written as networks, or the one that is not is named', async () => {
    for (const wrong of ['10.0.0.7/8', 'oficina', '0.0.0.0/0']) {
      expect(await newKey({ networks: ['203.0.113.0/24', wrong] }), wrong).toMatchObject({
        status: 422,
        body: { type: 'urn:tandas:problem:no_network', errors: [{ field: 'networks[1]' }] },
      });
    }
    expect((await newKey({ networks: [] })).status).toBe(400);
  });
});
