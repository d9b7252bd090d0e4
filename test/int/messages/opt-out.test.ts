import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainContact } from '../../../domain/explain/explain.ts';
import { isChannelClosed } from '../../../domain/messages/queries-channel.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import {
  createDebtor,
  createMessageWorld,
  type Debtor,
  type MessageWorld,
  sendInput,
} from '../../support/messages.ts';

let world: MessageWorld;
let many = 0;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

interface Known extends Debtor {
  /** As WhatsApp knows the number. */
  readonly waId: string;
}

/** Somebody with a number of their own, or with the one given. */
async function debtor(waId = `56961${String((many += 1)).padStart(6, '0')}`): Promise<Known> {
  const made = await createDebtor(world);
  const set = { e164: `+${waId}` };
  await world.inside((trx) =>
    trx.updateTable('core.phone').set(set).where('id', '=', made.phoneId).execute(),
  );
  return { ...made, waId };
}

const send = (one: Debtor) =>
  sendPaymentLink({ app: world.api.world.app, actions: world.actions }, sendInput(world, one));

const isStopped = async ({ personId }: Debtor): Promise<boolean> => {
  const { do_not_call_at: at } = await world.inside((trx) =>
    trx
      .selectFrom('core.person')
      .select('do_not_call_at')
      .where('id', '=', personId)
      .executeTakeFirstOrThrow(),
  );
  return at !== null;
};
const isOut = async ({ phoneId }: Debtor): Promise<boolean> => {
  const { invalid_at: at } = await world.inside((trx) =>
    trx.selectFrom('core.phone').select('invalid_at').where('id', '=', phoneId).executeTakeFirstOrThrow(),
  );
  return at !== null;
};
const isClosed = ({ phoneId }: Debtor): Promise<boolean> =>
  world.inside((trx) => isChannelClosed(trx, phoneId));
const signalsOf = async ({ contactId }: Debtor): Promise<readonly string[]> => {
  const rows = await world.api.world.owner
    .selectFrom('operation.outbox')
    .select('signal')
    .where('contact_id', '=', contactId)
    .execute();
  return rows.flatMap(({ signal }) => (signal === null ? [] : [signal]));
};
const eventsOf = async ({ personId }: Debtor) =>
  world.inside((trx) =>
    trx.selectFrom('operation.event').select(['type', 'data']).where('subject', '=', personId).execute(),
  );

describe('a request for no more contact, by WhatsApp', () => {
  it('stops the person by the path of a call: flag, list, event, a signal to the contact, and no message', async () => {
    const [one, other] = [await debtor(), await debtor()];
    await world.inside((trx) =>
      trx.updateTable('core.contact').set({ state: 'waiting' }).where('id', '=', one.contactId).execute(),
    );
    expect(await world.whatsApp.write({ from: one.waId, text: 'BAJA, no me escriban más' })).toBe(200);
    expect(await isStopped(one)).toBe(true);
    expect(await signalsOf(one)).toEqual(['contactStopped']);
    expect(await eventsOf(one)).toMatchObject([
      { type: 'do_not_call.recorded', data: { source: 'message' } },
    ]);
    expect(await send(one)).toMatchObject({ kind: 'refused', reason: 'do_not_call' });
    expect([await isStopped(other), await isOut(other), (await send(other)).kind]).toEqual([
      false,
      false,
      'sent',
    ]);
    const [listed] = await world.inside((trx) =>
      trx
        .selectFrom('core.do_not_contact as x')
        .innerJoin('core.person as s', 's.identity_key', 'x.key')
        .select('x.source')
        .where('s.id', '=', one.personId)
        .execute(),
    );
    expect(listed).toEqual({ source: 'message' });
  });

  it('is one stop however often it is delivered, also at once, and by a button', async () => {
    const one = await debtor();
    const message = { from: one.waId, text: 'STOP', id: 'wamid.IN-AGAIN', isButton: true };
    const answers = await Promise.all([1, 2, 3].map(() => world.whatsApp.write(message)));
    expect(answers).toEqual([200, 200, 200]);
    expect(await isStopped(one)).toBe(true);
    expect(await eventsOf(one)).toHaveLength(1);
  });

  it('is of whoever answers our message, though several have the number, and the number is out for all of them', async () => {
    const first = await debtor();
    const second = await debtor(first.waId);
    await send(first);
    await send(second);
    const wamid = world.whatsApp.sent.at(-2)?.wamid ?? '';
    expect(await world.whatsApp.write({ from: first.waId, text: 'elimíneme', repliesTo: wamid })).toBe(200);
    expect([await isStopped(first), await isStopped(second)]).toEqual([true, false]);
    expect([await isOut(first), await isOut(second)]).toEqual([true, true]);
    const third = await debtor();
    const fourth = await debtor(third.waId);
    await send(fourth);
    await world.whatsApp.write({ from: third.waId, text: 'baja' });
    expect([await isStopped(third), await isStopped(fourth)]).toEqual([false, true]);
  });

  it('of a person whom the channel knows by an id alone is taken by the message that they answer', async () => {
    const one = await debtor();
    await send(one);
    const wamid = world.whatsApp.sent.at(-1)?.wamid ?? '';
    expect(await world.whatsApp.write({ text: 'baja', repliesTo: wamid })).toBe(200);
    expect(await isStopped(one)).toBe(true);
    expect(await world.whatsApp.write({ text: 'baja' })).toBe(200);
  });

  it('of a number that nobody has yet keeps it out of what is loaded later', async () => {
    expect(await world.whatsApp.write({ from: '56961999001', text: 'no me llamen más' })).toBe(200);
    const listed = await world.inside((trx) =>
      trx.selectFrom('core.do_not_contact').select('source').where('key', '=', 'tel:+56961999001').execute(),
    );
    expect(listed).toEqual([{ source: 'message' }]);
  });

  it('or for anything else is an answer to the last message: its instant stays with it, and with nobody else', async () => {
    const [one, other, silent] = [await debtor(), await debtor(), await debtor()];
    for (const each of [one, other]) await send(each);
    expect(await world.whatsApp.write({ from: one.waId, text: 'hola, mañana pago' })).toBe(200);
    // Nobody had written to them: it answers nothing of ours.
    expect(await world.whatsApp.write({ from: silent.waId, text: 'hola' })).toBe(200);
    const answered = async ({ personId }: Debtor) => {
      const rows = await world.inside((trx) =>
        trx
          .selectFrom('core.person_message')
          .select('answered_at')
          .where('person_id', '=', personId)
          .execute(),
      );
      return rows.map(({ answered_at: at }) => at !== null);
    };
    expect([await answered(one), await answered(other), await answered(silent)]).toEqual([
      [true],
      [false],
      [],
    ]);
  });

  it('is none when it is of hours or of something else, and such a message is not kept', async () => {
    const one = await debtor();
    for (const [index, text] of ['no me llamen hasta el lunes', 'quiero cancelar', 'ya pagué'].entries()) {
      expect(await world.whatsApp.write({ from: one.waId, text, id: `wamid.IN-NO-${index}` })).toBe(200);
    }
    expect([await isStopped(one), await isClosed(one)]).toEqual([false, false]);
    const kept = await world.inside((trx) =>
      trx
        .selectFrom('operation.provider_event')
        .select('id')
        .where('provider_call_id', 'like', 'wamid.IN-NO-%')
        .execute(),
    );
    expect(kept).toEqual([]);
  });
});

