import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { signBody } from '../../../dev/fakes/retell/webhooks.ts';
import {
  type ApiWorld,
  ask,
  createApiWorld,
  type Dialled,
  dialOne,
  eventBody,
  type Reply,
  signed,
} from '../../support/api.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld();
});
afterAll(() => api.close());

const send = (account: string, text: string, headers = signed(text)): Promise<Reply> =>
  ask(api.app, 'POST', `/api/v1/webhooks/retell/${account}`, { text, headers });

interface Told {
  readonly events: number;
  readonly outcome: string | null;
  readonly charged: bigint | null;
  readonly signals: number;
  readonly posts: number;
}

/** Everything that a webhook may leave behind. */
async function told(call: Dialled, accountId = api.one.accountId): Promise<Told> {
  return inAccount(api.world.app, accountId, async (trx) => {
    const events = await trx
      .selectFrom('operation.provider_event')
      .select('id')
      .where('provider_call_id', '=', call.callId)
      .execute();
    const row = await trx
      .selectFrom('operation.call')
      .select(['outcome', 'charged_micros'])
      .where('attempt_id', '=', call.attemptId)
      .executeTakeFirst();
    const signals = await trx
      .selectFrom('operation.outbox')
      .select('id')
      .where('signal', '=', 'callEnded')
      .where('contact_id', '=', call.contactId)
      .execute();
    const posts = await trx
      .selectFrom('core.ledger_transaction as t')
      .innerJoin('core.ledger_hold as h', (join) =>
        join.on('h.request_id', '=', `${call.contactId}:1:1`).on('t.kind', '=', 'post'),
      )
      .select(['t.id', 't.reference', 'h.id as hold_id'])
      .execute();
    return {
      events: events.length,
      outcome: row?.outcome ?? null,
      charged: row?.charged_micros ?? null,
      signals: signals.length,
      posts: posts.filter(({ reference, hold_id }) => reference === hold_id).length,
    };
  });
}

const nothing = { events: 0, outcome: null, charged: null, signals: 0, posts: 0 };

describe('401 and 400', () => {
  it('unsigned, forged, stale and changed on the way: nothing is stored', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const body = eventBody({ accountId, call });
    const late = Date.now() - 6 * 60_000;
    const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
      ['webhook_unsigned', body, { 'content-type': 'application/json' }],
      ['webhook_forged', body, { 'x-retell-signature': signBody(body, 'another key') }],
      ['webhook_forged', body, { 'x-retell-signature': 'v=1,d=00' }],
      ['webhook_stale', body, signed(body, late)],
      ['webhook_forged', body.replace('"duration_ms":61000', '"duration_ms":1'), signed(body)],
      ['webhook_forged', JSON.stringify(JSON.parse(body), null, 1), signed(body)],
    ];
    for (const [code, text, headers] of cases) {
      const reply = await send(accountId, text, headers);
      expect(reply, code).toMatchObject({
        status: 401,
        type: 'application/problem+json',
        body: { type: `urn:tandas:problem:${code}` },
      });
    }
    for (const text of ['no json', '{}', '{"event":"call_ended","call":{}}', '']) {
      expect((await send(accountId, text)).status, text).toBe(400);
    }
    expect(await told(call)).toEqual(nothing);
  });
});

describe('404', () => {
  it('another account’s path, an unknown attempt, and a call without our metadata: nothing is stored', async () => {
    const { one, other } = api;
    const { accountId } = one;
    const call = await dialOne(api.world, accountId);
    const body = eventBody({ accountId, call });
    const unknown = { ...call, attemptId: '33333333-3333-4333-8333-333333333333' };
    const cases: readonly (readonly [string, string])[] = [
      [other.accountId, body],
      ['no-such-slug', body],
      // The other account's own address, and a metadata that claims it: the attempt is not its own.
      [other.accountId, eventBody({ accountId: other.accountId, call })],
      [accountId, eventBody({ accountId, call: unknown })],
      [accountId, eventBody({ accountId, call, fields: { metadata: {} } })],
    ];
    for (const [account, text] of cases) {
      const reply = await send(account, text);
      expect(reply, text).toMatchObject({
        status: 404,
        body: { type: 'urn:tandas:problem:webhook_foreign' },
      });
    }
    expect(await told(call)).toEqual(nothing);
    const stored = await inAccount(api.world.app, other.accountId, (trx) =>
      trx.selectFrom('operation.provider_event').select('id').execute(),
    );
    expect(stored).toEqual([]);
  });
});

describe('200', () => {
  it('a second call that carries the id of one attempt settles nothing, and is kept as the double dial that it is', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const fields = { call_id: 'call_that_should_not_be' };
    expect(await send(accountId, eventBody({ accountId, call, fields }))).toMatchObject({ status: 200 });
    expect(await told(call)).toMatchObject({ outcome: nothing.outcome, charged: nothing.charged });
    const audit = await inAccount(api.world.app, accountId, (trx) =>
      trx
        .selectFrom('operation.audit')
        .select('detail')
        .where('action', '=', 'attempt.second_call')
        .execute(),
    );
    expect(audit).toMatchObject([{ detail: { second: 'call_that_should_not_be' } }]);
  });

  it('settles call, charge and signal in one go, by id and by slug', async () => {
    const { accountId } = api.one;
    const { slug } = await inAccount(api.world.app, accountId, (trx) =>
      trx.selectFrom('catalogue.account').select('slug').executeTakeFirstOrThrow(),
    );
    for (const account of [accountId, slug]) {
      const call = await dialOne(api.world, accountId);
      const reply = await send(account, eventBody({ accountId, call }));
      expect(reply).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
      // 61 started seconds at 0.04 USD a minute.
      expect(await told(call)).toEqual({
        events: 1,
        outcome: 'answered',
        charged: 40_667n,
        signals: 1,
        posts: 1,
      });
    }
  });

  it('a duplicate, also five at once, is answered and changes nothing', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const body = eventBody({ accountId, call });
    const replies = await Promise.all([1, 2, 3, 4, 5].map(() => send(accountId, body)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(replies.filter(({ body: answer }) => answer['duplicate'] === false).length).toBe(1);
    // The provider signs a repetition anew.
    expect((await send(accountId, body, signed(body, Date.now() + 1_000))).body).toMatchObject({
      duplicate: true,
    });
    expect(await told(call)).toEqual({
      events: 1,
      outcome: 'answered',
      charged: 40_667n,
      signals: 1,
      posts: 1,
    });
  });

  it('events in the wrong order end in the same place', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    for (const event of ['call_analyzed', 'call_ended', 'call_started']) {
      expect((await send(accountId, eventBody({ accountId, call, event }))).status).toBe(200);
    }
    expect(await told(call)).toEqual({
      events: 3,
      outcome: 'answered',
      charged: 40_667n,
      signals: 1,
      posts: 1,
    });
  });

  it('a transcript with characters that PostgreSQL refuses does not lose the end of the call', async () => {
    const { accountId } = api.one;
    const call = await dialOne(api.world, accountId);
    const fields = { transcript: 'Pago \u0000el \ud800viernes' };
    expect((await send(accountId, eventBody({ accountId, call, fields }))).status).toBe(200);
    expect(await told(call)).toMatchObject({ events: 1, outcome: 'answered' });
  });
});
