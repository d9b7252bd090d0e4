import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { inAccount } from '../../db/client.ts';
import { countMessage } from '../../domain/policy/queries-limits.ts';
import { raise } from '../../domain/alerts/queries.ts';
import { invite } from '../../domain/accounts/members.ts';
import { insertMember } from '../../domain/accounts/queries-members.ts';
import { addHoliday } from '../../domain/policy/account-holidays.ts';
import { insertMcpServer, replaceBinding } from '../../domain/tools/queries.ts';
import { sendPaymentLink } from '../../domain/messages/send-payment-link.ts';
import { answerFunction } from '../../domain/calls/in-call.ts';
import { followLink } from '../../domain/payments/follow-link.ts';
import { createNegotiation } from '../../domain/negotiation/negotiations.ts';
import { recordPayment } from '../../domain/payments/payments.ts';
import { erasedKeysOf } from '../../domain/people/erased-keys.ts';
import { insertErasedKeys } from '../../domain/people/queries-erased.ts';
import { touchAll } from '../../domain/summaries/queries-recount.ts';
import { recountAll } from '../../domain/summaries/recount.ts';
import { sealAccount } from '../../domain/shared/seal-audit.ts';
import { stopPerson } from '../../domain/people/stops.ts';
import { insertRemovals } from '../../domain/privacy/queries-removals.ts';
import type { ForecastTerms } from '../../domain/forecast/plan.ts';
import { insertForecast } from '../../domain/rehearsal/queries-forecasts.ts';
import { receiveRequest } from '../../domain/privacy/requests.ts';
import { openTask } from '../../domain/tasks/tasks.ts';
import { numberOnce } from '../../domain/shared/queries-feed.ts';
import { createEndpoint } from '../../domain/integrations/webhook-endpoints.ts';
import { collectionStandard } from '../../domain/negotiation/rules/standard.ts';
import { createOrder } from '../../domain/charging/orders.ts';
import { insertRate } from '../../domain/charging/queries-plans.ts';
import { recordTransfer } from '../../domain/charging/transfers.ts';
import { ask, debtorsForm, type Dialled, dialOne, eventBody, signed, textOf } from './api.ts';
import { newAccount } from './world.ts';
import { createDebtor, type MessageWorld, sendInput } from './messages.ts';

/** A live call of the account that asks for another time: function call, wish, a person's e-mail, and that they want no more. */
export async function talkAndStop(world: MessageWorld, call: Dialled): Promise<void> {
  const { accountId, inside } = world;
  const { attemptId, callId: providerCallId, contactId } = call;
  const args = { text: 'en dos horas' };
  const request = { accountId, attemptId, providerCallId, name: 'reschedule', args };
  await inside((trx) => answerFunction(trx, request));
  const personId = call.batch.contacts[0]?.personId ?? '';
  const at = new Date();
  await inside(async (trx) => {
    const address = {
      account_id: accountId,
      person_id: personId,
      channel: 'email',
      value: 'ana@ejemplo.cl',
    } as const;
    await trx.insertInto('core.person_address').values(address).execute();
    await openTask(trx, {
      accountId,
      personId,
      contactId,
      attemptId,
      kind: 'dispute',
      context: {},
      dedupeKey: attemptId,
      openedAt: at,
    });
    const stop = {
      accountId,
      personId,
      reason: 'do_not_call',
      source: 'api',
      exceptContactId: null,
    } as const;
    await stopPerson(trx, { ...stop, at });
    await receiveRequest(
      trx,
      { accountId, actor: 'test' },
      {
        kind: 'access',
        channel: 'email',
        nationalId: '12345678-5',
        details: 'pide sus datos',
        receivedAt: undefined,
        ownId: undefined,
      },
    );
  });
}

