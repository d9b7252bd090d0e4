import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { mostRehearsals } from '../../../domain/rehearsal/rehearsals.ts';
import { rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf, uploadDebtors } from '../../support/api.ts';

let api: ApiWorld;
let importId: string;
beforeAll(async () => {
  api = await createApiWorld();
  await ensurePool(api.world.owner, {
    key: REHEARSAL_POOL,
    simulated: true,
    rehearsal: true,
    fromNumber: '+566000000000',
    agentId: 'agent_rehearsal',
    capacity: 100,
    callsPerSecond: 100,
  });
  importId = await uploadDebtors(api, 'many rehearsals', 2);
});
afterAll(() => api.close());

const start = (seed: number): Promise<Reply> =>
  ask(api.app, 'POST', '/api/v1/rehearsals', {
    as: api.one,
    json: { import_id: importId, pack: 'cl-collection-waves', seed: String(seed) },
  });

it('an account has so many rehearsals under way, also of those that it asks for at once; the next waits for an end', async () => {
  // No worker is there: none of them ends.
  const replies = await Promise.all(Array.from({ length: mostRehearsals + 4 }, (_, seed) => start(seed)));
  const begun = replies.filter(({ status }) => status === 202);
  const refused = replies.filter(({ status }) => status !== 202);
  expect(begun, JSON.stringify(refused[0]?.body)).toHaveLength(mostRehearsals);
  for (const reply of refused) {
    expect(reply).toMatchObject({ status: 429, body: { type: 'urn:tandas:problem:too_many_rehearsals' } });
    expect(reply.headers.get('retry-after')).toBe('5');
  }
  // Of those that were refused nothing was made.
  const accounts = await api.world.owner
    .selectFrom('catalogue.account')
    .select('id')
    .where('kind', '=', 'rehearsal')
    .execute();
  expect(accounts).toHaveLength(mostRehearsals);
  const [first] = begun;
  if (first === undefined) throw new Error('no rehearsal began');
  const id = textOf(first.body, 'id');
  await api.world.temporal.client.workflow.getHandle(rehearsalWorkflowId(id)).terminate('the test ends it');
  await api.world.owner
    .updateTable('operation.rehearsal')
    .set({ created_at: new Date(Date.now() - 120_000) })
    .where('id', '=', id)
    .execute();
  expect((await start(100)).status).toBe(202);
  expect((await start(101)).status).toBe(429);
});
