import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  functionBody,
  type Reply,
  signed,
} from '../../support/api.ts';
import { addDebts, nameRut } from '../../support/debts.ts';
import { createBatch, type NewPerson } from '../../support/world.ts';

let api: ApiWorld;
let accountId: string;
beforeAll(async () => {
  api = await createApiWorld({ capacity: 60 });
  ({ accountId } = api.one);
});
afterAll(() => api.close());

const zone = 'America/Santiago';
const today = DateTime.now().setZone(zone);
const day = (days: number): string => today.plus({ days }).toISODate() ?? '';
/** Late: the ladder goes to 30 %. */
const late: NewPerson = { debts: [{ pesos: 100_000, dueDate: day(-200), reference: 'R-1' }] };

let ruts = 10_000_000;
async function ring(person: NewPerson = late, negotiation = 'collection-standard'): Promise<Dialled> {
  const call = await dialOne(api.world, accountId, person, negotiation);
  ruts += 1;
  await nameRut(api.world, call.batch.contacts[0]?.personId ?? '', `${ruts}-K`);
  return call;
}
const lastDigits = (): string => String(ruts).slice(-4);

type Args = Readonly<Record<string, unknown>>;
const path = `/api/v1/webhooks/retell/{account}/functions`;

async function post(body: string, headers = signed(body), account = accountId): Promise<Reply> {
  return ask(api.app, 'POST', path.replace('{account}', account), { text: body, headers });
}
async function use(call: Dialled, name: string, args: Args = {}): Promise<Reply['body']> {
  const reply = await post(functionBody(accountId, call, name, args));
  expect(reply.status).toBe(200);
  return reply.body;
}
async function confirm(call: Dialled): Promise<Reply['body']> {
  return use(call, 'confirm_identity', { is_holder: true, last_digits: lastDigits() });
}

/** Everything that a call was told, as one text. */
async function toldTo({ attemptId }: Dialled): Promise<string> {
  const rows = await api.world.owner
    .selectFrom('operation.function_call')
    .select('answer')
    .where('attempt_id', '=', attemptId)
    .execute();
  return JSON.stringify(rows.map(({ answer }) => answer));
}
const agreements = ({ contactId }: Dialled) =>
  api.world.owner
    .selectFrom('core.agreement')
    .select(['state', 'total_micros', 'discount_micros', 'kind'])
    .where('contact_id', '=', contactId)
    .orderBy('made_at')
    .execute();
const personOf = ({ batch }: Dialled) =>
  api.world.owner
    .selectFrom('core.person')
    .selectAll()
    .where('id', '=', batch.contacts[0]?.personId ?? '')
    .executeTakeFirstOrThrow();
async function signals(contactId: string): Promise<readonly string[]> {
  const rows = await api.world.owner
    .selectFrom('operation.outbox')
    .select('signal')
    .where('contact_id', '=', contactId)
    .execute();
  return rows.map(({ signal }) => signal ?? '');
}

describe('before the person has said who they are', () => {
  it('nothing of a debt is told, whatever function asks', async () => {
    const call = await ring();
    const offer = { kind: 'full', amount: 100_000, date: day(3) };
    expect(await use(call, 'get_offers')).toMatchObject({ ok: false, code: 'identity_first' });
    expect(await use(call, 'accept_offer', offer)).toMatchObject({ ok: false, code: 'identity_first' });
    expect(await use(call, 'send_payment_link')).toMatchObject({ ok: false, code: 'identity_first' });
    await use(call, 'reschedule', { day: 'mañana', time: '10:00' });
    await use(call, 'confirm_identity', { is_holder: true });
    await use(call, 'confirm_identity', { last_digits: '12' });
    await use(call, 'confirm_identity', { last_digits: '9999' });
    const told = await toldTo(call);
    expect(told).not.toMatch(/100000|100\.000|Tienda|R-1/);
    expect(await agreements(call)).toEqual([]);
  });

  it('three wrong guesses are the end of it, also with the right digits', async () => {
    const call = await ring();
    for (const digits of ['1111', '2222', '3333']) {
      expect(await use(call, 'confirm_identity', { last_digits: digits })).toMatchObject({
        code: 'identity_mismatch',
      });
    }
    expect(await confirm(call)).toMatchObject({ ok: false, code: 'identity_locked' });
    expect(await toldTo(call)).not.toContain('100000');
  });

  it('somebody else is told nothing, and the person who then comes to the phone is', async () => {
    const call = await ring();
    expect(await use(call, 'confirm_identity', { is_holder: false })).toMatchObject({ code: 'wrong_person' });
    expect(await use(call, 'get_offers')).toMatchObject({ ok: false, code: 'wrong_person' });
    expect(await use(call, 'reschedule', { day: 'mañana', time: '10:00' })).toMatchObject({ ok: false });
    expect(await toldTo(call)).not.toContain('100000');
    expect(await confirm(call)).toMatchObject({ ok: true, code: 'confirmed' });
  });

  it('the digits of the national id may come with the check digit or without', async () => {
    const [one, other] = [await ring(), await ring()];
    expect(await use(one, 'confirm_identity', { last_digits: String(ruts - 1) })).toMatchObject({ ok: true });
    expect(
      await use(other, 'confirm_identity', { last_digits: `${String(ruts).slice(-3)}-k` }),
    ).toMatchObject({
      ok: true,
    });
  });
});

