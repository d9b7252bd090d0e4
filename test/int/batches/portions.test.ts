import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { takeNextPeople } from '../../../domain/batches/take-people.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf } from '../../support/api.ts';
import { fillGroup } from '../../support/fill-group.ts';
import { debtorsCsv } from '../../support/imports.ts';

let api: ApiWorld;
let from = 0;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

/** An import of so many people whom nobody has had before. */
async function store(people: number, text = debtorsCsv(people, from)): Promise<string> {
  from += people;
  const form = new FormData();
  form.append('file', new File([text], 'deudores.csv'));
  const headers = { prefer: 'wait=60' };
  const reply = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form, headers });
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return textOf(reply.body, 'import_id');
}

const post = (path: string, json: unknown, as = api.one): Promise<Reply> =>
  ask(api.app, 'POST', path, { as, json });
const get = (path: string): Promise<Reply> => ask(api.app, 'GET', path, { as: api.one });

async function newBatch(people: number, groupSize = 60): Promise<string> {
  const json = {
    import_id: await store(people),
    name: 'P',
    pack: 'demo',
    policy: 'demo',
    group_size: groupSize,
  };
  const reply = await post('/api/v1/batches', json);
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return textOf(reply.body, 'id');
}

const progressOf = async (batchId: string): Promise<unknown> =>
  (await get(`/api/v1/batches/${batchId}`)).body['progress'];

async function contactsOf(batchId: string) {
  const { rows } = await sql<{
    contacts: bigint;
    people: bigint;
    debts: bigint;
    first: number;
    last: number;
  }>`
    select count(*) as contacts, count(distinct k.person_id) as people, min(k.ordinal) as first, max(k.ordinal) as last,
           (select count(*) from core.debt d join core.contact c on c.id = d.contact_id
             where c.batch_id = ${batchId}) as debts
      from core.contact k where k.batch_id = ${batchId}`.execute(api.world.owner);
  const [row] = rows;
  return {
    contacts: Number(row?.contacts),
    people: Number(row?.people),
    debts: Number(row?.debts),
    numbers: [row?.first, row?.last],
  };
}

const all = (people: number) => ({ contacts: people, people, debts: people, numbers: [1, people] });

