import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { type ApiWorld, ask, createApiWorld, type Reply, textOf, uploadDebtors } from '../../support/api.ts';
import { withWorker } from '../../support/world.ts';

let api: ApiWorld;
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
});
afterAll(() => api.close());

it('a rehearsal that is cancelled or terminated in the Temporal UI has failed: half of a story is no report', async () => {
  const importId = await uploadDebtors(api, 'cancelled rehearsal', 2);
  const { client } = api.world.temporal;
  const begin = async (seed: string): Promise<string> => {
    const json = { import_id: importId, pack: 'cl-collection-waves', seed };
    return textOf((await ask(api.app, 'POST', '/api/v1/rehearsals', { as: api.one, json })).body, 'id');
  };
  const view = (id: string, rest = ''): Promise<Reply> =>
    ask(api.app, 'GET', `/api/v1/rehearsals/${id}${rest}`, { as: api.one });
  const cancelled = await begin('cancelled');
  await client.workflow.getHandle(rehearsalWorkflowId(cancelled)).cancel();
  await withWorker(api.world, {}, () =>
    expect
      .poll(async () => (await view(cancelled)).body, { timeout: 30_000 })
      .toMatchObject({ state: 'failed', failure: 'the rehearsal was cancelled', report: null }),
  );
  expect((await view(cancelled, '/report/md')).status).toBe(409);
  const terminated = await begin('terminated');
  await client.workflow.getHandle(rehearsalWorkflowId(terminated)).terminate('by hand');
  expect((await view(terminated)).body).toMatchObject({ state: 'failed', report: null });
});
