import { pino } from 'pino';
import { type BundledDeps, createBundledTools } from '../../domain/messages/bundled-tools.ts';
import { whatsAppAt } from '../../channels/whatsapp/whatsapp.ts';
import { mercadoPagoAt } from '../../channels/mercadopago/mercado-pago.ts';
import type { ActionDeps } from '../../domain/messages/send-payment-link.ts';
import { inAccount, type Trx } from '../../db/client.ts';
import { createFakeMercadoPago, type FakeMercadoPago } from '../../dev/fakes/mercadopago/fake-mercadopago.ts';
import { createFakeWhatsApp, type FakeWhatsApp } from '../../dev/fakes/whatsapp/fake-whatsapp.ts';
import { listenOn, type Listening } from '../../dev/listen.ts';
import { createMcpApp } from '../../mcp/handler.ts';
import { makeAgreement } from '../../domain/negotiation/agreements.ts';
import { configureChannel, storeSecret } from '../../domain/accounts/channels.ts';
import { makeKey } from '../../domain/accounts/keys.ts';
import { createGuardedFetch } from '../../outbound/guarded-fetch.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import { type ApiWorld, createApiWorld } from './api.ts';
import type { Mode } from '../../domain/shared/rules/mode.ts';
import { createBatch, type NewBatch } from './world.ts';

export const appSecret = 'app_secret_of_the_tests';
export const verifyToken = 'verify_token_of_the_tests';
export const paymentSecret = 'payment_secret_of_the_tests';

