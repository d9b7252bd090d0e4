import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordPayment } from '../../../domain/payments/payments.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { setBudget } from '../../../domain/batches/budget.ts';
import { readBudgets, takeOfBudget } from '../../../domain/billing/queries-budgets.ts';
import { inAccount, type Trx } from '../../../db/client.ts';
import { readStatuses } from '../../../channels/whatsapp/webhook.ts';
import { isChannelClosed } from '../../../domain/messages/queries-channel.ts';
import { receiveStatus } from '../../../domain/messages/receive-status.ts';
import { newAccount, usd } from '../../support/world.ts';
import { settleMessage } from '../../../domain/messages/settle-message.ts';
import {
  createDebtor,
  createMessageWorld,
  type Debtor,
  type MessageWorld,
  moneyOf,
  sendInput,
} from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

const price = 50_000n;
const send = (debtor: Debtor, nowMs?: number) =>
  sendPaymentLink({ app: world.api.world.app, actions: world.actions }, sendInput(world, debtor, nowMs));

const stateOf = (messageId: string) =>
  world.inside((trx) =>
    trx
      .selectFrom('operation.message_state')
      .selectAll()
      .where('message_id', '=', messageId)
      .executeTakeFirstOrThrow(),
  );

const refusalsOf = (debtor: Debtor) =>
  world.inside((trx) =>
    trx
      .selectFrom('operation.refusal')
      .select(['reason', 'rule', 'wave_key'])
      .where('contact_id', '=', debtor.contactId)
      .execute(),
  );

const eventsOf = async (messageId: string) => {
  const rows = await world.inside((trx) =>
    trx
      .selectFrom('operation.event')
      .select('type')
      .where('subject', '=', messageId)
      .orderBy('created_at')
      .execute(),
  );
  return rows.map(({ type }) => type);
};

const callsOf = (messageId: string) =>
  world.inside((trx) =>
    trx
      .selectFrom('operation.tool_call')
      .select(['tool', 'server_name', 'outcome', 'arguments', 'result'])
      .where('subject', '=', messageId)
      .orderBy('started_at')
      .execute(),
  );

function idOf(answer: { kind: string; messageId?: string }): string {
  if (answer.messageId === undefined) throw new Error(`no message: ${JSON.stringify(answer)}`);
  return answer.messageId;
}