describe('a person who leaves WhatsApp alone', () => {
  it('by the code 131050 is written to at no number of theirs, whatever a later status says, and may be called', async () => {
    const one = await debtor();
    await send(one);
    const wamid = world.whatsApp.sent.at(-1)?.wamid ?? '';
    const [{ id: second } = { id: '' }] = await world.inside((trx) =>
      trx
        .insertInto('core.phone')
        .values({
          account_id: world.accountId,
          person_id: one.personId,
          e164: `+569777${many}0000`.slice(0, 12),
          position: 2,
        })
        .returning('id')
        .execute(),
    );
    expect(await world.inside((trx) => isChannelClosed(trx, second))).toBe(false);
    await world.whatsApp.report(wamid, [{ status: 'failed', errorCode: 131050 }]);
    expect([await isClosed(one), await world.inside((trx) => isChannelClosed(trx, second))]).toEqual([
      true,
      true,
    ]);
    await world.whatsApp.report(wamid, [{ status: 'delivered' }]);
    expect(await isClosed(one)).toBe(true);
    expect([await isStopped(one), await isOut(one)]).toEqual([false, false]);
    const next = await debtor(one.waId);
    expect(await send(next)).toMatchObject({ kind: 'refused', reason: 'channel_closed' });
  });

  it('in words, or in the app, and is written to again when they take it back there', async () => {
    const [one, other] = [await debtor(), await debtor()];
    await world.whatsApp.write({ from: one.waId, text: 'no me escriban por WhatsApp' });
    expect([await isClosed(one), await isStopped(one)]).toEqual([true, false]);
    expect(await world.whatsApp.prefer(other.waId, 'stop', 1_800_000_000_000)).toBe(200);
    expect(await isClosed(other)).toBe(true);
    const { message } = await world.inside((trx) => explainContact(trx, other.contactId, undefined));
    expect(JSON.stringify(message)).toContain('channel_closed');
    expect(await send(other)).toMatchObject({ kind: 'refused', reason: 'channel_closed' });
    expect(await world.whatsApp.prefer(other.waId, 'resume', 1_800_000_100_000)).toBe(200);
    expect(await isClosed(other)).toBe(false);
    // The first one, delivered again.
    await world.whatsApp.prefer(other.waId, 'stop', 1_800_000_000_000);
    expect(await isClosed(other)).toBe(false);
  });

  it('and took it back after a code 131050 is reached again', async () => {
    const one = await debtor();
    world.whatsApp.addFault({ kind: 'refuse', code: 131050 });
    expect((await send(one)).kind).toBe('failed');
    expect(await isClosed(one)).toBe(true);
    await world.whatsApp.prefer(one.waId, 'resume');
    expect(await isClosed(one)).toBe(false);
  });
});