/** A promise, its link, a click and its payment, told to an endpoint; an own negotiation, own tools, an own price. */
export async function promiseAndPay(world: MessageWorld): Promise<void> {
  const { accountId, inside, api, actions, secrets } = world;
  const actor = 'test';
  const targets = { allowPrivate: true };
  await inside(async (trx) => {
    const url = 'http://127.0.0.1:9/hooks';
    const endpoint = { accountId, actor, url, description: '', eventTypes: [] };
    await createEndpoint(trx, { secrets, targets }, endpoint);
    await createNegotiation(trx, { accountId, actor }, { ...collectionStandard, key: 'propia' });
    const price = { account_id: accountId, channel: 'whatsapp', price_micros: 1_000n, unit: 'USD' } as const;
    await trx.insertInto('catalogue.message_tariff').values(price).execute();
  });
  const debtor = await createDebtor(world);
  const answer = await sendPaymentLink({ app: api.world.app, actions }, sendInput(world, debtor));
  if (answer.kind !== 'sent') throw new Error(`the link was not sent: ${JSON.stringify(answer)}`);
  const { code } = await inside((trx) =>
    trx.selectFrom('core.payment_link').select('code').executeTakeFirstOrThrow(),
  );
  await followLink(api.world.app, code, true);
  await inside(async (trx) => {
    await recordPayment(trx, {
      accountId,
      personId: debtor.personId,
      externalId: 'access',
      source: 'api',
      kind: 'payment',
      amountMicros: 1_000_000_000n,
      currency: 'CLP',
      paidAt: new Date(),
      reference: null,
    });
    const own = {
      accountId,
      name: 'propio',
      url: 'https://mcp.example/mcp',
      secretName: null,
      timeoutMs: 5_000,
    };
    const server = await insertMcpServer(trx, own);
    if (server === undefined) throw new Error('the name is taken');
    const purpose = 'send_payment_link';
    const tool = { accountId, purpose, serverId: server.id, tool: 'send', arguments: {} } as const;
    await replaceBinding(trx, tool);
  });
}

/** As its operation writes it; whether it runs is no matter here. */
export async function writeRehearsal(world: MessageWorld, importId: string): Promise<void> {
  const { accountId, api } = world;
  const { batchId } = await createDebtor(world);
  const rehearsalAccountId = await newAccount(api.world.app, api.world.poolId, 0n);
  await inAccount(api.world.app, accountId, (trx) =>
    trx
      .insertInto('operation.rehearsal')
      .values({
        id: batchId,
        account_id: accountId,
        import_id: importId,
        rehearsal_account_id: rehearsalAccountId,
        batch_id: batchId,
        seed: '1',
        policy: 'demo@2',
        pack: 'demo@2',
        negotiation: null,
        starts_at: new Date(),
        contacts: 1,
      })
      .execute(),
  );
}

/** A month of a plan that was paid by transfer. */
async function orderSomething({ world }: MessageWorld['api'], accountId: string): Promise<void> {
  const caller = { accountId, actor: 'test' };
  await inAccount(world.app, accountId, async (trx) => {
    const set = { currency: 'CLP', perUsdMicros: 950_000_000n, source: 'test', setBy: 'test' };
    await insertRate(trx, set);
    const online = new Set<never>();
    const what = { kind: 'period', plan: 'starter' } as const;
    const request = { what, provider: 'transfer' } as const;
    const order = await createOrder(trx, caller, request, { online, now: new Date() });
    await recordTransfer(
      trx,
      caller,
      { online },
      {
        orderId: order.id,
        direction: 'in',
        amountMicros: order.charge_micros,
        currency: order.charge_currency,
        reference: 'access',
        reason: 'x',
      },
    );
  });
}
const forecastTerms: ForecastTerms = {
  contacts: 1,
  lines: 1,
  policy: 'collection-waves',
  pack: 'cl-collection-waves',
  group: null,
  days: 1,
  start: '2027-03-08',
  zone: null,
  usdPerMinute: 0.04,
  seed: '1',
};

/** Ids of the first account's rows. */
export interface FilledIds {
  readonly batchId: string;
  readonly contactId: string;
  readonly importId: string;
}

