import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { answerFunction } from '../../../domain/calls/in-call.ts';
import { type ApiWorld, createApiWorld, dialOne } from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

it('a rehearsed call is answered on its own clock, and tells or signals nobody', async () => {
  const { world, one } = api;
  const { accountId } = one;
  const call = await dialOne(
    world,
    accountId,
    { debts: [{ pesos: 100, dueDate: '2027-02-20' }] },
    'collection-standard',
  );
  const { owner } = world;
  await owner
    .updateTable('catalogue.account')
    .set({ kind: 'rehearsal' })
    .where('id', '=', accountId)
    .execute();
  const rehearsalAt = new Date('2027-03-08T14:20:00Z');
  const use = async (name: string, args: Record<string, unknown>, at: Date | undefined = rehearsalAt) => {
    const { attemptId, callId: providerCallId } = call;
    const request = { accountId, attemptId, providerCallId, name, args };
    return inAccount(world.app, accountId, (trx) =>
      answerFunction(trx, at === undefined ? request : { ...request, rehearsalAt: at }),
    );
  };
  expect(await use('confirm_identity', { is_holder: true })).toMatchObject({ answer: { code: 'confirmed' } });
  expect(await use('accept_offer', { kind: 'full', date: '2027-03-12' })).toMatchObject({
    answer: { code: 'agreed' },
  });
  expect(await use('reschedule', { text: 'hoy a las 4' })).toMatchObject({ answer: { code: 'rescheduled' } });
  expect(await use('report', { kind: 'do_not_call' })).toMatchObject({ answer: { code: 'noted' } });
  // That the call was placed was told when it was still a live one.
  await owner.deleteFrom('operation.event').where('type', '=', 'call.placed').execute();
  for (const table of ['operation.outbox', 'operation.event'] as const) {
    expect(await owner.selectFrom(table).selectAll().execute()).toEqual([]);
  }
  const live = await dialOne(world, api.other.accountId);
  const request = {
    accountId: api.other.accountId,
    attemptId: live.attemptId,
    providerCallId: live.callId,
    name: 'report',
    args: {},
  };
  expect(
    await inAccount(world.app, api.other.accountId, (trx) =>
      answerFunction(trx, { ...request, rehearsalAt }),
    ),
  ).toEqual({
    kind: 'foreign',
  });
});
