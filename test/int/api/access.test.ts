import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { type ApiWorld, ask, debtorsForm } from '../../support/api.ts';
import { type FilledIds, fillEveryTable } from '../../support/every-table.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

let messages: MessageWorld;
let api: ApiWorld;
beforeAll(async () => {
  messages = await createMessageWorld();
  ({ api } = messages);
});
afterAll(() => messages.close());

const nobody = '11111111-1111-4111-8111-111111111111';

describe('401', () => {
  it('without a key, with a wrong one, with another scheme and with a revoked one', async () => {
    const { app, one, world } = api;
    const revoked = { accountId: one.accountId, apiKey: 'tandas_revoked' };
    await inAccount(world.app, one.accountId, (trx) =>
      trx
        .insertInto('catalogue.api_key')
        .values({
          account_id: one.accountId,
          key_hash: sql<string>`encode(sha256('tandas_revoked'), 'hex')`,
          label: 'revoked',
          role: 'account',
          revoked_at: new Date(),
        })
        .execute(),
    );
    const replies = [
      await ask(app, 'GET', '/api/v1/batches'),
      await ask(app, 'GET', '/api/v1/batches', { as: { accountId: '', apiKey: 'tandas_wrong' } }),
      await ask(app, 'GET', '/api/v1/batches', { headers: { authorization: `Basic ${one.apiKey}` } }),
      await ask(app, 'GET', '/api/v1/batches', { as: revoked }),
      await ask(app, 'POST', '/api/v1/imports', { form: debtorsForm(1, 'nobody') }),
    ];
    for (const { status, type, headers, body } of replies) {
      expect({ status, type }).toEqual({ status: 401, type: 'application/problem+json' });
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(body).toMatchObject({
        type: 'urn:tandas:problem:unauthorised',
        title: 'Unauthorized',
        status: 401,
      });
    }
    expect((await ask(app, 'GET', '/api/v1/batches', { as: one })).status).toBe(200);
  });
});

describe('400', () => {
  it('names every field that does not fit', async () => {
    const { app, one } = api;
    const json = { import_id: 'no', name: '', pack: 'demo', group_size: 0, surprise: 1 };
    const reply = await ask(app, 'POST', '/api/v1/batches', { as: one, json });
    expect(reply).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(JSON.stringify(reply.body['errors'])).toMatch(/import_id.*name.*group_size/);
    const query = await ask(app, 'GET', '/api/v1/contacts?limit=0&state=asleep', { as: one });
    expect(JSON.stringify(query.body['errors'])).toMatch(/query\.(limit|state).*query\.(limit|state)/);
    const path = await ask(app, 'GET', '/api/v1/batches/1', { as: one });
    expect(path.body).toMatchObject({ status: 400, errors: [{ field: 'path.id' }] });
  });

  it('for JSON that is none; 415 for another type; 413 for too much of it', async () => {
    const { app, one } = api;
    const type = { 'content-type': 'application/json' };
    const broken = await ask(app, 'POST', '/api/v1/batches', { as: one, text: '{"a":', headers: type });
    expect(broken).toMatchObject({ status: 400, type: 'application/problem+json' });
    const plain = { 'content-type': 'text/plain' };
    const other = await ask(app, 'POST', '/api/v1/batches', { as: one, text: 'a', headers: plain });
    expect(other).toMatchObject({ status: 415, type: 'application/problem+json' });
    const text = JSON.stringify({ name: 'x'.repeat(70_000) });
    const large = await ask(app, 'POST', '/api/v1/batches', { as: one, text, headers: type });
    expect(large).toMatchObject({ status: 413, type: 'application/problem+json' });
  });
});

