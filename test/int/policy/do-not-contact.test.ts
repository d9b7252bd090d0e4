import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount, type Trx } from '../../../db/client.ts';
import { rescheduleContact } from '../../../domain/contacts/contacts.ts';
import { retryContact } from '../../../domain/contacts/retry-contact.ts';
import { explainContact } from '../../../domain/explain/explain.ts';
import { receiveWish } from '../../../domain/integrations/inbound.ts';
import { blockPerson, liftBlock } from '../../../domain/people/blocks.ts';
import { readPersonRegister, registerLine } from '../../../domain/people/register.ts';
import { judgeContact } from '../../../domain/policy/contact-policy.ts';
import { OperationRefused } from '../../../domain/shared/refused.ts';
import { loadContact } from '../../../domain/contacts/read-contact.ts';
import { createBatch, createWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld({ rehearsal: false });
});
afterAll(() => world.close());

interface Known {
  readonly contactId: string;
  readonly personId: string;
  readonly phoneId: string;
}

async function known(phones = 1): Promise<Known> {
  const person = phones === 1 ? {} : { phones: ['+56961000001', '+56961000002'] };
  const batch = await createBatch(world, {
    accountId: world.accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: [person],
    openedAt: new Date(),
  });
  const [made] = batch.contacts;
  return {
    contactId: made?.contactId ?? '',
    personId: made?.personId ?? '',
    phoneId: made?.phones[0] ?? '',
  };
}

async function list(key: string): Promise<void> {
  await world.owner
    .insertInto('core.do_not_contact')
    .values({ account_id: world.accountId, key, reason: 'prueba', source: 'file' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function findPersonRow(trx: Trx, id: string) {
  return trx.selectFrom('core.person').select('blocked_at').where('id', '=', id).executeTakeFirstOrThrow();
}

const codeOf = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return 'agreed';
  } catch (error) {
    return error instanceof OperationRefused ? error.code : String(error);
  }
};

/** What each of those who decide says of one contact. */
async function everybodySays({
  contactId,
  personId,
  phoneId,
}: Known): Promise<Readonly<Record<string, string>>> {
  const { accountId, app } = world;
  const caller = { accountId, actor: 'prueba' };
  const wish = { text: 'en dos horas' };
  const deps = { app, temporal: world.temporal.client };
  const judged = (channel: 'phone' | 'whatsapp') =>
    inAccount(app, accountId, async (trx) => {
      const loaded = await loadContact(trx, contactId);
      const verdict = await judgeContact(trx, {
        personId,
        phoneId,
        channel:
          channel === 'phone'
            ? { kind: 'phone', callerId: loaded.fromNumber }
            : { kind: 'whatsapp', isClosed: false },
        terms: { pack: loaded.pack, callsPerDay: loaded.policy.callsPerDay },
        zones: loaded.zones,
        atMs: Date.now(),
        latestMs: Date.now(),
        requestedByPerson: true,
        simulated: true,
      });
      return verdict.allowed ? 'agreed' : verdict.reason;
    });
  const explained = await inAccount(app, accountId, (trx) => explainContact(trx, contactId, undefined));
  const said = (breaches: readonly { readonly reason: string }[]): string => breaches[0]?.reason ?? 'agreed';
  const call = await judged('phone');
  const message = await judged('whatsapp');
  const inbound = await codeOf(
    inAccount(app, accountId, (trx) =>
      receiveWish(trx, accountId, { contactId, nationalId: null, wish, requestedBy: 'person' }),
    ),
  );
  const reschedule = await codeOf(
    rescheduleContact(deps, caller, { contactId, wish, reason: 'prueba', requestedBy: 'person' }),
  );
  await world.owner
    .updateTable('core.contact')
    .set({ state: 'closed', outcome: 'exhausted', closed_at: new Date() })
    .where('id', '=', contactId)
    .execute();
  const retry = await codeOf(
    inAccount(app, accountId, (trx) => retryContact(trx, caller, { contactId, reason: 'prueba' })),
  );
  return {
    call,
    message,
    explainedCall: said(explained.call.breaches),
    explainedMessage: said(explained.message.breaches),
    inbound,
    reschedule,
    retry,
  };
}

const allSay = (what: string) => ({
  call: what,
  message: what,
  explainedCall: what,
  explainedMessage: what,
  inbound: what,
  reschedule: what,
  retry: what,
});

describe('do-not-contact is one thing for gate, message, explanation, inbound wish, reschedule and retry', () => {
  it('of a person whom a file put on the list, and who has said nothing', async () => {
    const one = await known();
    const { identity_key: key } = await world.owner
      .selectFrom('core.person')
      .select('identity_key')
      .where('id', '=', one.personId)
      .executeTakeFirstOrThrow();
    await list(key);
    expect(await everybodySays(one)).toEqual(allSay('do_not_call'));
  });

  it('of a person who asked for it', async () => {
    const one = await known();
    await world.owner
      .updateTable('core.person')
      .set({ do_not_call_at: new Date() })
      .where('id', '=', one.personId)
      .execute();
    expect(await everybodySays(one)).toEqual(allSay('do_not_call'));
  });

  it('and so is a request for blocking: nobody reaches the person until it is lifted, and nothing is closed', async () => {
    const one = await known();
    const caller = { accountId: world.accountId, actor: 'prueba' };
    const { personId } = one;
    const inOwn = <T>(work: (trx: Trx) => Promise<T>) => inAccount(world.app, world.accountId, work);
    await inOwn((trx) => blockPerson(trx, caller, { personId, reason: 'lo pidió por correo' }));
    const since = (await inOwn((trx) => findPersonRow(trx, personId))).blocked_at;
    await inOwn((trx) => blockPerson(trx, caller, { personId, reason: 'otra vez' }));
    expect((await inOwn((trx) => findPersonRow(trx, personId))).blocked_at).toEqual(since);
    expect(await everybodySays(one)).toEqual({
      ...allSay('blocked'),
      inbound: 'person_blocked',
      reschedule: 'person_blocked',
      retry: 'person_blocked',
    });
    expect(await inOwn((trx) => liftBlock(trx, caller, { personId, reason: 'respondida' }))).toBe(true);
    expect(await inOwn((trx) => liftBlock(trx, caller, { personId, reason: 'respondida' }))).toBe(false);
    const { lines } = await inOwn(async (trx) => {
      const register = await readPersonRegister(trx, personId);
      return { lines: register.rows.map((row) => registerLine(row, register.zone)) };
    });
    expect(lines.map(({ kind, result, rule }) => [kind, result, rule])).toEqual([
      ['request', 'blocked', 'lo pidió por correo'],
      ['request', 'block_lifted', 'respondida'],
    ]);
  });

  it('of a person whose every number is on the list', async () => {
    const one = await known(2);
    await list('tel:+56961000001');
    const half = await inAccount(world.app, world.accountId, (trx) => loadContact(trx, one.contactId));
    expect(half.doNotCall).toBe(false);
    await list('tel:+56961000002');
    const whole = await inAccount(world.app, world.accountId, (trx) => loadContact(trx, one.contactId));
    expect(whole.doNotCall).toBe(true);
    // As a removal file leaves them.
    await world.owner
      .updateTable('core.phone')
      .set({ invalid_at: new Date() })
      .where('person_id', '=', one.personId)
      .execute();
    expect(await everybodySays(one)).toEqual(allSay('do_not_call'));
  });
});
