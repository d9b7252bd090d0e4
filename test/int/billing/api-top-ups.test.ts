import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { type ApiWorld, ask, createApiWorld, type Customer, type Reply } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const credit = (json: unknown, as?: Customer, key?: string): Promise<Reply> =>
  ask(api.app, 'POST', `/api/v1/accounts/${api.other.accountId}/top-ups`, {
    as: as ?? api.administrator,
    json,
    ...(key === undefined ? {} : { key }),
  });

async function available(): Promise<bigint> {
  const { accountId } = api.other;
  return inAccount(api.world.app, accountId, async (trx) => {
    const { available_micros } = await trx
      .selectFrom('core.ledger_account')
      .select('available_micros')
      .executeTakeFirstOrThrow();
    return available_micros;
  });
}

describe('POST /api/v1/accounts/{id}/top-ups', () => {
  it('201 with the new balances; an audit row; the dispatchers are woken', async () => {
    const before = await available();
    const reply = await credit({ amount: '0.10', unit: 'USD', reference: 'one' });
    expect(reply.status).toBe(201);
    expect(await available()).toBe(before + 100_000n);
    expect(reply.body).toMatchObject({ balances: [{ available: { amount: '5.1', unit: 'USD' } }] });
    const audit = await inAccount(api.world.app, api.other.accountId, (trx) =>
      trx
        .selectFrom('operation.audit')
        .select(['action', 'actor', 'detail'])
        .where('action', '=', 'account.topped_up')
        .execute(),
    );
    expect(audit).toEqual([
      {
        action: 'account.topped_up',
        actor: 'api: administrator',
        detail: { unit: 'USD', amountMicros: '100000', reference: 'one' },
      },
    ]);
  });

  it('200 for the same reference, which moves nothing, also five at once; 409 with another amount', async () => {
    const before = await available();
    const json = { amount: '2', unit: 'USD', reference: 'two' };
    const replies = await Promise.all([1, 2, 3, 4, 5].map(() => credit(json)));
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 200, 200, 201]);
    expect(await available()).toBe(before + 2_000_000n);
    const other = await credit({ ...json, amount: '3' });
    expect(other).toMatchObject({ status: 409, body: { errors: [{ field: 'reference' }] } });
    const keyed = { amount: '1', unit: 'USD', reference: 'three' };
    expect((await credit(keyed, undefined, 'k')).status).toBe(201);
    expect((await credit(keyed, undefined, 'k')).status).toBe(201);
    expect(await available()).toBe(before + 3_000_000n);
  });

  it('403 for who is no administrator, 404 for an account that is not, 422 for a unit of another plan', async () => {
    const before = await available();
    const json = { amount: '1', unit: 'USD', reference: 'four' };
    for (const as of [api.one, api.other]) {
      expect(await credit(json, as)).toMatchObject({
        status: 403,
        body: { type: 'urn:tandas:problem:administrator_only' },
      });
    }
    const nobody = await ask(
      api.app,
      'POST',
      '/api/v1/accounts/44444444-4444-4444-8444-444444444444/top-ups',
      {
        as: api.administrator,
        json,
        key: 'nobody',
      },
    );
    expect(nobody.status).toBe(404);
    expect(await credit({ ...json, unit: 'SEC' })).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'unit' }] },
    });
    for (const amount of ['0', '-1', '1,5', 'NaN', '0.0000001', 1]) {
      expect((await credit({ ...json, amount })).status, String(amount)).toBe(400);
    }
    expect(await available()).toBe(before);
  });
});

describe('GET /api/v1/accounts/{id}', () => {
  it('200 for its own and for an administrator, 404 for another account', async () => {
    const path = `/api/v1/accounts/${api.other.accountId}`;
    const own = await ask(api.app, 'GET', path, { as: api.other });
    expect(own).toMatchObject({ status: 200, body: { plan: 'credit_based', max_lines: null } });
    expect((await ask(api.app, 'GET', path, { as: api.administrator })).status).toBe(200);
    expect((await ask(api.app, 'GET', path, { as: api.one })).status).toBe(404);
  });
});
