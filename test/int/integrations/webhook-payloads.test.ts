import { Ajv2020 } from 'ajv/dist/2020.js';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenActivities } from '../../../activities/contact/open.ts';
import { createTurnActivities } from '../../../activities/contact/turn.ts';
import { eventSchema } from '../../../api/webhook-endpoints/event-schemas.ts';
import { resolveWish } from '../../../domain/contacts/reschedule-wish.ts';
import { sendPaymentLink } from '../../../domain/messages/send-payment-link.ts';
import { settleMessage } from '../../../domain/messages/settle-message.ts';
import { followLink } from '../../../domain/payments/follow-link.ts';
import { stopPerson } from '../../../domain/people/stops.ts';
import { EVENT_TYPES, type SentType, TEST_EVENT } from '../../../domain/shared/rules/events.ts';
import { resolveTask } from '../../../domain/tasks/resolve.ts';
import { openTask } from '../../../domain/tasks/tasks.ts';
import { createGuardedFetch } from '../../../outbound/guarded-fetch.ts';
import { deliverOnce } from '../../../relay/webhook-deliveries.ts';
import { ask, type Dialled, dialOne, eventBody, signed } from '../../support/api.ts';
import { placed, projection, voiceThat } from '../../support/dials.ts';
import { createDebtor, createMessageWorld, type MessageWorld, sendInput } from '../../support/messages.ts';
import { createPayers } from '../../support/payers.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { createBatch } from '../../support/world.ts';

type Json = Readonly<Record<string, unknown>>;

let world: MessageWorld;
let receiver: Receiver;
let sent: readonly Json[];

beforeAll(async () => {
  world = await createMessageWorld();
  receiver = await startReceiver();
  const as = world.api.one;
  const { body } = await ask(world.app, 'POST', '/api/v1/webhook-endpoints', {
    as,
    json: { url: receiver.url },
  });
  await openAndClose();
  await callAndReport({});
  // The provider's clock is behind ours.
  await callAndReport({ end_timestamp: Date.now() - 600_000 });
  await agreeAndPay();
  await askForAnotherTime();
  await sendAndClick();
  await handOverAndStop();
  await ask(world.app, 'POST', `/api/v1/webhook-endpoints/${String(body['id'])}/test`, { as });
  const relay = {
    system: world.api.world.system,
    fetch: createGuardedFetch({ allowPrivate: true }),
    secrets: world.secrets,
    logger: pino({ level: 'silent' }),
  };
  while ((await deliverOnce(relay)) > 0);
  sent = receiver.received.map(({ body: text }) => Object(JSON.parse(text)));
});
afterAll(async () => {
  await receiver.close();
  await world.close();
});

async function openAndClose(): Promise<void> {
  const { app, system } = world.api.world;
  const { accountId } = world;
  const batch = await createBatch(world.api.world, {
    accountId,
    mode: 'live',
    policy: 'demo',
    pack: 'demo',
    people: [{}],
  });
  const { batchId } = batch;
  const contactId = batch.contacts[0]?.contactId ?? '';
  const ref = { accountId, batchId, contactId, run: 1, mode: 'live', nowMs: Date.now() } as const;
  const deps = { app, system, voice: voiceThat(placed) };
  await createOpenActivities(deps).openContact(ref);
  const step = { missedRequestId: null, projection, step: null };
  await createTurnActivities(deps).closeContact({ ...ref, ...step, outcome: 'cancelled' });
}

async function callAndReport(fields: Json): Promise<Dialled> {
  const { accountId } = world;
  const call = await dialOne(world.api.world, accountId);
  const text = eventBody({ accountId, call, fields });
  const path = `/api/v1/webhooks/retell/${accountId}`;
  const { status } = await ask(world.app, 'POST', path, { text, headers: signed(text) });
  expect(status).toBe(200);
  return call;
}

async function agreeAndPay(): Promise<void> {
  const payers = createPayers(world.api.world);
  const due = async (agreementId: string): Promise<unknown> => {
    await world.api.world.owner
      .updateTable('core.agreement_instalment')
      .set({ check_at: new Date(0) })
      .where('agreement_id', '=', agreementId)
      .execute();
    return payers.check(agreementId);
  };
  const person = await payers.person([100_000, '2027-01-31', 'a'], [20_000, '2027-01-31', 'b', 'Otro']);
  expect(await due(await payers.agree(person, 100_000))).toBe('broken');
  const partly = await payers.agree(person, 90_000);
  const part = payers.payment(person.personId, 10_000, { reference: 'a', paidAt: new Date() });
  await payers.record(part);
  expect(await due(partly)).toBe('partly_paid');
  await payers.reverse(part.externalId);
  const kept = await payers.agree(person, 90_000, 10_000);
  await payers.record(payers.payment(person.personId, 90_000, { reference: 'a', paidAt: new Date() }));
  expect(await due(kept)).toBe('kept');
  await createDebtor(world, { instalments: [60_000n, 63_450n] });
}

