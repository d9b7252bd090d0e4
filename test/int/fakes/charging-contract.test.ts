import { createRequire } from 'node:module';
import { MercadoPagoConfig, Payment, Preference, WebhookSignatureValidator } from 'mercadopago';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeCharging, type FakeCharging } from '../../../dev/fakes/charging.ts';
import { listenOn, type Listening } from '../../../dev/listen.ts';
import { stripeClient } from '../../../channels/stripe/charging.ts';
import { chargingKeys } from '../../support/charging.ts';

interface Told {
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

let fake: FakeCharging;
let url: string;
let receiver: Listening;
let told: Told[];
beforeAll(async () => {
  fake = createFakeCharging(chargingKeys);
  url = await fake.start();
  told = [];
  receiver = await listenOn(async (request) => {
    told.push({ url: new URL(request.url), headers: request.headers, body: await request.text() });
    return new Response('ok');
  }, 0);
  fake.stripe.setWebhookUrl(receiver.url);
  fake.mercadoPago.setWebhookUrl(receiver.url);
});
afterAll(async () => {
  await receiver.close();
  await fake.stop();
});
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe("Stripe's own library", () => {
  it('makes a session, reads what was paid, and takes each event of it for real', async () => {
    const stripe = stripeClient(chargingKeys.stripeKey, url);
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      client_reference_id: 'orden',
      payment_intent_data: { metadata: { order_id: 'orden' } },
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 5_950, product_data: { name: 'Saldo' } } },
      ],
      expires_at: inAnHour(),
      success_url: 'http://127.0.0.1/gracias',
    });
    expect(session).toMatchObject({ payment_status: 'unpaid', url: expect.stringContaining('/c/pay/') });
    const charge = await fake.stripe.pay(session.id);
    await fake.stripe.refund(charge, 950);
    const dispute = await fake.stripe.dispute(charge, 5_000);
    await fake.stripe.closeDispute(charge, dispute, 'lost');
    const read = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge'],
    });
    expect(read).toMatchObject({
      status: 'complete',
      payment_intent: { latest_charge: { id: charge, amount_refunded: 950, disputed: true } },
    });
    expect((await stripe.disputes.list({ charge })).data).toMatchObject([{ id: dispute, status: 'lost' }]);
    const types = told.splice(0).map(({ headers, body }) => {
      const signature = headers.get('stripe-signature') ?? '';
      expect(() => Stripe.webhooks.constructEvent(`${body} `, signature, chargingKeys.stripeSecret)).toThrow(
        Stripe.errors.StripeSignatureVerificationError,
      );
      return Stripe.webhooks.constructEvent(body, signature, chargingKeys.stripeSecret).type;
    });
    expect(types).toEqual([
      'checkout.session.completed',
      'charge.refunded',
      'charge.dispute.created',
      'charge.dispute.closed',
    ]);
  });

  it('is told alike for a repeated key, and refused for a page that Stripe would not make', async () => {
    const stripe = stripeClient(chargingKeys.stripeKey, url);
    const params = (expiresAt: number): Stripe.Checkout.SessionCreateParams => ({
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 100, product_data: { name: 'x' } } },
      ],
      expires_at: expiresAt,
      success_url: 'http://127.0.0.1/gracias',
    });
    const until = inAnHour();
    const first = await stripe.checkout.sessions.create(params(until), { idempotencyKey: 'k' });
    expect((await stripe.checkout.sessions.create(params(until), { idempotencyKey: 'k' })).id).toBe(first.id);
    await expect(
      stripe.checkout.sessions.create(params(until + 1), { idempotencyKey: 'k' }),
    ).rejects.toThrow();
    await expect(stripe.checkout.sessions.create(params(until - 3_000))).rejects.toThrow('30 minutes');
    await expect(stripeClient('sk_wrong', url).checkout.sessions.create(params(until))).rejects.toThrow(
      'API Key',
    );
  });
});

describe("Mercado Pago's own library", () => {
  it('makes a preference, finds its payments by our reference, and takes each notification for real', async () => {
    const { AppConfig } = createRequire(import.meta.url)('mercadopago/dist/utils/config') as {
      AppConfig: { BASE_URL: string };
    };
    const before = AppConfig.BASE_URL;
    AppConfig.BASE_URL = url;
    try {
      const config = new MercadoPagoConfig({ accessToken: chargingKeys.mercadoPagoToken });
      const made = await new Preference(config).create({
        body: {
          items: [{ id: 'orden', title: 'Saldo', quantity: 1, unit_price: 56_732, currency_id: 'CLP' }],
          external_reference: 'orden-1',
        },
      });
      expect(made.init_point).toContain('/checkout/v1/redirect');
      const { id } = await fake.mercadoPago.pay(made.id ?? '');
      await fake.mercadoPago.change(id, 'charged_back', 0, 'in_process');
      const found = await new Payment(config).search({ options: { external_reference: 'orden-1' } });
      expect(found.results).toMatchObject([{ id, status: 'charged_back', status_detail: 'in_process' }]);
      expect(await new Payment(config).get({ id })).toMatchObject({ external_reference: 'orden-1' });
    } finally {
      AppConfig.BASE_URL = before;
    }
    expect(told).toHaveLength(2);
    for (const one of told.splice(0)) {
      const check = (secret: string): void =>
        WebhookSignatureValidator.validate({
          xSignature: one.headers.get('x-signature') ?? '',
          xRequestId: one.headers.get('x-request-id') ?? '',
          dataId: one.url.searchParams.get('data.id') ?? '',
          secret,
        });
      check(chargingKeys.mercadoPagoSecret);
      expect(() => check('another')).toThrow();
    }
  });
});