describe('a negotiation in the call', () => {
  it('tells creditor, debts and what may be offered first, and goes down the ladder step by step', async () => {
    const call = await ring();
    const told = await confirm(call);
    expect(told).toMatchObject({ ok: true, stage: 'late', debts: [{ amount: '100000', reference: 'R-1' }] });
    expect(told['say']).toMatch(/por encargo de Tienda .*100000 pesos/);
    expect(JSON.stringify(told['offers'])).not.toContain('discount",');
    expect(await use(call, 'get_offers', { step: 2 })).toMatchObject({ ok: false, code: 'not_yet' });
    expect(await use(call, 'get_offers', { step: 1 })).toMatchObject({ ok: true, step: 1, next_step: 2 });
    const twenty = { kind: 'discount', amount: 80_000, date: day(3) };
    expect(await use(call, 'accept_offer', twenty)).toMatchObject({
      ok: false,
      code: 'not_offered',
      counter: { total: '90000' },
    });
    expect(await use(call, 'get_offers', { step: 2 })).toMatchObject({ ok: true, step: 2 });
    expect(await use(call, 'get_offers', { step: 4 })).toMatchObject({ ok: false, code: 'no_more_offers' });
    // What was refused for its time is not refused for ever.
    expect(await use(call, 'accept_offer', twenty)).toMatchObject({ ok: true, code: 'agreed' });
    expect(await agreements(call)).toMatchObject([
      { state: 'open', total_micros: 80_000_000_000n, discount_micros: 20_000_000_000n },
    ]);
  });

  it('is about what is owed to the creditors of its batch: nobody else is named, and nothing else is agreed on', async () => {
    const call = await ring();
    const [contact] = call.batch.contacts;
    if (contact === undefined) throw new Error('no contact');
    const elsewhere = await createBatch(api.world, { accountId, mode: 'live', people: [{}] });
    const other = elsewhere.contacts[0];
    if (other === undefined) throw new Error('no contact');
    await api.world.owner
      .updateTable('core.contact')
      .set({ person_id: contact.personId })
      .where('id', '=', other.contactId)
      .execute();
    const theirs = { ...other, personId: contact.personId };
    await addDebts(api.world, accountId, theirs, [{ amount: 77_777, creditor: 'Acreedor Ajeno' }]);
    expect(await confirm(call)).toMatchObject({ debts: [{ amount: '100000', reference: 'R-1' }] });
    expect(await use(call, 'accept_offer', { kind: 'full', date: day(3) })).toMatchObject({ ok: true });
    expect(await agreements(call)).toMatchObject([{ total_micros: 100_000_000_000n }]);
    expect(await toldTo(call)).not.toMatch(/Ajeno|77777|177777/);
  });

  it('refuses what is below the floor, past, above the debt or no amount, with what would do, and makes nothing', async () => {
    const call = await ring();
    await confirm(call);
    const codes: unknown[] = [];
    for (const offer of [
      { kind: 'discount', amount: 69_999, date: day(3) },
      { kind: 'full', date: day(-1) },
      { kind: 'part', amount: '100.001', date: day(3) },
      { kind: 'part', amount: 0, date: day(3) },
      { kind: 'part', amount: 'harto', date: day(3) },
      { kind: 'instalments', count: 40, date: day(3) },
      { kind: 'regalo', date: day(3) },
    ]) {
      codes.push((await use(call, 'accept_offer', offer))['code']);
    }
    expect(codes).toEqual([
      'below_floor',
      'past',
      'above_debt',
      'zero',
      'not_understood',
      'instalment_count',
      'not_understood',
    ]);
    expect(await agreements(call)).toEqual([]);
  });

  it('records a promise, an instalment plan in its place, and the wish for a link', async () => {
    const call = await ring();
    await confirm(call);
    expect(await use(call, 'send_payment_link')).toMatchObject({ ok: false, code: 'no_agreement' });
    await use(call, 'accept_offer', { kind: 'full', amount: '$100.000', date: day(3) });
    await use(call, 'accept_offer', { kind: 'instalments', count: 4, date: day(5) });
    expect(await agreements(call)).toMatchObject([
      { state: 'replaced', kind: 'promise' },
      { state: 'open', kind: 'plan', total_micros: 100_000_000_000n },
    ]);
    expect(await use(call, 'send_payment_link', { now: true })).toMatchObject({
      ok: true,
      code: 'link_requested',
    });
  });

  it('is one answer and one agreement however often the provider repeats it, also at once', async () => {
    const call = await ring();
    await confirm(call);
    const body = functionBody(accountId, call, 'accept_offer', { kind: 'full', date: day(3) });
    const replies = await Promise.all(Array.from({ length: 5 }, () => post(body)));
    for (const { body: answer } of replies) expect(answer).toEqual(replies[0]?.body);
    expect(replies[0]?.body).toMatchObject({ ok: true, code: 'agreed' });
    expect(await agreements(call)).toHaveLength(1);
  });

  it('owes nothing when everything was paid while the person spoke', async () => {
    const call = await ring({ debts: [] });
    expect(await confirm(call)).toMatchObject({ ok: true, debts: [] });
    expect(await use(call, 'accept_offer', { kind: 'full', date: day(3) })).toMatchObject({
      code: 'nothing_owed',
    });
  });
});

