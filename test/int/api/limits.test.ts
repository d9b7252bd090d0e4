import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, createPool } from '../../../db/client.ts';
import { type ApiWorld, ask, createApiWorld, type Reply } from '../../support/api.ts';

let api: ApiWorld;
let statements = 0;
let nowMs = 0;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const counting: KyselyPlugin = {
  transformQuery: ({ node }) => {
    statements += 1;
    return node;
  },
  transformResult: ({ result }) => Promise.resolve(result),
};

/** An API of its own, whose clock stands still, and whose clients say where they come from. */
function limited(perKeyPerSecond: number, perAddressPerSecond: number): ApiWorld['app'] {
  nowMs = Date.now();
  return api.appWith({
    app: api.world.app.withPlugin(counting),
    limits: { perKeyPerSecond, perAddressPerSecond },
    addressOf: (c) => c.req.header('x-test-address'),
    nowMs: () => nowMs,
  });
}

const batches = (app: ApiWorld['app'], address: string, headers: Readonly<Record<string, string>> = {}) =>
  ask(app, 'GET', '/api/v1/batches', { headers: { 'x-test-address': address, ...headers } });

function expectTooMany(reply: Reply, seconds: string): void {
  expect(reply).toMatchObject({
    status: 429,
    type: 'application/problem+json',
    body: { type: 'urn:tandas:problem:too_many_requests', status: 429 },
  });
  expect(reply.headers.get('retry-after')).toBe(seconds);
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('a limit', () => {
  it('is kept by key: 429 with Retry-After, and another key goes on', async () => {
    const app = limited(2, 0);
    const mine = bearer(api.one.apiKey);
    for (let i = 0; i < 6; i += 1) expect((await batches(app, '', mine)).status).toBe(200);
    expectTooMany(await batches(app, '', mine), '1');
    expect((await batches(app, '', bearer(api.other.apiKey))).status).toBe(200);
    nowMs += 1_000;
    expect((await batches(app, '', mine)).status).toBe(200);
  });

  it('is kept by address before anything is looked up, by network where it is IPv6, and not for webhooks of providers', async () => {
    const app = limited(0, 1);
    for (const last of ['1', '2', '3']) await batches(app, `2a00:1450:4001:82a::${last}`);
    statements = 0;
    expectTooMany(await batches(app, '2a00:1450:4001:82a:1::9'), '1');
    expect(statements).toBe(0);
    expect((await batches(app, '2a00:1450:4001:82b::1')).status).toBe(401);
    for (const provider of ['retell', 'whatsapp', 'mercadopago']) {
      const path = `/api/v1/webhooks/${provider}/${api.one.accountId}`;
      for (let i = 0; i < 6; i += 1) {
        const { status } = await ask(app, 'POST', path, {
          text: '{}',
          headers: { 'x-test-address': '9.9.9.9' },
        });
        expect(status, provider).not.toBe(429);
      }
    }
  });
});

describe('a key that is none', () => {
  it('costs no statement where it does not look like one, and one that does costs one, a few times', async () => {
    const app = limited(0, 1_000);
    statements = 0;
    for (const wrong of ['', 'short', 'ñ'.repeat(40), 'x'.repeat(201), 'tandas_{}{}{}{}{}{}{}']) {
      expect((await batches(app, '8.8.8.8', wrong === '' ? {} : bearer(encodeURI(wrong)))).status).toBe(401);
    }
    expect(statements).toBe(0);
    const invented = () => bearer(`tandas_${randomBytes(24).toString('base64url')}`);
    for (let i = 0; i < 20; i += 1) expect((await batches(app, '8.8.8.8', invented())).status).toBe(401);
    expect(statements).toBe(20);
    expectTooMany(await batches(app, '8.8.8.8', invented()), '1');
    expect(statements).toBe(20);
    // All at once.
    nowMs += 10_000;
    await Promise.all(Array.from({ length: 200 }, () => batches(app, '8.8.8.8', invented())));
    expect(statements).toBe(40);
    expect((await batches(app, '8.8.4.4', invented())).status).toBe(401);
  });

  it('does not shut out the right key of its neighbour', async () => {
    const app = limited(0, 1_000);
    const right = bearer(api.one.apiKey);
    expect((await batches(app, '8.8.8.8', right)).status).toBe(200);
    for (let i = 0; i < 30; i += 1) {
      await batches(app, '8.8.8.8', bearer(`tandas_${randomBytes(24).toString('base64url')}`));
    }
    expect((await batches(app, '8.8.8.8', right)).status).toBe(200);
  });
});

describe('a statement', () => {
  it('has an end by role; COPY, and whoever has no role, have none', async () => {
    const { url } = api.world;
    const read = async (db: ReturnType<typeof createDatabase>): Promise<string | undefined> =>
      (await sql<{ statement_timeout: string }>`show statement_timeout`.execute(db)).rows[0]
        ?.statement_timeout;
    const owner = createDatabase({ url, maxConnections: 1 });
    const pool = createPool({ url, role: 'tandas_app', maxConnections: 1 });
    try {
      expect(await read(api.world.app)).toBe('30s');
      expect(await read(api.world.system)).toBe('1min');
      expect(await read(owner)).toBe('0');
      expect((await pool.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
    } finally {
      await Promise.all([owner.destroy(), pool.end()]);
    }
  });
});