describe('404 and 500', () => {
  it('an unknown route is a problem too', async () => {
    const reply = await ask(api.app, 'GET', '/api/v1/nothing');
    expect(reply).toMatchObject({ status: 404, type: 'application/problem+json' });
    expect(reply.body).toMatchObject({ type: 'urn:tandas:problem:no_such_route' });
  });

  it('what fails inside stays inside', async () => {
    const words = 'relation "secret" does not exist at 10.0.0.7';
    const failing = api.appWith({ verifyWebhook: () => Promise.reject(new Error(words)) });
    const reply = await ask(failing, 'POST', '/api/v1/webhooks/retell/demo', { text: '{}' });
    expect(reply).toMatchObject({ status: 500, type: 'application/problem+json' });
    expect(JSON.stringify(reply.body)).not.toContain('secret');
    expect(reply.body['instance']).toBe(`urn:tandas:request:${reply.headers.get('x-request-id') ?? ''}`);
  });
});

describe('GET /health', () => {
  it('is ok with all parts, and names the one that fails', async () => {
    const well = await ask(api.app, 'GET', '/health');
    expect(well.body).toEqual({
      status: 'ok',
      parts: { database: 'ok', temporal: 'ok', voice: 'ok' },
      channels: [],
    });
    const mute = api.appWith({ voice: { concurrency: () => Promise.reject(new Error('no route to host')) } });
    const ill = await ask(mute, 'GET', '/health');
    expect(ill.status).toBe(503);
    expect(ill.body).toEqual({
      status: 'failing',
      parts: { database: 'ok', temporal: 'ok', voice: 'failing' },
      channels: [],
    });
  });

  it('asks the provider once, however often it is asked itself', async () => {
    let asked = 0;
    const concurrency = (): Promise<{ inUse: number; limit: number }> => {
      asked += 1;
      return Promise.resolve({ inUse: 0, limit: 1 });
    };
    const app = api.appWith({ voice: { concurrency }, nowMs: () => 1_000 });
    await Promise.all(Array.from({ length: 5 }, () => ask(app, 'GET', '/health')));
    expect(asked).toBe(1);
  });
});

