import { createRequire } from 'node:module';
import { MercadoPagoConfig, Payment, Preference, WebhookSignatureValidator } from 'mercadopago';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mercadoPagoAt } from '../../../channels/mercadopago/mercado-pago.ts';
import { currentDebts } from '../../../domain/payments/queries-debts.ts';
import { takePayment } from '../../../domain/payments/receive-payment.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { startReceiver } from '../../support/receiver.ts';
import {
  createDebtor,
  createMessageWorld,
  type Debtor,
  type MessageWorld,
  paymentSecret,
  sendInput,
} from '../../support/messages.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

/** A debtor who has got a link, and the preference behind it. */
async function linked(): Promise<{ readonly debtor: Debtor; readonly preferenceId: string }> {
  const debtor = await createDebtor(world);
  const answer = await sendPaymentLink(
    { app: world.api.world.app, actions: world.actions },
    sendInput(world, debtor),
  );
  if (answer.kind !== 'sent') throw new Error(`it was not sent: ${JSON.stringify(answer)}`);
  const preference = world.mercadoPago.preferences.find(({ external_reference: reference }) =>
    reference.startsWith(debtor.agreementId),
  );
  return { debtor, preferenceId: preference?.id ?? '' };
}

const paymentsOf = (debtor: Debtor) =>
  world.inside((trx) =>
    trx
      .selectFrom('core.payment')
      .select(['external_id', 'kind', 'amount_micros', 'source'])
      .where('person_id', '=', debtor.personId)
      .orderBy('created_at')
      .execute(),
  );

describe('the simulated Mercado Pago', () => {
  it("signs its webhooks so that the official SDK's validator accepts them, and no other", async () => {
    const receiver = await startReceiver();
    const { preferenceId } = await linked();
    const preference = world.mercadoPago.preferences.find(({ id }) => id === preferenceId);
    if (preference === undefined) throw new Error('no preference');
    Object.assign(preference, { notification_url: receiver.url });
    await world.mercadoPago.pay(preferenceId);
    const [got] = receiver.received;
    await receiver.close();
    const options = {
      xSignature: got?.headers['x-signature'],
      xRequestId: got?.headers['x-request-id'],
      dataId: new URL(got?.path ?? '', 'http://x').searchParams.get('data.id'),
      secret: paymentSecret,
      toleranceSeconds: 300,
    };
    expect(() => WebhookSignatureValidator.validate(options)).not.toThrow();
    expect(() => WebhookSignatureValidator.validate({ ...options, secret: 'another' })).toThrow(
      'SignatureMismatch',
    );
    expect(() => WebhookSignatureValidator.validate({ ...options, dataId: '7' })).toThrow(
      'SignatureMismatch',
    );
  });

  it("is spoken to by the official SDK's own client: preference, key and payment", async () => {
    // The SDK has one address for a whole process; that is why the product speaks for itself.
    const { AppConfig } = createRequire(import.meta.url)('mercadopago/dist/utils/config') as {
      AppConfig: { BASE_URL: string };
    };
    const real = AppConfig.BASE_URL;
    AppConfig.BASE_URL = world.mercadoPagoUrl;
    try {
      const config = new MercadoPagoConfig({ accessToken: 'mp_token' });
      const body = {
        items: [{ id: '1', title: 'Cuota', quantity: 1, unit_price: 5_000, currency_id: 'CLP' }],
        external_reference: 'sdk',
        date_of_expiration: '2027-03-15T00:00:00.000-03:00',
      };
      const requestOptions = { idempotencyKey: 'one' };
      const first = await new Preference(config).create({ body, requestOptions });
      const again = await new Preference(config).create({ body, requestOptions });
      expect([again.id, again.init_point]).toEqual([first.id, first.init_point]);
      const { id } = await world.mercadoPago.pay(first.id ?? '');
      const payment = await new Payment(config).get({ id });
      expect(payment).toMatchObject({
        status: 'approved',
        external_reference: 'sdk',
        transaction_amount: 5_000,
      });
    } finally {
      AppConfig.BASE_URL = real;
    }
  });
});

