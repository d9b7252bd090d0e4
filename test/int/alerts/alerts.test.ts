import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { setBudget } from '../../../domain/batches/budget.ts';
import { insertMember } from '../../../domain/accounts/queries-members.ts';
import { watchAll } from '../../../relay/alerts.ts';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';
import { credit, queue, roundsUntilQuiet, withPool } from '../../support/line-queue.ts';
import { takeMails } from '../../support/people.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const deps = () => ({ app: api.world.app, system: api.world.system, logger: pino({ level: 'silent' }) });

async function alerts(state = 'open'): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { body } = await ask(api.app, 'GET', `/api/v1/alerts?state=${state}`, { as: api.one });
  const list: unknown = body['alerts'];
  return Array.isArray(list) ? list : [];
}

const kinds = async (state?: string) => (await alerts(state)).map(({ kind }) => kind);

it('tells once what has come up, to whoever can do something about it, and ends what is over', async () => {
  const { accountId } = api.one;
  for (const role of ['owner', 'operator', 'viewer'] as const)
    await inAccount(api.world.app, accountId, (trx) =>
      insertMember(trx, { accountId, userId: randomUUID(), name: role, email: `${role}@ejemplo.cl`, role }),
    );
  const world = await withPool(api.world);
  const { batch, requestIds } = await queue(world, accountId, 3);
  const bound = (limitMicros: bigint | null) =>
    inAccount(world.app, accountId, (trx) =>
      setBudget(trx, { accountId, actor: 'test' }, { batchId: batch.batchId, limitMicros, reason: 'prueba' }),
    );
  await bound(1n);
  await roundsUntilQuiet(world);
  await takeMails(api);
  await watchAll(deps());
  expect(await alerts()).toMatchObject([
    {
      kind: 'batch_over_budget',
      subject: batch.batchId,
      es: expect.stringContaining(`${requestIds.length} personas`),
      ended_at: null,
    },
  ]);
  const mails = await takeMails(api);
  expect(mails.map(({ recipient }) => recipient).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'operator@ejemplo.cl',
    'owner@ejemplo.cl',
  ]);
  // Two that look at once, and a minute later.
  await Promise.all([watchAll(deps()), watchAll(deps())]);
  expect(await takeMails(api)).toEqual([]);
  expect(await alerts()).toHaveLength(1);
  await bound(null);
  await roundsUntilQuiet(world);
  await watchAll(deps());
  expect(await kinds()).toEqual([]);
  expect(await kinds('ended')).toEqual(['batch_over_budget']);
  // It comes up again soon: the same, and no second mail.
  await sql`update core.line_request set state = 'suspended', suspended_for = 'budget' where id = ${requestIds[0]}`.execute(
    world.owner,
  );
  await watchAll(deps());
  expect(await kinds()).toEqual(['batch_over_budget']);
  expect(await kinds('ended')).toEqual([]);
  expect(await takeMails(api)).toEqual([]);
});

it('tells what a balance does not cover, and a batch that has ended, once', async () => {
  const world = await withPool(api.world);
  const { accountId } = api.one;
  const { owner } = api.world;
  const balance = (micros: bigint) =>
    owner
      .updateTable('core.ledger_account')
      .set((eb) => ({
        available_micros: micros,
        funding_micros: eb('funding_micros', '+', eb('available_micros', '-', micros)),
      }))
      .where('account_id', '=', accountId)
      .execute();
  await balance(1n);
  const { batch } = await queue(world, accountId, 2);
  await roundsUntilQuiet(world);
  await watchAll(deps());
  expect(await kinds()).toContain('calls_without_credit');
  await credit(world, accountId, 5_000_000n);
  await roundsUntilQuiet(world);
  await owner
    .updateTable('core.batch')
    .set({ state: 'finished', finished_at: new Date() })
    .where('id', '=', batch.batchId)
    .execute();
  await watchAll(deps());
  await watchAll(deps());
  expect(await kinds()).not.toContain('calls_without_credit');
  expect((await kinds('ended')).filter((kind) => kind === 'batch_finished')).toHaveLength(1);
});

it('shows an account its own alerts alone', async () => {
  const { body } = await ask(api.app, 'GET', '/api/v1/alerts', { as: api.other });
  expect(body).toMatchObject({ alerts: [] });
});