describe('each account sees only its own rows', () => {
  let ids: FilledIds;

  beforeAll(async () => {
    ids = await fillEveryTable(messages);
  });

  it('through the API: another account is told that there is nothing', async () => {
    const { app, one, other } = api;
    const reason = { reason: 'prueba' };
    const { batchId, contactId, importId } = ids;
    const reads = [
      `/api/v1/batches/${batchId}`,
      `/api/v1/contacts/${contactId}`,
      `/api/v1/accounts/${one.accountId}`,
    ];
    for (const path of reads) {
      expect((await ask(app, 'GET', path, { as: other })).status, path).toBe(404);
      expect((await ask(app, 'GET', path, { as: one })).status, path).toBe(200);
    }
    const writes: readonly (readonly [string, unknown])[] = [
      ...['pause', 'resume', 'cancel'].map(
        (action) => [`/api/v1/batches/${batchId}/${action}`, reason] as const,
      ),
      ...['pause', 'resume', 'cancel', 'retry'].map(
        (action) => [`/api/v1/contacts/${contactId}/${action}`, reason] as const,
      ),
      [`/api/v1/contacts/${contactId}/reschedule`, { at: '2030-01-01T12:00', ...reason }],
      ['/api/v1/batches', { import_id: importId, name: 'Ajena', pack: 'demo', policy: 'demo' }],
    ];
    for (const [path, json] of writes) {
      expect((await ask(app, 'POST', path, { as: other, json })).status, path).toBe(404);
    }
    expect((await ask(app, 'GET', '/api/v1/batches', { as: other })).body).toMatchObject({ batches: [] });
    expect((await ask(app, 'GET', '/api/v1/contacts', { as: other })).body).toMatchObject({ contacts: [] });
    const cursor = `/api/v1/contacts?cursor=${contactId}`;
    expect((await ask(app, 'GET', cursor, { as: other })).body).toMatchObject({ contacts: [] });
    const state = await ask(app, 'GET', `/api/v1/batches/${batchId}`, { as: one });
    expect(state.body).toMatchObject({ state: 'running' });
  });

  it('a key is known to its own account: the same Idempotency-Key of another is another request', async () => {
    const { app, other } = api;
    const reply = await ask(app, 'POST', '/api/v1/imports', {
      as: other,
      form: debtorsForm(2, 'access'),
      key: 'access',
    });
    expect(reply).toMatchObject({ status: 201, body: { already_imported: false } });
  });

  it('through SQL: no table shows a row to another account, to nobody, or takes one for another', async () => {
    const { world, one } = api;
    const { rows: tables } = await sql<{ name: string; owned: boolean; forced: boolean; granted: boolean }>`
      select n.nspname || '.' || c.relname as name,
             exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id') as owned,
             c.relrowsecurity and c.relforcerowsecurity as forced,
             has_table_privilege('tandas_app', c.oid, 'select') as granted
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('catalogue', 'core', 'operation') and c.relkind in ('r', 'p') order by 1`.execute(
      world.owner,
    );
    const owned = tables.filter(({ name, owned: hasAccount }) => hasAccount || name === 'catalogue.account');
    expect(owned.length).toBeGreaterThan(25);
    expect(owned.filter(({ forced }) => !forced)).toEqual([]);
    // Whatever has no account column must be known here as common to all.
    expect(tables.filter((table) => !owned.includes(table)).map(({ name }) => name)).toEqual([
      // Price lists.
      'catalogue.credit_package',
      'catalogue.exchange_rate',
      'catalogue.plan_version',
      'catalogue.policy_version',
      'catalogue.pool',
      'catalogue.rule_pack_version',
      'catalogue.tax_rate',
      'catalogue.use_case',
      'core.line_pool',
      'operation.channel_health',
      'operation.feed_end',
      // Nobody's account: the API may write it, and read of it that something came, never what.
      'operation.payment_event',
    ]);
    const stranger = nobody;
    const unseen: string[] = [];
    for (const { name, granted } of owned) {
      if (!granted) continue;
      // Rows of no account are everybody's: what ships with the product, or an administrator of it wrote.
      const owner = name === 'catalogue.account' ? 'id' : 'account_id';
      const count = async (as: string): Promise<number> =>
        inAccount(world.app, as, async (trx) => {
          const { rows } = await sql<{ n: bigint }>`
            select count(*) as n from ${sql.table(name)} where ${sql.ref(owner)} is not null`.execute(trx);
          return Number(rows[0]?.n ?? -1n);
        });
      if ((await count(one.accountId)) === 0) unseen.push(name);
      expect(await count(stranger), `${name} as another account`).toBe(0);
      const { rows } = await sql<{ n: bigint }>`
        select count(*) as n from ${sql.table(name)} where ${sql.ref(owner)} is not null`.execute(world.app);
      expect(rows[0]?.n, `${name} without an account`).toBe(0n);
    }
    // A table that is empty for its own account has been shown nothing.
    expect(unseen).toEqual([]);
  });

  it('through SQL: no account writes into another', async () => {
    const { world, one, other } = api;
    const { rows: tables } = await sql<{ name: string }>`
      select n.nspname || '.' || c.relname as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
       where n.nspname in ('catalogue', 'core', 'operation') and c.relkind in ('r', 'p')
         and has_table_privilege('tandas_app', c.oid, 'update') order by 1`.execute(world.owner);
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const stolen = await inAccount(world.app, other.accountId, (trx) =>
        sql`update ${sql.table(name)} set account_id = account_id where account_id = ${one.accountId}`.execute(
          trx,
        ),
      );
      expect(stolen.numAffectedRows, name).toBe(0n);
    }
    const given = inAccount(world.app, other.accountId, (trx) =>
      trx.insertInto('catalogue.creditor').values({ account_id: one.accountId, name: 'Ajeno' }).execute(),
    );
    await expect(given).rejects.toThrow('row-level security');
  });
});
