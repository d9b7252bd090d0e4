import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import {
  storeNegotiationOf,
  createLiveBatch,
  createLiveWorld,
  type LiveWorld,
  phoneEnding,
  until,
} from '../../support/live-world.ts';
import { type Said, textSaid, whatWasSaid } from '../../support/said.ts';
import { nameRut } from '../../support/debts.ts';
import { startContact } from '../../support/world.ts';

let live: LiveWorld;
/** What people at these numbers know of themselves. */
const known = new Map<string, string>();
beforeAll(async () => {
  live = await createLiveWorld({
    functions: true,
    fake: {
      personOf: (toNumber) => {
        const lastDigits = known.get(toNumber);
        return Promise.resolve(lastDigits === undefined ? undefined : { lastDigits });
      },
      talkMs: { min: 4_000, max: 8_000 },
    },
  });
});
afterAll(() => live.close());

let rut = 12_345_000;
/** Calls one debtor of 104,050 pesos at a number that ends like this, until the first call is over and understood. */
async function call(ending: string, digits?: string): Promise<Said> {
  const { world } = live;
  rut += 1;
  const phone = phoneEnding(ending);
  known.set(phone, digits ?? String(rut).slice(-4));
  const debts = [{ pesos: 104_050, dueDate: '2026-10-01', reference: 'REF-77' }];
  const batch = await createLiveBatch(world, world.accountId, [{ phones: [phone], debts }]);
  await nameRut(world, batch.contacts[0]?.personId ?? '', `${rut}-5`);
  await storeNegotiationOf(world, batch.batchId, 'collection-standard');
  await startContact(world, world.temporal.client, batch, world.accountId);
  const callId = await until(`the call to ${phone}`, async () => {
    const placed = live.fake.calls().find((one) => one.call['to_number'] === phone);
    if (placed?.final !== true) return undefined;
    const row = await world.owner
      .selectFrom('operation.call')
      .select('signalled_at')
      .where('provider_call_id', '=', placed.callId)
      .executeTakeFirst();
    return row?.signalled_at === null || row === undefined ? undefined : placed.callId;
  });
  const said = (await whatWasSaid(world, live.fake)).find((one) => one.callId === callId);
  if (said === undefined) throw new Error('nothing is known of the call');
  return said;
}

const outcomeOf = async ({ attemptId }: Said) => {
  const { outcome } = await inAccount(live.world.app, live.world.accountId, (trx) =>
    trx
      .selectFrom('operation.call')
      .select('outcome')
      .where('attempt_id', '=', attemptId)
      .executeTakeFirstOrThrow(),
  );
  return outcome;
};

/** Amount, creditor, reference, in any of the ways in which they could be said. */
const aboutDebt = /104050|104\.050|Tienda|REF-77|2026-10-01|1 de octubre/;

describe('a call on the real parts, whose agent asks us', () => {
  it('is given nothing of the debt beforehand, and tells it to whoever has said who they are', async () => {
    const said = await call('00');
    expect(said.given.join('\n')).not.toMatch(aboutDebt);
    expect(said.spoken[0]).not.toMatch(aboutDebt);
    expect(said.answered[0]).toContain('"code":"confirmed"');
    expect(said.answered[0]).toMatch(aboutDebt);
    expect(said.answered.some((answer) => answer.includes('"code":"agreed"'))).toBe(true);
    expect(await outcomeOf(said)).toBe('promise');
  });

  it('tells a wrong person nothing', async () => {
    const said = await call('08');
    expect(textSaid(said)).not.toMatch(aboutDebt);
    expect(await outcomeOf(said)).toBe('wrong_person');
  });

  it('tells nothing to somebody who does not know the digits', async () => {
    const said = await call('00', '0001');
    expect(textSaid(said)).not.toMatch(aboutDebt);
    expect(said.answered.join()).toContain('identity_mismatch');
    expect(await outcomeOf(said)).toBe('answered');
  });

  it('takes no promise for a day that has passed', async () => {
    const said = await call('26');
    expect(said.answered.join()).toContain('"code":"past"');
    const agreements = await live.world.owner
      .selectFrom('core.agreement')
      .select('id')
      .where('attempt_id', '=', said.attemptId)
      .execute();
    expect(agreements).toEqual([]);
  });

  it('agrees on another time while the person is on the line', async () => {
    const said = await call('10');
    expect(said.answered.join()).toContain('"code":"rescheduled"');
    expect(said.spoken.join()).toContain('Queda agendado');
    expect(await outcomeOf(said)).toBe('callback_requested');
  });
});
