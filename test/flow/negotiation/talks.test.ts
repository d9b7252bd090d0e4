import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { agent } from '../../support/agent.ts';
import { type Debtor, tasksOf } from '../../support/debtors.ts';
import { confirm, dueIn, expectNothingTold, live, reports, silence, talks } from '../../support/talks.ts';
import {
  createBatch,
  createWorld,
  finished,
  inventedPhone,
  startContact,
  withWorker,
  type World,
} from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe('identity first', () => {
  it('neither amount, creditor, day, reference nor national id is told before the person has said who they are', async () => {
    const life = await live(world, {
      calls: [
        talks(async (ask) => {
          const offer = { kind: 'full', date: '2027-03-10' };
          expect(await ask('get_offers')).toMatchObject({ ok: false, code: 'identity_first' });
          expect(await ask('accept_offer', offer)).toMatchObject({ ok: false, code: 'identity_first' });
          expect(await ask('confirm_identity', { last_digits: '9999' })).toMatchObject({ ok: false });
          await ask('report', { kind: 'dispute' });
        }),
      ],
    });
    expect(life.conversations[0]?.answers).toHaveLength(4);
    expectNothingTold(life, [1]);
  });

  it('creditor and amount are told once they have', async () => {
    const { conversations, secrets } = await live(world, { calls: [reports('dispute')] });
    const [call] = conversations;
    const told = JSON.stringify(call?.answers[0]);
    expect(told).toContain(secrets[1]);
    expect(told).toContain(secrets.at(-1));
    for (const secret of secrets) expect(JSON.stringify(call?.variables)).not.toContain(secret);
  });

  it('a phone that nobody answers is told nothing in any of its calls', async () => {
    const life = await live(world, { calls: [silence] });
    expect(life.result).toMatchObject({ outcome: 'excluded', attempts: 9 });
    expectNothingTold(life, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('a wrong person', () => {
  it('is told nothing and never called again: the next phone is, and the debtor there is told', async () => {
    const [stranger, own] = [inventedPhone(), inventedPhone()];
    const life = await live(world, {
      phones: [stranger, own],
      calls: [
        talks(async (ask) => {
          await ask('confirm_identity', { is_holder: false });
          expect(await ask('get_offers')).toMatchObject({ ok: false, code: 'wrong_person' });
          expect(await ask('accept_offer', { kind: 'full', date: '2027-03-10' })).toMatchObject({
            ok: false,
          });
          expect(await ask('send_payment_link')).toMatchObject({ ok: false });
        }),
        silence,
        silence,
        reports('hardship'),
      ],
    });
    expectNothingTold(life, [1]);
    expect(life.conversations.map(({ toNumber }) => toNumber)).toEqual([stranger, own, own, own]);
    expect(life.dialledAt.slice(0, 2)).toEqual(['2027-03-08 09:00', '2027-03-08 12:00']);
    expect(JSON.stringify(life.conversations[3]?.answers)).toContain(life.secrets.at(-1));
    expect(life.result).toMatchObject({ outcome: 'hardship', attempts: 4 });
  });

  it('on every phone leaves nobody to call', async () => {
    const wrong = talks(async (ask) => {
      await ask('report', { kind: 'wrong_person' });
    });
    const life = await live(world, { phones: [inventedPhone(), inventedPhone()], calls: [wrong] });
    expect(life.result).toMatchObject({ outcome: 'no_phone', attempts: 2 });
    expectNothingTold(life, [1, 2]);
  });
});

/** The same person in a further batch of the account, called after the first one has ended. */
async function callInAnotherBatch({ accountId, personId }: Debtor) {
  const other = await createBatch(world, {
    accountId,
    people: [{ personId, debts: [{ pesos: 50_000, dueDate: '2027-02-01' }] }],
    negotiation: 'collection-standard',
  });
  const voice = agent(world, () => silence);
  const result = await withWorker(world, { simulatedVoice: voice }, async () =>
    finished(await startContact(world, world.skipping, other, accountId)),
  );
  return { result, dials: voice.dials.length };
}

describe('what a person says of themselves', () => {
  it('do not call: one call, no further one, and none of another batch either', async () => {
    const { debtor, result } = await live(world, { calls: [reports('do_not_call')] });
    expect(result).toMatchObject({ outcome: 'do_not_call', attempts: 1 });
    expect(await callInAnotherBatch(debtor)).toEqual({
      result: expect.objectContaining({ outcome: 'do_not_call', attempts: 0 }),
      dials: 0,
    });
    const listed = await inAccount(world.app, debtor.accountId, (trx) =>
      trx.selectFrom('core.do_not_contact').select(['source', 'lifted_at']).execute(),
    );
    expect(listed).toEqual([{ source: 'call', lifted_at: null }]);
    expect(await tasksOf(world, debtor.accountId)).toEqual([]);
  });

  it.for(['dispute', 'hardship', 'legal'])(
    '%s: stops, hands over with the call, and nobody calls from another batch either',
    async (kind) => {
      const { debtor, result, dialledAt } = await live(world, { calls: [reports(kind)] });
      expect(result).toMatchObject({ outcome: kind, attempts: 1 });
      expect(dialledAt).toEqual(['2027-03-08 09:00']);
      const { accountId } = debtor;
      const tasks = await inAccount(world.app, accountId, (trx) =>
        trx
          .selectFrom('operation.task as t')
          .innerJoin('operation.attempt as a', 'a.id', 't.attempt_id')
          .select(['t.kind', 't.state', 't.contact_id', 'a.number'])
          .execute(),
      );
      expect(tasks).toEqual([{ kind, state: 'open', contact_id: debtor.contactId, number: 1 }]);
      expect(await callInAnotherBatch(debtor)).toMatchObject({ result: { attempts: 0 }, dials: 0 });
    },
  );

  it('refuses, early: a week of silence, then again, until the batch ends; late: closed at once', async () => {
    const early = await live(world, { calls: [reports('refuses')] });
    expect(early.result).toMatchObject({ outcome: 'refused' });
    expect(early.dialledAt.slice(0, 3)).toEqual(['2027-03-08 09:00', '2027-03-15 09:01', '2027-03-22 09:03']);
    const late = await live(world, { dueDate: dueIn.late, calls: [reports('refuses')] });
    expect(late.result).toMatchObject({ outcome: 'refused', attempts: 1 });
    expect(await tasksOf(world, late.debtor.accountId)).toEqual([]);
  });

  it('somebody else speaks for nobody: their lawyer is not the debtor’s, who is called from another batch', async () => {
    const life = await live(world, {
      calls: [
        talks(async (ask) => {
          await ask('report', { kind: 'wrong_person' });
          expect(await ask('report', { kind: 'legal' })).toMatchObject({ ok: false, code: 'wrong_person' });
        }),
      ],
    });
    expect(life.result.outcome).toBe('no_phone');
    expect(await tasksOf(world, life.debtor.accountId)).toEqual([]);
    // Three days of three calls, of which the stranger's was the first.
    expect(await callInAnotherBatch(life.debtor)).toMatchObject({ dials: 8 });
  });
});

it('confirms by the digits of the national id, and by nothing else, when there is one', async () => {
  const life = await live(world, {
    calls: [
      talks(async (ask) => {
        expect(await ask('confirm_identity', { is_holder: true })).toMatchObject({ ok: false });
        expect(await ask('get_offers')).toMatchObject({ code: 'identity_first' });
        expect(await confirm(ask)).toMatchObject({ ok: true });
        await ask('report', { kind: 'dispute' });
      }),
    ],
  });
  for (const answer of life.conversations[0]?.answers.slice(0, 2) ?? []) {
    for (const secret of life.secrets) expect(JSON.stringify(answer)).not.toContain(secret);
  }
});