describe('what the person says of themselves', () => {
  it('do not call holds at once, in every batch of the account', async () => {
    const call = await ring();
    const other = await dialOne(api.world, accountId);
    const personId = (await personOf(call)).id;
    await api.world.owner
      .updateTable('core.contact')
      .set({ person_id: personId })
      .where('id', '=', other.contactId)
      .execute();
    expect(await use(call, 'report', { kind: 'do_not_call' })).toMatchObject({ ok: true });
    expect((await personOf(call)).do_not_call_at).not.toBeNull();
    expect(await signals(other.contactId)).toEqual(['contactStopped']);
    expect(await signals(call.contactId)).toEqual([]);
  });

  it('a lawyer stops everything at once; a dispute is kept for the end of the call', async () => {
    const [one, other] = [await ring(), await ring()];
    await use(one, 'report', { kind: 'legal', detail: 'tiene abogado' });
    expect(await personOf(one)).toMatchObject({ stop_reason: 'legal', do_not_call_at: null });
    await use(other, 'report', { kind: 'dispute' });
    expect(await personOf(other)).toMatchObject({ stop_reason: null });
  });

  it('somebody else who wants no calls takes their number out, and not the debtor', async () => {
    const call = await ring();
    await use(call, 'report', { kind: 'wrong_person' });
    expect(await use(call, 'report', { kind: 'do_not_call' })).toMatchObject({ ok: true });
    expect(await use(call, 'report', { kind: 'hardship' })).toMatchObject({
      ok: false,
      code: 'wrong_person',
    });
    expect((await personOf(call)).do_not_call_at).toBeNull();
    const phones = await api.world.owner
      .selectFrom('core.phone')
      .select('invalid_at')
      .where('person_id', '=', (await personOf(call)).id)
      .execute();
    expect(phones.map(({ invalid_at }) => invalid_at !== null)).toEqual([true]);
  });

  it('a wish for another time is answered in words, kept, and told to the contact when it is agreed', async () => {
    const call = await ring();
    expect(await use(call, 'reschedule', { time: '10:00' })).toMatchObject({
      ok: false,
      code: 'day_missing',
    });
    expect(await use(call, 'reschedule', { day: 'ayer' })).toMatchObject({
      ok: false,
      code: 'not_understood',
    });
    const agreed = await use(call, 'reschedule', { text: 'ahora no, en dos horas' });
    expect(agreed).toMatchObject({ ok: true, code: 'rescheduled' });
    expect(agreed['say']).toMatch(/^Queda agendado: le llamaremos (hoy|mañana) a las? \d/);
    const rows = await api.world.owner
      .selectFrom('operation.reschedule_request')
      .select(['result', 'rule', 'source'])
      .where('attempt_id', '=', call.attemptId)
      .orderBy('id')
      .execute();
    expect(rows).toEqual([
      { result: 'refused', rule: 'day_missing', source: 'call' },
      { result: 'refused', rule: 'not_understood', source: 'call' },
      { result: 'agreed', rule: null, source: 'call' },
    ]);
    expect(await signals(call.contactId)).toEqual(['rescheduleAgreed']);
  });
});

