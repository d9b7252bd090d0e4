/** Process entry of both simulated channels, WhatsApp and Mercado Pago: two ports, one process. */
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
await mercadoPago.start(Number(required('FAKE_MERCADOPAGO_PORT')));
console.log(JSON.stringify({ msg: 'ready' }));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([whatsApp.stop(), mercadoPago.stop()]).finally(() => process.exit(0));
  });
}