/** API, bundled MCP server, and the fakes of both providers, each on a port of this machine, and one account with all. */
export interface MessageWorld {
  readonly api: ApiWorld;
  readonly app: ApiWorld['app'];
  readonly apiUrl: string;
  readonly mcpUrl: string;
  readonly mcpToken: string;
  readonly whatsApp: FakeWhatsApp;
  readonly mercadoPago: FakeMercadoPago;
  readonly mercadoPagoUrl: string;
  readonly secrets: SecretBox;
  readonly actions: ActionDeps;
  /** What the bundled tools stand on. */
  readonly links: BundledDeps;
  readonly accountId: string;
  readonly inside: <T>(work: (trx: Trx) => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

export async function createMessageWorld(): Promise<MessageWorld> {
  const api = await createApiWorld();
  const { accountId } = api.one;
  const { secrets } = api;
  const whatsApp = createFakeWhatsApp({ accessToken: 'wa_token', appSecret });
  const mercadoPago = createFakeMercadoPago({ accessToken: 'mp_token', webhookSecret: paymentSecret });
  const [whatsAppUrl, mercadoPagoUrl] = [await whatsApp.start(), await mercadoPago.start()];
  const openPaymentProvider = mercadoPagoAt(mercadoPagoUrl);
  const app = api.appWith({ secrets, targets: { allowPrivate: true }, openPaymentProvider });
  const listening: Listening = await listenOn((request) => app.fetch(request), 0);
  const base = {
    app: api.world.app,
    secrets,
    publicUrl: listening.url,
    openPaymentProvider,
    openMessageSender: whatsAppAt(whatsAppUrl),
  };
  const mcp = createMcpApp({ ...base, logger: pino({ level: 'silent' }) });
  const mcpListening = await listenOn(mcp.fetch, 0);
  const inside = <T>(work: (trx: Trx) => Promise<T>): Promise<T> => inAccount(api.world.app, accountId, work);
  await inside((trx) => configureChannels(trx, secrets, accountId));
  whatsApp.setWebhookUrl(`${listening.url}/api/v1/webhooks/whatsapp/${accountId}`);
  const mcpToken = await inside((trx) =>
    makeKey(
      trx,
      { accountId, actor: 'test', holder: { kind: 'key', role: 'account', scopes: null } },
      { kind: 'mcp_token', label: 'test', role: 'account', scopes: null, networks: null, expiresAt: null },
    ),
  );
  const mcpUrl = `${mcpListening.url}/mcp`;
  return {
    api,
    app,
    apiUrl: listening.url,
    mcpUrl,
    mcpToken: mcpToken.key,
    whatsApp,
    mercadoPago,
    mercadoPagoUrl,
    secrets,
    accountId,
    inside,
    links: base,
    actions: {
      ...base,
      bundled: createBundledTools(base),
      guardedFetch: createGuardedFetch({ allowPrivate: true }),
      simulatedChannel: true,
    },
    async close() {
      await Promise.all([mcpListening.close(), listening.close(), whatsApp.stop(), mercadoPago.stop()]);
      await mcp.close();
      await api.close();
    },
  };
}

/** WhatsApp and Mercado Pago of an account, with their secrets. */
export async function configureChannels(trx: Trx, secrets: SecretBox, accountId: string): Promise<void> {
  const actor = { accountId, actor: 'test' };
  const values = {
    wa_access: 'wa_token',
    wa_app: appSecret,
    wa_verify: verifyToken,
    mp_access: 'mp_token',
    mp_webhook: paymentSecret,
  };
  for (const [name, value] of Object.entries(values)) await storeSecret(trx, secrets, actor, { name, value });
  await configureChannel(trx, actor, {
    kind: 'whatsapp',
    settings: { phone_number_id: '1055', template: 'link_pago_v1', language: 'es_CL' },
    secrets: { access_token: 'wa_access', app_secret: 'wa_app', verify_token: 'wa_verify' },
  });
  await configureChannel(trx, actor, {
    kind: 'mercadopago',
    settings: {},
    secrets: { access_token: 'mp_access', webhook_secret: 'mp_webhook' },
  });
}

export interface Debtor {
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  readonly phoneId: string;
  readonly agreementId: string;
  readonly mode: Mode;
}

/** Somebody who owes 123,450 pesos and has agreed to pay them, in one or in several instalments. */
export async function createDebtor(
  world: Pick<MessageWorld, 'api' | 'accountId' | 'inside'>,
  options: Partial<Pick<NewBatch, 'pack' | 'policy' | 'mode'>> & {
    readonly instalments?: readonly bigint[];
    readonly madeAt?: Date;
  } = {},
): Promise<Debtor> {
  const { accountId } = world;
  const { pack = 'demo', policy = 'demo', mode = 'live', madeAt = new Date() } = options;
  const batch = await createBatch(world.api.world, { accountId, pack, policy, mode, people: [{}] });
  const [made] = batch.contacts;
  const phoneId = made?.phones[0];
  if (made === undefined || phoneId === undefined) throw new Error('the batch has no contact');
  const { contactId, personId } = made;
  const parts = options.instalments ?? [123_450n];
  const totalMicros = parts.reduce((sum, part) => sum + part, 0n) * 1_000_000n;
  return world.inside(async (trx) => {
    await trx
      .updateTable('core.person')
      .set({ name: 'JUANA  INVENTADA\tPÉREZ' })
      .where('id', '=', personId)
      .execute();
    const creditor = await trx
      .insertInto('catalogue.creditor')
      .values({ account_id: accountId, name: `Tienda ${personId.slice(0, 8)}` })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('core.debt')
      .values({
        account_id: accountId,
        person_id: personId,
        contact_id: contactId,
        creditor_id: creditor.id,
        amount_micros: totalMicros,
        currency: 'CLP',
        due_date: '2026-10-01',
        reference: null,
        sheet_row: null,
      })
      .execute();
    const { agreementId } = await makeAgreement(trx, {
      accountId,
      batchId: batch.batchId,
      contactId,
      personId,
      attemptId: null,
      terms: {
        kind: parts.length === 1 ? 'promise' : 'plan',
        totalMicros,
        discountMicros: 0n,
        currency: 'CLP',
        instalments: parts.map((part, index) => ({
          dueDate: new Date(madeAt.getTime() + (3 + 30 * index) * 86_400_000).toISOString().slice(0, 10),
          amountMicros: part * 1_000_000n,
        })),
      },
      source: 'operator',
      madeAt,
      zone: 'America/Santiago',
      graceDays: 1,
    });
    return { batchId: batch.batchId, contactId, personId, phoneId, agreementId, mode };
  });
}

/** What the contact's activity is asked. */
export function sendInput(world: Pick<MessageWorld, 'accountId'>, debtor: Debtor, nowMs = Date.now()) {
  const { batchId, contactId, agreementId, mode } = debtor;
  return { accountId: world.accountId, batchId, contactId, agreementId, mode, run: 1, nowMs };
}

export interface Money {
  readonly available: bigint;
  readonly held: bigint;
  readonly consumed: bigint;
}

export async function moneyOf(world: Pick<MessageWorld, 'inside'>): Promise<Money> {
  return world.inside((trx) =>
    trx
      .selectFrom('core.ledger_account')
      .select(['available_micros as available', 'held_micros as held', 'consumed_micros as consumed'])
      .where('unit', '=', 'USD')
      .executeTakeFirstOrThrow(),
  );
}
