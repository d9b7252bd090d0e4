/** Process entry of the simulated channels: WhatsApp at one port; at another Mercado Pago, and whoever takes what accounts pay us. */
import { listenOn } from '../listen.ts';
import { createFakeCharging } from './charging.ts';
import { createFakeMercadoPago } from './mercadopago/fake-mercadopago.ts';
import { createFakeWhatsApp } from './whatsapp/fake-whatsapp.ts';

const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};

const log = (line: string): void => console.log(line);
const whatsApp = createFakeWhatsApp({
  accessToken: required('FAKE_WHATSAPP_TOKEN'),
  appSecret: required('FAKE_WHATSAPP_APP_SECRET'),
  // `{phone_number_id}` is the number that sends: in the demo, the account's id.
  webhookUrl: required('FAKE_WHATSAPP_WEBHOOK_URL'),
  autoStatusMs: 1_500,
  log: (line) => log(`fake-whatsapp: ${line}`),
});
const mercadoPago = createFakeMercadoPago({
  accessToken: required('FAKE_MERCADOPAGO_TOKEN'),
  webhookSecret: required('FAKE_MERCADOPAGO_SECRET'),
  payersAfterMs: 3_000,
  log: (line) => log(`fake-mercadopago: ${line}`),
});
await whatsApp.start(Number(required('FAKE_WHATSAPP_PORT')));
const charging = createFakeCharging({
  mercadoPagoToken: required('FAKE_CHARGING_MERCADOPAGO_TOKEN'),
  mercadoPagoSecret: required('FAKE_CHARGING_MERCADOPAGO_SECRET'),
  stripeKey: required('FAKE_STRIPE_KEY'),
  stripeSecret: required('FAKE_STRIPE_SECRET'),
  apiUrl: required('FAKE_CHARGING_API_URL'),
  log: (line) => log(`fake-charging: ${line}`),
});
const payments = await listenOn(
  (request) => charging.answer(request) ?? mercadoPago.fetch(request),
  Number(required('FAKE_MERCADOPAGO_PORT')),
);
mercadoPago.setBaseUrl(payments.url);
charging.setBaseUrl(payments.url);
console.log(JSON.stringify({ msg: 'ready' }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([whatsApp.stop(), mercadoPago.stop(), charging.stop(), payments.close()]).finally(() =>
      process.exit(0),
    );
  });
}