describe("Mercado Pago's webhooks", () => {
  it('record the payment under the person of the link, once, whatever the body says', async () => {
    const { debtor, preferenceId } = await linked();
    const { id, answered } = await world.mercadoPago.pay(preferenceId);
    expect(answered).toBe(200);
    expect(await paymentsOf(debtor)).toEqual([
      {
        external_id: `mercadopago:${id}`,
        kind: 'payment',
        amount_micros: 123_450_000_000n,
        source: 'mercadopago',
      },
    ]);
    const { query, headers } = world.mercadoPago.signed(id);
    const lie = JSON.stringify({ data: { id }, transaction_amount: 1, status: 'refunded' });
    const again = await world.app.request(`/api/v1/webhooks/mercadopago/${world.accountId}?${query}`, {
      method: 'POST',
      headers,
      body: lie,
    });
    expect(again.status).toBe(200);
    expect(await paymentsOf(debtor)).toHaveLength(1);
    expect(await world.mercadoPago.change(id, 'approved')).toBe(200);
    expect(await paymentsOf(debtor)).toHaveLength(1);
  });

  it('take a payment back that was refunded or charged back, once, also when its own webhook was lost', async () => {
    for (const status of ['refunded', 'charged_back']) {
      const { debtor, preferenceId } = await linked();
      const preference = world.mercadoPago.preferences.find(({ id }) => id === preferenceId);
      const to = preference?.notification_url;
      Object.assign(preference ?? {}, { notification_url: 'http://127.0.0.1:1/' });
      const { id } = await world.mercadoPago.pay(preferenceId).catch(() => ({ id: 0 }));
      expect(await paymentsOf(debtor)).toEqual([]);
      Object.assign(preference ?? {}, { notification_url: to });
      const paymentId = id === 0 ? world.mercadoPago.lastPaymentId() : id;
      expect(await world.mercadoPago.change(paymentId, status)).toBe(200);
      expect(await world.mercadoPago.change(paymentId, status)).toBe(200);
      expect((await paymentsOf(debtor)).map(({ kind }) => kind)).toEqual(['payment', 'reversal']);
    }
  });

  it('bring a payment to what stands of it: a part given back is owed, a chargeback that was won is paid', async () => {
    const { debtor, preferenceId } = await linked();
    const { id } = await world.mercadoPago.pay(preferenceId);
    const owed = async () => {
      const debts = await world.inside((trx) => currentDebts(trx, debtor.personId));
      return debts.reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n) / 1_000_000n;
    };
    const rest = await owed();
    expect(await world.mercadoPago.change(id, 'approved', 60_000)).toBe(200);
    expect(await world.mercadoPago.change(id, 'approved', 60_000)).toBe(200);
    expect(await owed()).toBe(rest + 60_000n);
    await world.mercadoPago.change(id, 'charged_back', 60_000);
    expect(await owed()).toBe(rest + 123_450n);
    await world.mercadoPago.change(id, 'approved');
    expect(await owed()).toBe(rest);
    expect((await paymentsOf(debtor)).map(({ kind }) => kind)).toEqual([
      'payment',
      'reversal',
      'reversal',
      'payment',
    ]);
  });

  it('at once, of a payment that changed meanwhile, leave what holds: whoever corrected asks again', async () => {
    const { debtor, preferenceId } = await linked();
    const { id } = await world.mercadoPago.pay(preferenceId);
    const real = mercadoPagoAt(world.mercadoPagoUrl)('mp_token');
    const ask = () => real.findPayment(String(id), AbortSignal.timeout(5_000));
    const before = await ask();
    await world.mercadoPago.change(id, 'charged_back');
    // A webhook that had asked before the chargeback, and comes to its transaction after it.
    const answers = [before];
    const late = () => (answers.length > 0 ? Promise.resolve(answers.pop()) : ask());
    expect(await takePayment(world.api.world.app, world.accountId, late)).toBe('reversed');
    expect((await paymentsOf(debtor)).map(({ kind }) => kind)).toEqual([
      'payment',
      'reversal',
      'payment',
      'reversal',
    ]);
  });

  it('of a payment that is not through yet change nothing', async () => {
    const { debtor, preferenceId } = await linked();
    for (const status of ['pending', 'in_process', 'rejected', 'cancelled']) {
      const { id } = await world.mercadoPago.pay(preferenceId, undefined, status);
      expect(await world.mercadoPago.change(id, status)).toBe(200);
    }
    expect(await paymentsOf(debtor)).toEqual([]);
  });

  it('that are unsigned, forged, of another account or about no payment leave no payment', async () => {
    const { debtor, preferenceId } = await linked();
    const preference = world.mercadoPago.preferences.find(({ id }) => id === preferenceId);
    Object.assign(preference ?? {}, { notification_url: 'http://127.0.0.1:1/' });
    await world.mercadoPago.pay(preferenceId).catch(() => undefined);
    const id = world.mercadoPago.lastPaymentId();
    const { query, headers } = world.mercadoPago.signed(id);
    const path = `/api/v1/webhooks/mercadopago/${world.accountId}`;
    const post = async (to: string, sent: Readonly<Record<string, string>>) =>
      (await world.app.request(to, { method: 'POST', headers: sent, body: '{}' })).status;
    expect(await post(`${path}?${query}`, {})).toBe(401);
    expect(await post(`${path}?${query.replace(String(id), '99')}`, headers)).toBe(401);
    expect(await post(path, headers)).toBe(401);
    expect(await post(`/api/v1/webhooks/mercadopago/${world.api.other.accountId}?${query}`, headers)).toBe(
      404,
    );
    const nobody = world.mercadoPago.signed(424242);
    expect(await post(`${path}?${nobody.query}`, nobody.headers)).toBe(200);
    expect(await paymentsOf(debtor)).toEqual([]);
    expect(await post(`${path}?${query}`, headers)).toBe(200);
    expect(await paymentsOf(debtor)).toHaveLength(1);
  });

  it('of money that nobody here owes leave a row for an operator, and no payment', async () => {
    const { AppConfig } = createRequire(import.meta.url)('mercadopago/dist/utils/config') as {
      AppConfig: { BASE_URL: string };
    };
    const real = AppConfig.BASE_URL;
    AppConfig.BASE_URL = world.mercadoPagoUrl;
    const { id: preferenceId = '' } = await new Preference(
      new MercadoPagoConfig({ accessToken: 'mp_token' }),
    ).create({
      body: {
        items: [{ id: '1', title: 'Otra cosa', quantity: 1, unit_price: 700, currency_id: 'CLP' }],
        external_reference: 'unrelated',
        notification_url: `${world.apiUrl}/api/v1/webhooks/mercadopago/${world.accountId}`,
      },
    });
    AppConfig.BASE_URL = real;
    const { id, answered } = await world.mercadoPago.pay(preferenceId);
    expect(answered).toBe(200);
    const audit = await world.inside((trx) =>
      trx
        .selectFrom('operation.audit')
        .select('detail')
        .where('action', '=', 'payment.without_person')
        .where('subject', '=', `mercadopago:${id}`)
        .execute(),
    );
    expect(audit).toEqual([{ detail: { reference: 'unrelated', amountMicros: '700000000' } }]);
  });
});