async function askForAnotherTime(): Promise<void> {
  const { accountId } = world;
  const { contactId } = await createDebtor(world);
  const at = new Date();
  const request = { accountId, contactId, attemptId: null, source: 'api', requestedBy: 'operator' } as const;
  const later = new Date(at.getTime() + 7_200_000).toISOString();
  const agreed = await world.inside((trx) => resolveWish(trx, { ...request, wish: { at: later }, at }));
  const past = await world.inside((trx) =>
    resolveWish(trx, { ...request, wish: { at: '2020-03-02T12:00:00Z' }, at }),
  );
  const open = await world.inside((trx) => resolveWish(trx, { ...request, wish: { day: 'mañana' }, at }));
  expect([agreed.ok, past.ok, open.ok]).toEqual([true, false, false]);
}

async function sendAndClick(): Promise<void> {
  const { app } = world.api.world;
  const send = async (): Promise<string> => {
    const answer = await sendPaymentLink(
      { app, actions: world.actions },
      sendInput(world, await createDebtor(world)),
    );
    if (answer.kind !== 'sent') throw new Error(`the link was not sent: ${JSON.stringify(answer)}`);
    return answer.messageId;
  };
  const [read, failed] = [await send(), await send()];
  for (const [messageId, kind] of [
    [read, 'delivered'],
    [read, 'read'],
    [failed, 'failed'],
  ] as const) {
    const word = { kind, at: new Date(), ...(kind === 'failed' ? { failure: '131026' } : {}) };
    await world.inside((trx) => settleMessage(trx, { messageId }, word));
  }
  const { code } = await world.inside((trx) =>
    trx.selectFrom('core.payment_link').select('code').limit(1).executeTakeFirstOrThrow(),
  );
  await followLink(app, code, true);
}

async function handOverAndStop(): Promise<void> {
  const { accountId } = world;
  const { personId, contactId } = await createDebtor(world);
  const of = { accountId, personId, contactId };
  await world.inside(async (trx) => {
    const task = { ...of, attemptId: null, kind: 'dispute', context: {}, dedupeKey: contactId } as const;
    await openTask(trx, { ...task, openedAt: new Date() });
    const { id: taskId } = await trx.selectFrom('operation.task').select('id').executeTakeFirstOrThrow();
    const caller = { accountId, actor: 'test', role: 'account' } as const;
    await resolveTask(trx, caller, { taskId, resolution: 'resume', note: 'visto' });
    const stop = { ...of, reason: 'do_not_call', source: 'api', exceptContactId: null } as const;
    await stopPerson(trx, { ...stop, at: new Date() });
  });
}

const ofType = (type: SentType): readonly Json[] => sent.filter((one) => one['type'] === type);
const kinds: readonly SentType[] = [...EVENT_TYPES, TEST_EVENT];

describe('what is sent', () => {
  it('is of every type that an endpoint can ask for, and the test', () => {
    expect(kinds.filter((type) => ofType(type).length === 0)).toEqual([]);
  });

  it('is what its schema says: nothing that is missing, nothing more, and nothing in another form', () => {
    for (const type of kinds) {
      // A schema leaves out what it does not name: what is equal had nothing more.
      for (const body of ofType(type)) expect(eventSchema(type).parse(body), type).toEqual(body);
    }
  });

  it('is what the OpenAPI document says', async () => {
    const document = Object(await (await world.app.request('/openapi.json')).json());
    expect(Object.keys(document.webhooks).toSorted()).toEqual(kinds.toSorted());
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'https://tandas.invalid/doc', components: document.components });
    for (const type of kinds) {
      const { $ref } = document.webhooks[type].post.requestBody.content['application/json'].schema;
      const isValid = ajv.compile({ $ref: `https://tandas.invalid/doc${String($ref)}` });
      for (const body of ofType(type)) expect([isValid(body), isValid.errors], type).toEqual([true, null]);
    }
  });

  it('has one form: snake_case, and no amount in micro-units', () => {
    const names = new Set<string>();
    JSON.stringify(sent, (name, value: unknown) => {
      names.add(name);
      return value;
    });
    expect([...names].filter((name) => !/^([a-z]+(_[a-z]+)*|\d*)$/.test(name))).toEqual([]);
    expect([...names].filter((name) => name.includes('micros'))).toEqual([]);
    expect(ofType('promise.kept')[0]).toMatchObject({
      data: { total: { amount: '90000', unit: 'CLP' }, paid: { amount: '90000', unit: 'CLP' } },
    });
  });

  it('of a call is its placing before its end, also where the provider says that it ended before it began', () => {
    const stampOf = (type: SentType) =>
      new Map(ofType(type).map((one) => [one['subject'], Date.parse(String(one['timestamp']))]));
    const ended = stampOf('call.ended');
    expect(ended.size).toBe(2);
    const placedAt = stampOf('call.placed');
    for (const [call, at] of ended) expect(at).toBeGreaterThan(placedAt.get(call) ?? Infinity);
  });
});
