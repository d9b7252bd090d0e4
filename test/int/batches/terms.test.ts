import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { addHoliday } from '../../../domain/policy/account-holidays.ts';
import { chooseRulePack } from '../../../domain/policy/rule-packs.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf, uploadDebtors } from '../../support/api.ts';
import { fieldsOf as objectOf } from '../../../client/fields.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const terms = (query: string): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/terms?use_case=debt_collection${query}`, { as: api.one });

async function choose(key: string): Promise<void> {
  const { accountId } = api.one;
  await inAccount(api.world.app, accountId, (trx) =>
    chooseRulePack(trx, { accountId, key, signedOffBy: 'Ana Soto', actor: 'test' }),
  );
}

/** A Saturday in Santiago, 17:00: after its last wave. */
const saturday = '2026-11-28T20:00:00Z';

describe('GET /api/v1/terms', () => {
  it('says the rules in words and the instant of the first call: of a Saturday afternoon it is Monday’s first wave', async () => {
    expect(await terms(`&pack=cl-collection-waves&from=${saturday}`)).toMatchObject({
      status: 200,
      body: {
        pack: { key: 'cl-collection-waves', simulated_only: false },
        policy: {
          key: 'collection-waves',
          es: 'tandas de las 09:00, 12:00 y 15:00, a lo más 9 llamadas por persona',
        },
        zone: 'America/Santiago',
        first_call_at: '2026-11-30T12:00:00.000Z',
        es: expect.stringMatching(/^Reglas: Cobranza Chile.*Primera llamada: lunes 30-11-2026 09:00\.$/),
        en: expect.stringMatching(/^Rules: .*First call: Monday 2026-11-30 09:00\.$/),
      },
    });
  });

  it('says now of a wave that is open, and the next one of the minutes between two', async () => {
    const at = async (from: string) =>
      (await terms(`&pack=cl-collection-waves&from=${from}`)).body['first_call_at'];
    expect(await at('2026-11-27T12:30:00Z')).toBe('2026-11-27T12:30:00.000Z');
    expect(await at('2026-11-27T13:30:00Z')).toBe('2026-11-27T15:00:00.000Z');
    // The eighth of December is a holiday.
    expect(await at('2026-12-07T23:00:00Z')).toBe('2026-12-09T12:00:00.000Z');
  });

  it('knows the days of rest that the account has added', async () => {
    const editor = { accountId: api.one.accountId, actor: 'test' };
    const day = {
      country: 'CL',
      region: null,
      day: '2027-03-10',
      everyYear: false,
      name: 'Aniversario',
    } as const;
    await inAccount(api.world.app, api.one.accountId, (trx) =>
      addHoliday(trx, editor, { ...day, kind: 'closed', source: '' }),
    );
    const { body } = await terms('&pack=cl-collection-waves&from=2027-03-10T12:00:00Z');
    expect(body['first_call_at']).toBe('2027-03-11T12:00:00.000Z');
  });

  it('takes the pack that the account has chosen last, also where it had chosen it before', async () => {
    await choose('cl-collection-waves');
    await choose('cl-collection-strict');
    expect((await terms('')).body['pack']).toMatchObject({ key: 'cl-collection-strict' });
    await choose('cl-collection-waves');
    expect((await terms('')).body['pack']).toMatchObject({ key: 'cl-collection-waves' });
  });

  it('gives a pack that rings nobody its own policy, and calls at once', async () => {
    const { body } = await terms(`&pack=demo&from=${saturday}`);
    expect(body).toMatchObject({
      pack: { key: 'demo', simulated_only: true },
      policy: { key: 'demo' },
      first_call_at: '2026-11-28T20:00:02.000Z',
    });
    expect((await terms('&pack=demo&policy=collection-waves')).body['policy']).toMatchObject({
      key: 'collection-waves',
    });
  });

  it('refuses what a batch would be refused for, and what is no field of it', async () => {
    expect(await terms('&pack=co-collection')).toMatchObject({ status: 422 });
    expect(await terms('&policy=none')).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'policy' }] },
    });
    expect(await terms('&pakc=demo')).toMatchObject({ status: 400 });
    expect(await ask(api.app, 'GET', '/api/v1/terms?use_case=other', { as: api.one })).toMatchObject({
      status: 400,
    });
    expect((await ask(api.app, 'GET', '/api/v1/terms?use_case=marketing')).status).toBe(401);
  });

  it('an account that has chosen none is told so', async () => {
    await inAccount(api.world.app, api.other.accountId, async (trx) => {
      const chosen = await trx.selectFrom('catalogue.account_rule_pack').select('pack_key').execute();
      expect(chosen.length).toBeGreaterThan(0);
    });
    await api.world.owner
      .deleteFrom('catalogue.account_rule_pack')
      .where('account_id', '=', api.other.accountId)
      .execute();
    const reply = await ask(api.app, 'GET', '/api/v1/terms?use_case=debt_collection', { as: api.other });
    expect(reply).toMatchObject({
      status: 422,
      body: { detail_es: expect.stringContaining('La cuenta aún no ha elegido un paquete de reglas.') },
    });
  });
});