describe('a payment link', () => {
  it('is made and sent once, in Spanish, by the tools, and paid for', async () => {
    const debtor = await createDebtor(world);
    const before = await moneyOf(world);
    const answer = await send(debtor);
    expect(answer.kind).toBe('sent');
    const sent = world.whatsApp.sent.at(-1);
    expect(sent).toMatchObject({
      template: 'link_pago_v1',
      callbackData: idOf(answer),
      bodyValues: [
        'Juana',
        `Tienda ${debtor.personId.slice(0, 8)}`,
        '$123.450',
        expect.stringMatching(/^\p{L}+ \d+ de \p{L}+$/u),
      ],
      buttonSuffix: expect.stringMatching(/^p\/[0-9A-Za-z]{12}$/),
    });
    const preference = world.mercadoPago.preferences.at(-1);
    expect(preference).toMatchObject({
      amount: 123_450,
      currency: 'CLP',
      external_reference: `${debtor.agreementId}:1`,
      notification_url: `${world.apiUrl}/api/v1/webhooks/mercadopago/${world.accountId}`,
    });
    const page = await fetch(`${world.apiUrl}/${sent?.buttonSuffix}`, {
      redirect: 'manual',
      headers: { 'user-agent': 'Mozilla/5.0 (Android)' },
    });
    expect([page.status, page.headers.get('location')]).toEqual([302, preference?.init_point]);
    expect(await callsOf(idOf(answer))).toMatchObject([
      { tool: 'create_payment_link', server_name: 'bundled', outcome: 'done' },
      { tool: 'send_payment_link', server_name: 'bundled', outcome: 'done', result: { outcome: 'sent' } },
    ]);
    const after = await moneyOf(world);
    expect(after).toEqual({
      ...before,
      available: before.available - price,
      consumed: before.consumed + price,
    });
    expect(await stateOf(idOf(answer))).toMatchObject({ state: 'accepted', charged_micros: price });
    expect(await eventsOf(idOf(answer))).toEqual(['message.sent']);
  });

  it('asked for again, also five times at once, is the same message', async () => {
    const debtor = await createDebtor(world);
    const many = world.whatsApp.sent.length;
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => send(debtor)));
    answers.push(await send(debtor));
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect(answers.at(-1)?.kind).toBe('sent');
    expect(world.whatsApp.sent.length).toBe(many + 1);
  });

  it('whose sending was never answered is unknown, is not sent again, and a status resolves it', async () => {
    for (const fault of ['accept_then_500', 'accept_then_hang'] as const) {
      const debtor = await createDebtor(world);
      const before = await moneyOf(world);
      world.whatsApp.addFault({ kind: fault });
      const answer = await send(debtor);
      expect(answer.kind).toBe('unknown');
      const many = world.whatsApp.sent.length;
      expect(await send(debtor)).toEqual(answer);
      expect(world.whatsApp.sent.length).toBe(many);
      expect((await moneyOf(world)).held).toBe(before.held + price);
      const wamid = world.whatsApp.sent.at(-1)?.wamid ?? '';
      expect(await world.whatsApp.report(wamid, [{ status: 'delivered' }])).toBe(200);
      expect(await stateOf(idOf(answer))).toMatchObject({ state: 'delivered', provider_message_id: wamid });
      expect(await moneyOf(world)).toEqual({
        held: before.held,
        available: before.available - price,
        consumed: before.consumed + price,
      });
      expect((await send(debtor)).kind).toBe('sent');
      expect(await eventsOf(idOf(answer))).toEqual(['message.sent', 'message.delivered']);
    }
  }, 60_000);

  it('that the channel refuses costs nothing, counts against nothing, and says why', async () => {
    const debtor = await createDebtor(world);
    const before = await moneyOf(world);
    world.whatsApp.addFault({ kind: 'refuse', code: 131026 });
    const answer = await send(debtor);
    expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringContaining('131026') });
    expect(await moneyOf(world)).toEqual(before);
    const [counted] = await world.inside((trx) =>
      trx.selectFrom('core.person_message').selectAll().where('person_id', '=', debtor.personId).execute(),
    );
    expect(counted?.undone_at).not.toBeNull();
    expect(await send(debtor)).toEqual(answer);
    const [row] = await world.inside((trx) =>
      trx
        .selectFrom('operation.message as m')
        .innerJoin('operation.message_state as s', 's.message_id', 'm.id')
        .select(['s.failure_class', 's.state'])
        .where('m.person_id', '=', debtor.personId)
        .execute(),
    );
    expect(row).toEqual({ failure_class: 'change_channel', state: 'failed' });
  });

  it('to somebody who stopped such messages is the last one there: by the answer, or by a later status', async () => {
    const { api, accountId } = world;
    const told = async (messageId: string) => {
      const failure = { id: `wamid.${messageId}`, status: 'failed', timestamp: '1764855000' };
      const status = {
        ...failure,
        recipient_id: '56961234501',
        biz_opaque_callback_data: messageId,
        errors: [{ code: 131050, title: 'recipient has stopped marketing messages' }],
      };
      const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: '1' }, statuses: [status] };
      const entry = [{ id: '0', changes: [{ field: 'messages', value }] }];
      for (const report of readStatuses({ object: 'whatsapp_business_account', entry })) {
        await receiveStatus(api.world.app, accountId, report);
      }
    };
    for (const by of ['answer', 'status'] as const) {
      const debtor = await createDebtor(world);
      const phone = (trx: Trx) => isChannelClosed(trx, debtor.phoneId);
      if (by === 'answer') world.whatsApp.addFault({ kind: 'refuse', code: 131050 });
      const answer = await send(debtor);
      expect(answer.kind).toBe(by === 'answer' ? 'failed' : 'sent');
      if (by === 'status') {
        expect(await world.inside(phone)).toBe(false);
        await told(idOf(answer));
      }
      expect(await world.inside(phone)).toBe(true);
    }
  });

  it('without a link is not sent, whether the provider refuses or does not answer', async () => {
    for (const fault of ['http_500', 'accept_then_500'] as const) {
      const debtor = await createDebtor(world);
      const before = await moneyOf(world);
      const many = world.whatsApp.sent.length;
      world.mercadoPago.addFault(fault);
      expect(await send(debtor)).toMatchObject({
        kind: 'failed',
        reason: expect.stringContaining('link_not_made'),
      });
      expect(world.whatsApp.sent.length).toBe(many);
      expect(await moneyOf(world)).toEqual(before);
    }
  });
});