describe('a function that must not be answered', () => {
  const stored = async ({ attemptId }: Dialled) => {
    const rows = await api.world.owner
      .selectFrom('operation.function_call')
      .select('refused')
      .where('attempt_id', '=', attemptId)
      .orderBy('id')
      .execute();
    return rows.map(({ refused }) => refused);
  };

  it('without a signature, with a wrong one, or a late one is a 401 that says what to say', async () => {
    const call = await ring();
    const body = functionBody(accountId, call, 'confirm_identity', { last_digits: lastDigits() });
    const json = { 'content-type': 'application/json' };
    for (const [headers, code] of [
      [json, 'unsigned'],
      [signed(`${body} `), 'forged'],
      [signed(body, Date.now() - 301_000), 'stale'],
    ] as const) {
      const reply = await post(body, headers);
      expect(reply).toMatchObject({
        status: 401,
        body: { type: `urn:tandas:problem:function_${code}`, ok: false, say: expect.any(String) },
      });
    }
    expect(await stored(call)).toEqual([]);
  });

  it("of another account's call, at another account's address, or of no call at all is a 404", async () => {
    const call = await ring();
    const body = functionBody(accountId, call, 'confirm_identity', { last_digits: lastDigits() });
    expect((await post(body, signed(body), api.other.accountId)).status).toBe(404);
    for (const metadata of [
      { account_id: api.other.accountId },
      { attempt_id: call.contactId },
      { attempt_id: undefined },
      { account_id: 'nobody' },
    ]) {
      const foreign = functionBody(accountId, call, 'confirm_identity', {}, metadata);
      expect((await post(foreign)).status).toBe(404);
      expect((await post(foreign, signed(foreign), api.other.accountId)).status).toBe(404);
    }
    expect(await stored(call)).toEqual([]);
  });

  it('names its person by the metadata, never by its arguments', async () => {
    const [one, other] = [await ring(), await ring()];
    await use(one, 'report', {
      kind: 'do_not_call',
      person_id: (await personOf(other)).id,
      attempt_id: other.attemptId,
    });
    expect((await personOf(other)).do_not_call_at).toBeNull();
    expect((await personOf(one)).do_not_call_at).not.toBeNull();
  });

  it('of another call of the attempt, or of one that is over, is a 409 and on record', async () => {
    const call = await ring();
    const body = functionBody(accountId, { ...call, callId: 'call_of_somebody' }, 'get_offers');
    expect(await post(body)).toMatchObject({ status: 409, body: { ok: false, code: 'not_this_call' } });
    await api.world.owner
      .updateTable('operation.call')
      .set({ state: 'ended' })
      .where('attempt_id', '=', call.attemptId)
      .execute();
    const over = functionBody(accountId, call, 'get_offers', { step: 1 });
    expect(await post(over)).toMatchObject({ status: 409, body: { code: 'call_over' } });
    expect(await stored(call)).toEqual(['not_this_call', 'call_over']);
  });

  it('with a name that we do not know, or a body that is none, changes nothing', async () => {
    const call = await ring();
    expect(await use(call, 'transfer_money')).toMatchObject({ ok: false, code: 'unknown_function' });
    expect(await use(call, 'toString')).toMatchObject({ ok: false, code: 'unknown_function' });
    for (const body of ['[]', '{"name":"x"}', 'nothing', '{"name":"a b","call":{"call_id":"c"}}']) {
      expect((await post(body)).status).toBe(400);
    }
  });
});
