import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { reversePayment } from '../../../domain/payments/corrections.ts';
import { paymentRecordedSignal, taskResolvedSignal, viewQuery } from '../../../workflows/contact/contract.ts';
import { agreementsOf, messagesOf, owedTo, pay, tasksOf } from '../../support/debtors.ts';
import { confirm, dueIn, type Happening, live, reports, takes, talks } from '../../support/talks.ts';
import { createWorld, inventedPhone, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** Noon in Santiago in the southern summer. */
const noon = (day: string): Date => new Date(`${day}T15:00:00Z`);

/** Money that comes in, and the contact is told, as the outbox would. */
function paid(day: string, pesos: bigint, settled: boolean): Happening {
  const at = noon(day);
  return {
    at,
    happens: async (debtor, handle) => {
      expect(await handle.query(viewQuery)).toMatchObject({ state: 'negotiating' });
      await pay(world, debtor, pesos, at);
      await handle.signal(paymentRecordedSignal, { paymentId: `test-${at.getTime()}`, settled });
    },
  };
}

const fullOnFriday = takes({ kind: 'full', date: '2027-03-12' });

describe('a promise', () => {
  it('that is paid: the link goes to the number that was reached, and nobody calls again', async () => {
    const phone = inventedPhone();
    const { debtor, result } = await live(world, {
      phones: [phone],
      calls: [fullOnFriday],
      happenings: [paid('2027-03-10', 100_000n, true)],
    });
    expect(result).toMatchObject({ outcome: 'paid', attempts: 1 });
    expect(await messagesOf(world, debtor.accountId)).toEqual([`${phone} 2027-03-08 09:01 1`]);
    expect(await owedTo(world, debtor.accountId)).toBe(0n);
  });

  it('of a part that is paid is kept, and the rest stays owed', async () => {
    const { debtor, result } = await live(world, {
      calls: [takes({ kind: 'part', amount: 40_000, date: '2027-03-12' })],
      happenings: [paid('2027-03-10', 40_000n, false)],
    });
    expect(result).toMatchObject({ outcome: 'promise_kept', attempts: 1 });
    expect(await agreementsOf(world, debtor.accountId)).toEqual(['promise kept (call)']);
    expect(await owedTo(world, debtor.accountId)).toBe(60_000n);
  });

  it('whose payment is taken back before its day is broken, and they are called again', async () => {
    const at = noon('2027-03-10');
    const { debtor, dialledAt } = await live(world, {
      calls: [fullOnFriday, reports('dispute')],
      happenings: [
        {
          at,
          happens: async (who) => {
            await pay(world, who, 100_000n, at);
            await inAccount(world.app, who.accountId, (trx) =>
              reversePayment(trx, {
                accountId: who.accountId,
                externalId: `test-${at.getTime()}`,
                reversalId: null,
                source: 'api',
                amountMicros: null,
                at,
              }),
            );
          },
        },
      ],
    });
    expect(await agreementsOf(world, debtor.accountId)).toEqual(['promise broken (call)']);
    expect(dialledAt).toEqual(['2027-03-08 09:00', '2027-03-15 09:01']);
    expect(await owedTo(world, debtor.accountId)).toBe(100_000n);
  });

  it('in the past, above the debt or too late is none, whatever the agent says, and what would do is the answer', async () => {
    const { debtor } = await live(world, {
      calls: [
        talks(async (ask) => {
          await confirm(ask);
          for (const [offer, code, day, total] of [
            [{ kind: 'full', date: '2027-03-07' }, 'past', '2027-03-08', '100000'],
            [{ kind: 'full', date: '2027-03-19' }, 'too_late', '2027-03-18', '100000'],
            [{ kind: 'part', amount: 100_001, date: '2027-03-12' }, 'above_debt', '2027-03-12', '100000'],
            [{ kind: 'part', amount: 29_999, date: '2027-03-12' }, 'part_too_small', '2027-03-12', '30000'],
          ] as const) {
            expect(await ask('accept_offer', offer)).toMatchObject({
              ok: false,
              code,
              counter: { total, instalments: [{ due_date: day }] },
            });
          }
          await ask('report', { kind: 'hardship' });
        }),
      ],
    });
    expect(await agreementsOf(world, debtor.accountId)).toEqual([]);
  });
});

describe('a plan of instalments', () => {
  const plan = takes({ kind: 'instalments', count: 3, date: '2027-03-10' });

  it('that is paid day by day: a link before each, no call, and paid in the end', async () => {
    const phone = inventedPhone();
    const { debtor, result, dialledAt } = await live(world, {
      phones: [phone],
      calls: [plan],
      happenings: [
        paid('2027-03-10', 33_334n, false),
        paid('2027-04-09', 33_333n, false),
        paid('2027-05-10', 33_333n, true),
      ],
    });
    expect(result).toMatchObject({ outcome: 'paid', attempts: 1 });
    expect(dialledAt).toEqual(['2027-03-08 09:00']);
    expect(await messagesOf(world, debtor.accountId)).toEqual([
      `${phone} 2027-03-08 09:01 1`,
      `${phone} 2027-04-08 10:00 2`,
      `${phone} 2027-05-08 10:00 3`,
    ]);
  });

  it('whose second instalment does not come is broken after its own day and grace, and they are called again', async () => {
    const { debtor, dialledAt } = await live(world, {
      calls: [plan, reports('dispute')],
      happenings: [paid('2027-03-10', 33_334n, false)],
    });
    expect(await agreementsOf(world, debtor.accountId)).toEqual(['plan broken (call)']);
    expect(dialledAt).toEqual(['2027-03-08 09:00', '2027-04-13 09:00']);
    expect(await owedTo(world, debtor.accountId)).toBe(66_666n);
  });
});

describe('a discount', () => {
  it('below the floor is refused whatever the agent says; what the ladder reached is taken, and the rest forgiven when it is paid', async () => {
    const late = { kind: 'discount', date: '2027-03-12' };
    const { debtor, result, conversations } = await live(world, {
      dueDate: dueIn.late,
      calls: [
        talks(async (ask) => {
          await confirm(ask);
          expect(await ask('accept_offer', { ...late, amount: 69_999 })).toMatchObject({
            ok: false,
            code: 'below_floor',
            counter: { total: '100000' },
          });
          expect(await ask('get_offers', { step: 3 })).toMatchObject({ ok: false, code: 'not_yet' });
          for (const step of [1, 2]) expect(await ask('get_offers', { step })).toMatchObject({ ok: true });
          expect(await ask('accept_offer', { ...late, amount: 70_000 })).toMatchObject({
            ok: false,
            code: 'not_offered',
            counter: { total: '80000', discount: '20000' },
          });
          expect(await ask('accept_offer', { ...late, amount: 80_000 })).toMatchObject({ code: 'agreed' });
        }),
      ],
      happenings: [paid('2027-03-10', 80_000n, false)],
    });
    expect(result).toMatchObject({ outcome: 'paid', attempts: 1 });
    expect(await owedTo(world, debtor.accountId)).toBe(0n);
    expect(JSON.stringify(conversations[0]?.answers)).not.toContain('"total":"70000"');
  });
});

describe('who says that they have paid', () => {
  it('is verified by a person, not called for the days of it, and then called again', async () => {
    const { debtor, dialledAt } = await live(world, {
      calls: [reports('already_paid'), reports('dispute')],
    });
    // The three days are within the week of silence after a talk.
    expect(dialledAt).toEqual(['2027-03-08 09:00', '2027-03-15 09:01']);
    expect(await tasksOf(world, debtor.accountId)).toEqual(['verify_payment open', 'dispute open']);
  });

  it('is not called again when a colleague finds the payment', async () => {
    const at = noon('2027-03-09');
    const { result } = await live(world, {
      calls: [reports('already_paid')],
      happenings: [
        {
          at,
          happens: (_debtor, handle) =>
            handle.signal(taskResolvedSignal, { taskId: 't', resolution: 'paid' }),
        },
      ],
    });
    expect(result).toMatchObject({ outcome: 'paid', attempts: 1 });
  });
});

describe('hand-over', () => {
  it('a person takes over after one broken promise late, and after two in the middle', async () => {
    const late = await live(world, { dueDate: dueIn.late, calls: [fullOnFriday] });
    expect(late.result).toMatchObject({ outcome: 'promise_broken', attempts: 1 });
    expect(await tasksOf(world, late.debtor.accountId)).toEqual(['broken_promise open']);
    const mid = await live(world, {
      dueDate: dueIn.mid,
      calls: [fullOnFriday, takes({ kind: 'full', date: '2027-03-22' })],
    });
    expect(mid.result).toMatchObject({ outcome: 'promise_broken', attempts: 2 });
    expect(await tasksOf(world, mid.debtor.accountId)).toEqual(['broken_promise open']);
    expect(await agreementsOf(world, mid.debtor.accountId)).toEqual([
      'promise broken (call)',
      'promise broken (call)',
    ]);
  });
});
