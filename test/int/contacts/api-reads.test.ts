import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  dialOne,
  eventBody,
  type Reply,
  signed,
  uploadDebtors,
} from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const get = (contactId: string): Promise<Reply> =>
  ask(api.app, 'GET', `/api/v1/contacts/${contactId}`, { as: api.one });

const closeRow = (contactId: string, outcome: string): Promise<unknown> =>
  inAccount(api.world.app, api.one.accountId, (trx) =>
    trx
      .updateTable('core.contact')
      .set({ state: 'closed', outcome, closed_at: new Date() })
      .where('id', '=', contactId)
      .execute(),
  );

describe('GET /api/v1/contacts', () => {
  it('pages in the order of the file, and filters by batch, state, outcome and national id', async () => {
    const importId = await uploadDebtors(api, 'contacts', 7);
    const batch = await ask(api.app, 'POST', '/api/v1/batches', {
      as: api.one,
      json: { import_id: importId, name: 'Lista', pack: 'demo', policy: 'demo' },
    });
    const batchId = String(batch.body['id']);
    const seen: { readonly id: string; readonly position: number; readonly national_id: string }[] = [];
    let cursor = '';
    do {
      const path = `/api/v1/contacts?batch_id=${batchId}&limit=3${cursor}`;
      const { body }: Reply = await ask(api.app, 'GET', path, { as: api.one });
      if (!Array.isArray(body['contacts'])) throw new Error('the answer has no list');
      seen.push(...body['contacts']);
      cursor = typeof body['next_cursor'] === 'string' ? `&cursor=${body['next_cursor']}` : '';
    } while (cursor !== '');
    expect(seen.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const [first] = seen;
    if (first === undefined) throw new Error('the list is empty');
    await closeRow(first.id, 'promise');
    const filtered = async (query: string): Promise<readonly unknown[]> => {
      const path = `/api/v1/contacts?batch_id=${batchId}&${query}`;
      const { body } = await ask(api.app, 'GET', path, { as: api.one });
      return Array.isArray(body['contacts']) ? body['contacts'] : [];
    };
    expect(await filtered('state=closed')).toMatchObject([{ id: first.id }]);
    expect(await filtered('outcome=promise')).toMatchObject([{ id: first.id }]);
    expect((await filtered('state=planned')).length).toBe(6);
    const dotted = first.national_id.replace(/^(\d+)(\d{3})(\d{3})-/, '$1.$2.$3-');
    expect(await filtered(`national_id=${dotted}`)).toMatchObject([{ id: first.id }]);
    expect(await filtered('national_id=11111111-1')).toEqual([]);
  });
});

describe('GET /api/v1/contacts/{id}', () => {
  it('tells everything that happened in the order of time, with the whole result of each call', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const body = eventBody({ accountId, call });
    await ask(api.app, 'POST', `/api/v1/webhooks/retell/${accountId}`, { text: body, headers: signed(body) });
    const reply = await get(call.contactId);
    expect(reply.status).toBe(200);
    const history = reply.body['history'];
    if (!Array.isArray(history)) throw new Error('the answer has no history');
    const entries: { readonly at: string; readonly kind: string; readonly event?: string }[] = history;
    expect(entries.map(({ kind, event }) => event ?? kind)).toEqual([
      'attempt',
      'placed',
      'ended',
      'analysed',
    ]);
    expect(entries.map(({ at }) => at)).toEqual(entries.map(({ at }) => at).sort());
    expect(history[0]).toMatchObject({
      number: 1,
      call: {
        state: 'ended',
        outcome: 'answered',
        summary: 'Promete pagar.',
        sentiment: 'positive',
        in_voicemail: false,
        charged: { amount: '0.040667', unit: 'USD' },
        provider_cost: { amount: '0.1668', unit: 'USD' },
        provider_cost_by_product: [{ product: 'tts', cost: { amount: '0.1668', unit: 'USD' } }],
        recording_url: 'https://retell.invalid/one.wav',
      },
    });
    expect(reply.body).toMatchObject({ live: null, phones: [{ invalid_at: null }] });
  });
});
