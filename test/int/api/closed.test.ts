import { createRoute, z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { access, namedPermissions, publicRoutes } from '../../../api/access.ts';
import { aspects, mayDo, permissions } from '../../../domain/accounts/rules/permissions.ts';
import { createApp } from '../../../api/app.ts';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

/** A path that the route takes. */
const filled = (path: string): string =>
  path
    .replace(/:id\b/, '11111111-1111-4111-8111-111111111111')
    .replace(/:format\b/, 'md')
    .replace(/:\w+(\{[^/]*\})?/g, 'demo');

const served = (app: ReturnType<typeof createApp>): readonly string[] =>
  app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
    .map(({ method, path }) => `${method} ${path}`);

describe('everything below /api/', () => {
  it('is public and says what opens it instead, or answers 401 without a key', async () => {
    const open: string[] = [];
    for (const name of served(api.app)) {
      const [method = '', path = ''] = name.split(' ');
      const { status } = await ask(api.app, method, filled(path));
      if (status !== 401 && !publicRoutes.has(name)) open.push(`${name}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  it('answers another method than those of a route with 405, and says which it takes', async () => {
    const wrong: string[] = [];
    for (const name of served(api.app)) {
      const [method = '', path = ''] = name.split(' ');
      const { status, headers } = await ask(api.app, 'PURGE', filled(path));
      const allowed = (headers.get('allow') ?? '').split(', ');
      if (status !== 405 || !allowed.includes(method)) wrong.push(`${name}: ${status} ${allowed.join()}`);
    }
    expect(wrong).toEqual([]);
    const contacts = await ask(api.app, 'DELETE', '/api/v1/batches');
    expect(contacts.headers.get('allow')).toBe('HEAD, GET, POST');
    expect(contacts.body).toMatchObject({ detail: 'This route takes HEAD, GET, POST.' });
    // What nobody serves says nothing of methods.
    expect((await ask(api.app, 'DELETE', '/api/v1/nothing')).headers.get('allow')).toBeNull();
  });

  it('is served under the very path that the OpenAPI tells', async () => {
    const lost: string[] = [];
    for (const name of namedPermissions(api.app).keys()) {
      const [method = '', path = ''] = name.split(' ');
      // As a client fills what is in braces, not as the router writes it.
      const asked = filled(path.replaceAll(/\{(\w+)\}/g, ':$1'));
      const { body } = await ask(api.app, method, asked, { as: api.administrator });
      if (/:(no_such_route|method_not_allowed)$/.test(String(body['type']))) lost.push(name);
    }
    expect(lost).toEqual([]);
  });

  it('is listed as public only where it is served, and names a permission where it is not public', () => {
    const names = served(api.app);
    expect([...publicRoutes.keys()].filter((name) => !names.includes(name))).toEqual([]);
    const named = namedPermissions(api.app);
    expect(names.filter((name) => !publicRoutes.has(name) && !named.has(name))).toEqual([]);
    expect(new Set([...named.values(), ...aspects])).toEqual(new Set(permissions));
  });

  it('refuses a key whose role lacks the permission, and says which it is', async () => {
    const named = namedPermissions(api.app);
    const closed: string[] = [];
    for (const name of served(api.app)) {
      const permission = named.get(name);
      if (permission === undefined || mayDo({ kind: 'key', role: 'account', scopes: null }, permission))
        continue;
      const [method = '', path = ''] = name.split(' ');
      const reply = await ask(api.app, method, filled(path), { as: api.one });
      expect(reply, name).toMatchObject({ status: 403, body: { permission } });
      expect(String(reply.body['detail_es'])).toMatch(/administrador/);
      closed.push(permission);
    }
    expect(new Set(closed)).toEqual(new Set(['balance:write', 'holidays:write', 'rule_packs:write']));
  });
});

describe('a new route', () => {
  const forgotten = (extra: object) =>
    createRoute({
      method: 'get',
      path: '/api/v1/forgotten',
      ...extra,
      responses: {
        200: {
          description: 'Secrets.',
          content: { 'application/json': { schema: z.object({ said: z.string() }) } },
        },
      },
    });

  it('that names no permission and is in no list is shut to everybody', async () => {
    const app = api.appWith({});
    app.openapi(forgotten({}), (c) => c.json({ said: 'everything' }, 200));
    expect((await ask(app, 'GET', '/api/v1/forgotten')).status).toBe(401);
    for (const as of [api.one, api.administrator]) {
      expect(await ask(app, 'GET', '/api/v1/forgotten', { as })).toMatchObject({
        status: 403,
        body: { type: 'urn:tandas:problem:no_permission_named' },
      });
    }
  });

  it('that names one is open to those who hold it', async () => {
    const app = api.appWith({});
    app.openapi(forgotten(access('holidays:write')), (c) => c.json({ said: 'everything' }, 200));
    expect((await ask(app, 'GET', '/api/v1/forgotten')).status).toBe(401);
    expect((await ask(app, 'GET', '/api/v1/forgotten', { as: api.one })).status).toBe(403);
    expect((await ask(app, 'GET', '/api/v1/forgotten', { as: api.administrator })).status).toBe(200);
  });

  it('takes no body above the bound, unless it has one of its own', async () => {
    const app = api.appWith({});
    app.post('/api/v1/forgotten', async (c) => c.text(await c.req.text()));
    const reply = await ask(app, 'POST', '/api/v1/forgotten', { as: api.one, text: 'x'.repeat(70_000) });
    expect(reply.status).toBe(413);
  });
});