describe('a batch of more people than one portion', () => {
  it('has its first people at once and counts the others as planned; its workflow takes them, each once', async () => {
    const batchId = await newBatch(5_500);
    expect(await progressOf(batchId)).toMatchObject({
      contacts: 5_500,
      to_come: 4_500,
      by_state: { planned: 5_500 },
    });
    expect(await contactsOf(batchId)).toEqual(all(1_000));
    const { filled } = await fillGroup(api.world, batchId);
    expect(filled.words).toMatch(/^60 en gestión, 5440 por llamar/);
    expect(await contactsOf(batchId)).toEqual(all(5_500));
    expect(await progressOf(batchId)).toMatchObject({
      contacts: 5_500,
      to_come: 0,
      by_state: { planned: 5_440 },
    });
  });

  it('the first ones are started while the others are on their way', async () => {
    const batchId = await newBatch(9_000, 2);
    const seen: unknown[] = [];
    await fillGroup(api.world, batchId, { onStart: async () => void seen.push(await progressOf(batchId)) });
    expect(seen).toMatchObject([{ contacts: 9_000, by_state: { waiting: 2 } }]);
    expect(seen).not.toMatchObject([{ to_come: 0 }]);
    expect(await contactsOf(batchId)).toEqual(all(9_000));
  });

  it('two workers at once take nobody twice', async () => {
    const batchId = await newBatch(9_000);
    const worker = async (): Promise<void> => {
      while (await inAccount(api.world.app, api.world.accountId, (trx) => takeNextPeople(trx, batchId)));
    };
    await Promise.all([worker(), worker(), worker()]);
    expect(await contactsOf(batchId)).toEqual(all(9_000));
  });

  it('the progress has everybody once, also while a portion is being taken', async () => {
    const batchId = await newBatch(9_000);
    const totals = new Set<unknown>();
    let isTaking = true;
    const looks = async (): Promise<void> => {
      while (isTaking) {
        const { body } = await get(`/api/v1/batches/${batchId}`);
        totals.add(Object(body['progress']).contacts);
      }
    };
    const looking = Promise.all([looks(), looks(), looks(), looks()]);
    while (await inAccount(api.world.app, api.world.accountId, (trx) => takeNextPeople(trx, batchId)));
    isTaking = false;
    await looking;
    expect([...totals]).toEqual([9_000]);
  });

  it('a portion whose transaction is lost is taken again, whole', async () => {
    const batchId = await newBatch(3_000);
    await expect(
      inAccount(api.world.app, api.world.accountId, async (trx) => {
        await takeNextPeople(trx, batchId);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await contactsOf(batchId)).toEqual(all(1_000));
    await fillGroup(api.world, batchId);
    expect(await contactsOf(batchId)).toEqual(all(3_000));
  });

  it('paused, its people come and nobody is opened; cancelled, nobody comes any more', async () => {
    const batchId = await newBatch(4_000);
    await post(`/api/v1/batches/${batchId}/pause`, { reason: 'x' });
    await inAccount(api.world.app, api.world.accountId, (trx) => takeNextPeople(trx, batchId));
    await post(`/api/v1/batches/${batchId}/cancel`, { reason: 'x' });
    await fillGroup(api.world, batchId);
    expect(await contactsOf(batchId)).toEqual(all(3_000));
    expect(await progressOf(batchId)).toMatchObject({
      contacts: 3_000,
      to_come: 0,
      by_state: { closed: 3_000 },
    });
    const { body } = await get(`/api/v1/batches/${batchId}/people`);
    expect(body).toMatchObject({ imports: [{ people: 4_000, added: 3_000, to_come: 0, state: 'ended' }] });
  });

  it('does not finish while people are to come who were added in this moment, though all contacts have closed', async () => {
    const batchId = await newBatch(1);
    const importId = await store(1_500);
    const onStart = async (): Promise<void> => {
      await post(`/api/v1/batches/${batchId}/people`, { import_id: importId });
      await sql`
        update core.contact set state = 'closed', outcome = 'cancelled', closed_at = now() where batch_id = ${batchId}`.execute(
        api.world.owner,
      );
    };
    expect((await fillGroup(api.world, batchId, { onStart })).filled.state).toBe('running');
    await fillGroup(api.world, batchId);
    expect(await contactsOf(batchId)).toEqual(all(1_501));
  });
});

describe('POST /api/v1/batches/{id}/people', () => {
  let batchId: string;
  beforeEach(async () => {
    batchId = await newBatch(3);
  });

  it('201: the people are behind those that are there, and the batch looks again', async () => {
    const importId = await store(2);
    const path = `/api/v1/batches/${batchId}/people`;
    const reply = await post(path, { import_id: importId });
    const added = { import_id: importId, people: 2, added: 2, already_there: 0, to_come: 0, state: 'ended' };
    expect(reply).toMatchObject({ status: 201, body: { ...added, batch_id: batchId } });
    expect(await contactsOf(batchId)).toEqual(all(5));
    expect((await get(path)).body).toMatchObject({
      imports: expect.arrayContaining([expect.objectContaining(added)]),
    });
    const { rows } = await sql<{ signal: string }>`
      select signal from operation.outbox where batch_id = ${batchId} and kind <> 'start'`.execute(
      api.world.owner,
    );
    expect(rows).toEqual([{ signal: 'batchChanged' }]);
    // Whoever reads the import finds the batch.
    expect((await get(`/api/v1/imports/${importId}`)).body).toMatchObject({ batch_id: batchId });
  });

  it('200: the same import again changes nothing, also at once', async () => {
    const importId = await store(2);
    const replies = await Promise.all(
      [1, 2, 3].map(() => post(`/api/v1/batches/${batchId}/people`, { import_id: importId })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
    expect(await contactsOf(batchId)).toEqual(all(5));
  });

  it('the same person twice is one contact, with the debts that they had', async () => {
    const first = from - 3;
    const again = await store(0, debtorsCsv(4, first));
    from = first + 4;
    const reply = await post(`/api/v1/batches/${batchId}/people`, { import_id: again });
    expect(reply.body).toMatchObject({ people: 4, added: 1, already_there: 3, state: 'ended' });
    expect(await contactsOf(batchId)).toEqual(all(4));
  });

  it('refuses what is another’s, of another kind, or over, and nothing of it stays', async () => {
    const importId = await store(1);
    const path = `/api/v1/batches/${batchId}/people`;
    const json = { import_id: importId };
    expect(await post(path, json, api.other)).toMatchObject({
      status: 404,
      body: { type: 'urn:tandas:problem:batch_not_found' },
    });
    const unknown = await post(path, { import_id: batchId });
    expect(unknown).toMatchObject({ status: 404, body: { type: 'urn:tandas:problem:import_not_found' } });
    const taken = await newBatch(1);
    const { body } = await get(`/api/v1/batches/${taken}`);
    const others = await post(path, { import_id: body['import_id'] });
    expect(others).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:import_has_batch', batch_id: taken },
    });
    await sql`update core.import set use_case = 'appointment_reminder' where id = ${importId}`.execute(
      api.world.owner,
    );
    expect(await post(path, json)).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:use_case_differs' },
    });
    await sql`update core.import set use_case = 'debt_collection' where id = ${importId}`.execute(
      api.world.owner,
    );
    await post(`/api/v1/batches/${batchId}/cancel`, { reason: 'x' });
    expect(await post(path, json)).toMatchObject({
      status: 409,
      body: { type: 'urn:tandas:problem:batch_cancelled' },
    });
    expect(await contactsOf(batchId)).toEqual(all(3));
    expect((await get(`/api/v1/imports/${importId}`)).body).toMatchObject({ batch_id: null });
  });
});