/** Rows of the first account in as many tables as the API and the product's own parts can fill. */
export async function fillEveryTable(messages: MessageWorld): Promise<FilledIds> {
  const { app, one, world, administrator, secrets } = messages.api;
  const form = debtorsForm(2, 'access');
  const imported = await ask(app, 'POST', '/api/v1/imports', { as: one, form, key: 'access' });
  const importId = textOf(imported.body, 'import_id');
  const json = {
    import_id: importId,
    name: 'Propia',
    pack: 'demo',
    policy: 'demo',
    budget: { amount: '1000' },
  };
  const batch = await ask(app, 'POST', '/api/v1/batches', { as: one, json });
  expect(batch.status).toBe(201);
  const batchId = textOf(batch.body, 'id');
  // Its second row is refused, and kept.
  const csv =
    'RUT;NOMBRE;TELEFONO;MONTO;FECHA_VENC;EMPRESA\n7654321-6;Eva;961234322;1;2027-12-01;B\n1-1;Mal;9;1;x;B';
  const refused = new FormData();
  refused.append('file', new File([csv], 'con-rechazo.csv'));
  const answer = await ask(app, 'POST', '/api/v1/imports', { as: one, form: refused });
  expect(answer.body, JSON.stringify(answer.body)).toMatchObject({ rows_good: 1, rows_refused: 1 });
  const removals = new FormData();
  removals.append('file', new File(['TELEFONO\n961 234 321'], 'bajas.csv'));
  expect((await ask(app, 'POST', '/api/v1/removal-files', { as: one, form: removals })).status).toBe(200);
  await talkAndStop(messages, await dialOne(world, one.accountId));
  await promiseAndPay(messages);
  await writeRehearsal(messages, importId);
  const call = await dialOne(world, one.accountId);
  const body = eventBody({ accountId: one.accountId, call });
  const told = await ask(app, 'POST', `/api/v1/webhooks/retell/${one.accountId}`, {
    text: body,
    headers: signed(body),
  });
  expect(told.status).toBe(200);
  const amount = { amount: '1', unit: 'USD', reference: 'access' };
  await ask(app, 'POST', `/api/v1/accounts/${one.accountId}/top-ups`, { as: administrator, json: amount });
  await inAccount(world.app, one.accountId, async (trx) => {
    const of = { account_id: one.accountId, batch_id: call.batch.batchId, contact_id: call.contactId };
    const how = { wave_key: 'w', reason: 'no_line', rule: 'r', at: new Date() };
    await trx
      .insertInto('operation.refusal')
      .values({ ...of, ...how, request_id: null })
      .execute();
    const { personId } = await trx
      .selectFrom('core.contact')
      .select('person_id as personId')
      .where('id', '=', call.contactId)
      .executeTakeFirstOrThrow();
    const message = { id: randomUUID(), accountId: one.accountId, personId } as const;
    await countMessage(trx, { ...message, channel: 'sms', at: new Date(), requested: false });
    const feast = { country: 'CL', region: null, day: '2027-03-10', everyYear: false } as const;
    const editor = { accountId: one.accountId, actor: 'test' };
    const who = { accountId: one.accountId, email: 'ana@ejemplo.cl', role: 'viewer' } as const;
    await insertMember(trx, { ...who, userId: randomUUID(), name: 'Ana' });
    // An invitation and its mail.
    await invite(trx, editor, { ...who, email: 'bea@ejemplo.cl', invitedBy: 'Ana', baseUrl: 'http://x' });
    await raise(trx, {
      accountId: one.accountId,
      kind: 'batch_finished',
      subject: batchId,
      lasts: false,
      detail: {},
    });
    await addHoliday(trx, editor, { ...feast, name: 'Aniversario', kind: 'closed', source: '' });
  });
  const hints = [{ type: 'batch.changed', accountId: one.accountId, subject: batchId }] as const;
  await world.system.transaction().execute((trx) => numberOnce(trx, { hints, reset: false }));
  await inAccount(world.app, one.accountId, (trx) => insertRemovals(trx, one.accountId, ['call_gone']));
  await inAccount(world.app, one.accountId, (trx) =>
    insertForecast(trx, { accountId: one.accountId, actor: 'test', terms: forecastTerms }),
  );
  await orderSomething(messages.api, one.accountId);
  await sealAccount(world.app, one.accountId, 'all');
  await inAccount(world.app, one.accountId, (trx) =>
    insertErasedKeys(trx, one.accountId, { hashes: [Buffer.alloc(32)], keyId: erasedKeysOf(secrets).keyId }),
  );
  await recountAll(world.app, one.accountId);
  await inAccount(world.app, one.accountId, touchAll);
  return { batchId, contactId: call.contactId, importId };
}