describe('the gate of messages', () => {
  it('refuses who is not to be contacted, and leaves a row with the reason', async () => {
    const cases = [
      ['do_not_call', { do_not_call_at: new Date() }],
      ['stopped', { stopped_at: new Date(), stop_reason: 'legal' }],
    ] as const;
    for (const [reason, change] of cases) {
      const debtor = await createDebtor(world);
      await world.inside((trx) =>
        trx.updateTable('core.person').set(change).where('id', '=', debtor.personId).execute(),
      );
      const before = await moneyOf(world);
      expect(await send(debtor)).toMatchObject({ kind: 'refused', reason, notBeforeMs: null });
      expect(await refusalsOf(debtor)).toMatchObject([{ reason, wave_key: 'message' }]);
      expect(await moneyOf(world)).toEqual(before);
    }
  });

  it('refuses for a paused or cancelled batch, a replaced agreement, a paid debt and a number on the list', async () => {
    const change = async (debtor: Debtor, what: string) =>
      world.inside(async (trx) => {
        if (what === 'batch_paused' || what === 'batch_not_running') {
          const state = what === 'batch_paused' ? 'paused' : 'cancelled';
          await trx.updateTable('core.batch').set({ state }).where('id', '=', debtor.batchId).execute();
        } else if (what === 'agreement_not_open') {
          const set = { state: 'replaced', resolved_at: new Date() } as const;
          await trx.updateTable('core.agreement').set(set).where('id', '=', debtor.agreementId).execute();
        } else if (what === 'do_not_call') {
          const phone = trx.selectFrom('core.phone').select('e164').where('id', '=', debtor.phoneId);
          const { e164 } = await phone.executeTakeFirstOrThrow();
          const row = {
            account_id: world.accountId,
            key: `tel:${e164}`,
            reason: 'x',
            source: 'api',
          } as const;
          await trx.insertInto('core.do_not_contact').values(row).execute();
        } else {
          const set = { invalid_at: new Date() };
          await trx.updateTable('core.phone').set(set).where('id', '=', debtor.phoneId).execute();
        }
      });
    const reasons = [
      'batch_paused',
      'batch_not_running',
      'agreement_not_open',
      'do_not_call',
      'phone_invalid',
    ];
    for (const reason of reasons) {
      const debtor = await createDebtor(world);
      await change(debtor, reason);
      expect(await send(debtor), reason).toMatchObject({ kind: 'refused', reason });
    }
  });

  it('holds the demo to channels that reach nobody', async () => {
    const debtor = await createDebtor(world);
    const real = { ...world.actions, simulatedChannel: false };
    expect(
      await sendPaymentLink({ app: world.api.world.app, actions: real }, sendInput(world, debtor)),
    ).toMatchObject({ kind: 'refused', reason: 'simulated_only' });
  });

  it('gives the last cent to one of two, and the other its reason', async () => {
    const { available } = await moneyOf(world);
    const rest = available - price;
    const take = (by: bigint) =>
      world.api.world.owner
        .updateTable('core.ledger_account')
        .set((eb) => ({
          available_micros: eb('available_micros', '-', by),
          funding_micros: eb('funding_micros', '+', by),
        }))
        .where('account_id', '=', world.accountId)
        .execute();
    const debtors = [await createDebtor(world), await createDebtor(world)];
    await take(rest);
    const answers = await Promise.all(debtors.map((debtor) => send(debtor)));
    await take(-rest);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['refused', 'sent']);
    expect(answers.find(({ kind }) => kind === 'refused')).toMatchObject({ reason: 'no_credit' });
  });

  it('takes of the budget of its batch, and is refused when that covers no further one', async () => {
    const debtor = await createDebtor(world);
    const { batchId } = debtor;
    const caller = { accountId: world.accountId, actor: 'test' };
    const bound = (limitMicros: bigint) =>
      world.inside((trx) => setBudget(trx, caller, { batchId, limitMicros, reason: 'prueba' }));
    const budget = () => world.inside(async (trx) => (await readBudgets(trx, [batchId])).get(batchId));
    await bound(price - 1n);
    expect(await send(debtor)).toMatchObject({ kind: 'refused', reason: 'no_budget' });
    expect(await budget()).toMatchObject({ heldMicros: 0n, spentMicros: 0n });
    await bound(price);
    const sent = await send(debtor);
    expect(sent).toMatchObject({ kind: 'sent' });
    expect(await budget()).toMatchObject({ heldMicros: 0n, spentMicros: price });
    const take = () =>
      world.inside((trx) => takeOfBudget(trx, { batchId, unit: 'USD', amountMicros: price }));
    await bound(2n * price - 1n);
    expect(await take()).toBe(false);
    // Counted anew, it is what was counted along the way.
    await bound(2n * price);
    expect(await budget()).toMatchObject({ limitMicros: 2n * price, heldMicros: 0n, spentMicros: price });
  });

  it('under Chilean rules lets two a week pass, two days apart, in legal hours, on the clock of a rehearsal', async () => {
    const rehearsal = { pack: 'cl-collection-waves', policy: 'collection-waves' } as const;
    const monday10 = Date.parse('2027-03-08T13:00:00Z');
    const { app, poolId } = world.api.world;
    const accountId = await newAccount(app, poolId, 100n * usd);
    const own: MessageWorld = { ...world, accountId, inside: (work) => inAccount(app, accountId, work) };
    const debtor = await createDebtor(own, {
      ...rehearsal,
      mode: 'rehearsal',
      instalments: [40_000n, 40_000n, 40_000n],
      madeAt: new Date(monday10),
    });
    const many = world.whatsApp.sent.length;
    const at = (iso: string) =>
      sendPaymentLink({ app, actions: world.actions }, sendInput(own, debtor, Date.parse(iso)));
    expect(await at('2027-03-08T01:00:00Z')).toMatchObject({ kind: 'refused', reason: 'outside_window' });
    expect(await at('2027-03-08T13:00:00Z')).toMatchObject({ kind: 'sent' });
    // No network, and nothing that anybody is told.
    expect(world.whatsApp.sent.length).toBe(many);
    const pay = (no: number, iso: string) =>
      own.inside((trx) =>
        recordPayment(trx, {
          accountId,
          personId: debtor.personId,
          externalId: `sim-${debtor.agreementId}-${no}`,
          source: 'rehearsal',
          kind: 'payment',
          amountMicros: 40_000_000_000n,
          currency: 'CLP',
          paidAt: new Date(iso),
          reference: null,
          agreementId: debtor.agreementId,
        }),
      );
    await pay(1, '2027-03-08T14:00:00Z');
    const soon = await at('2027-03-09T13:00:00Z');
    expect(soon).toMatchObject({ kind: 'refused', notBeforeMs: Date.parse('2027-03-10T13:00:00Z') });
    expect(await at('2027-03-10T13:00:00Z')).toMatchObject({ kind: 'sent' });
    await pay(2, '2027-03-10T14:00:00Z');
    expect(await at('2027-03-12T13:00:00Z')).toMatchObject({ kind: 'refused' });
    expect(await own.inside((trx) => trx.selectFrom('operation.event').select('id').execute())).toEqual([]);
  });
});

describe('what a status changes', () => {
  it('is done once, in any order: money, count and news of a failure that was none', async () => {
    const debtor = await createDebtor(world);
    const before = await moneyOf(world);
    const answer = await send(debtor);
    const messageId = idOf(answer);
    const word = (kind: 'failed' | 'sent' | 'delivered' | 'read', at: number) =>
      world.inside((trx) => settleMessage(trx, { messageId }, { kind, at: new Date(at), failure: '131000' }));
    await word('failed', 2_000);
    expect(await moneyOf(world)).toEqual(before);
    await word('sent', 1_000);
    await word('failed', 2_000);
    expect((await stateOf(messageId)).state).toBe('failed');
    await word('read', 3_000);
    await word('delivered', 2_500);
    await word('read', 3_000);
    expect((await stateOf(messageId)).state).toBe('read');
    expect((await moneyOf(world)).consumed).toBe(before.consumed + price);
    expect(await eventsOf(messageId)).toEqual(['message.sent', 'message.failed', 'message.read']);
    const [counted] = await world.inside((trx) =>
      trx.selectFrom('core.person_message').select('undone_at').where('id', '=', messageId).execute(),
    );
    expect(counted?.undone_at).toBeNull();
  });
});