describe('a batch', () => {
  it('is what its terms said: the same words, and its next call is the first one that was shown', async () => {
    const shown = (await terms('&pack=cl-collection-waves')).body;
    const json = {
      import_id: await uploadDebtors(api, 'terms', 3),
      name: 'Lunes',
      pack: 'cl-collection-waves',
      policy: 'collection-waves',
    };
    const made = await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json });
    expect(made.status).toBe(201);
    const id = textOf(made.body, 'id');
    const { body } = await ask(api.app, 'GET', `/api/v1/batches/${id}`, { as: api.one });
    const progress = objectOf(body['progress']);
    expect(body).toMatchObject({
      state_es: 'en curso',
      use_case_es: 'Cobranza',
      pack_es: objectOf(shown['pack'])['es'],
      policy_es: objectOf(shown['policy'])['es'],
      progress: { by_state: { planned: 3 }, outcomes: [] },
    });
    // Inside a wave both are "now", a moment apart.
    const [first, next] = [shown['first_call_at'], progress['next_call_at']].map((at) =>
      Date.parse(String(at)),
    );
    expect(Math.abs((next ?? 0) - (first ?? NaN))).toBeLessThan(60_000);
    expect(progress['next_call_es']).toMatch(/^[a-zé]+ábado|^[a-zé]+ \d\d-\d\d-\d{4} \d\d:\d\d$/);
  });

  it('says the earliest instant of those who wait for a call, no one else’s, and none while it is paused', async () => {
    const json = {
      import_id: await uploadDebtors(api, 'next', 3),
      name: 'Próximo',
      pack: 'demo',
      policy: 'demo',
    };
    const id = textOf((await ask(api.app, 'POST', '/api/v1/batches', { as: api.one, json })).body, 'id');
    const set = (ordinal: number, state: 'waiting' | 'negotiating', nextAt: string) =>
      inAccount(api.world.app, api.one.accountId, (trx) =>
        trx
          .updateTable('core.contact')
          .set({ state, next_at: new Date(nextAt) })
          .where('batch_id', '=', id)
          .where('ordinal', '=', ordinal)
          .execute(),
      );
    await set(1, 'waiting', '2030-03-05T12:00:00Z');
    await set(2, 'waiting', '2030-03-04T12:00:00Z');
    await set(3, 'negotiating', '2030-03-01T12:00:00Z');
    const read = async () =>
      (await ask(api.app, 'GET', `/api/v1/batches/${id}`, { as: api.one })).body['progress'];
    expect(await read()).toMatchObject({
      next_call_at: '2030-03-04T12:00:00.000Z',
      next_call_es: 'lunes 04-03-2030 09:00',
    });
    await ask(api.app, 'POST', `/api/v1/batches/${id}/pause`, { as: api.one, json: { reason: 'prueba' } });
    expect(await read()).toMatchObject({ next_call_at: null, next_call_es: null });
  });
});
