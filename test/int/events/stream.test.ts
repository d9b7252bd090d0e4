import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, inAccount, type Trx } from '../../../db/client.ts';
import { mostOfHolder } from '../../../api/events/feed.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { writeEvent } from '../../../domain/shared/queries-events.ts';
import type { Loop } from '../../../relay/loop.ts';
import { type ApiWorld, ask, createApiWorld } from '../../support/api.ts';
import { openStream, serveStreams, startNumbering, type Stream } from '../../support/event-stream.ts';
import { createPeopleWorld } from '../../support/people.ts';
import { newAccount } from '../../support/world.ts';

let api: ApiWorld;
let numbering: Loop;
beforeAll(async () => {
  api = await createApiWorld();
  numbering = startNumbering(api);
});
afterAll(async () => {
  await numbering.stop();
  await api.close();
});

const eventually = <T>(work: () => T) => expect.poll(work, { timeout: 10_000 });

const own = (): Promise<string> => newAccount(api.world.app, api.world.poolId, 0n);

const keyOf = (accountId: string): Promise<string> =>
  createApiKey(api.world.app, { accountId, label: 'stream', role: 'account' });

function happen(trx: Trx, accountId: string, subject: string): Promise<string | undefined> {
  return writeEvent(trx, {
    accountId,
    type: 'contact.opened',
    subject,
    occurredAt: new Date(),
    data: { contact_id: subject, batch_id: randomUUID(), run: 1 },
  });
}

/** Events of an account, one a transaction, several at once. Returns their subjects. */
async function many(db: Database, accountId: string, count: number): Promise<readonly string[]> {
  const subjects = Array.from({ length: count }, () => randomUUID());
  const left = [...subjects];
  const work = async (): Promise<void> => {
    for (let subject = left.pop(); subject !== undefined; subject = left.pop()) {
      const told = subject;
      await inAccount(db, accountId, (trx) => happen(trx, accountId, told));
    }
  };
  await Promise.all([work(), work(), work()]);
  return subjects;
}

/** Of the events of this test: others may be told to look again as well. */
const subjectsOf = ({ messages }: Pick<Stream, 'messages'>): readonly unknown[] =>
  messages.flatMap(({ data }) => (data['type'] === 'contact.opened' ? [data['subject']] : []));

const has =
  (count: number) =>
  (messages: Stream['messages']): boolean =>
    subjectsOf({ messages }).length >= count;

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('the stream of events', () => {
  it('99 clients of one process see all events of their account once and in order, the late commit too', async () => {
    const server = await serveStreams(api);
    const accounts = await Promise.all([own(), own(), own()]);
    const opened = await Promise.all(
      accounts.map(async (accountId) => {
        const keys = await Promise.all(Array.from({ length: 6 }, () => keyOf(accountId)));
        return Promise.all(
          Array.from({ length: 33 }, (_, index) => openStream(server.url, bearer(keys[index % 6] ?? ''))),
        );
      }),
    );
    // Each says where it begins: what happens from here on is theirs.
    await Promise.all(opened.flat().map((one) => eventually(() => one.lastId()).not.toBe('')));
    const told = await Promise.all(
      accounts.map(async (accountId) => {
        const late = randomUUID();
        const others = await inAccount(api.world.app, accountId, async (trx) => {
          await happen(trx, accountId, late);
          const before = await many(api.world.app, accountId, 100);
          // Those that began later have been numbered, and told.
          await expect
            .poll(() => opened[accounts.indexOf(accountId)]?.every(({ messages }) => has(100)(messages)))
            .toBe(true);
          return before;
        });
        return { before: others, late, after: await many(api.world.app, accountId, 100) };
      }),
    );
    for (const [index, streams] of opened.entries()) {
      const events = told[index];
      if (events === undefined) throw new Error('no events');
      for (const one of streams) {
        await one.until(has(201));
        const seen = subjectsOf(one);
        expect(seen).toHaveLength(201);
        expect(new Set(seen)).toEqual(new Set([...events.before, events.late, ...events.after]));
        expect(new Set(seen.slice(0, 100))).toEqual(new Set(events.before));
        expect(seen.indexOf(events.late)).toBeGreaterThanOrEqual(100);
        const ids = one.messages.map(({ id }) => BigInt(id));
        expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
        expect(new Set(ids).size).toBe(ids.length);
        expect(seen).toEqual(subjectsOf(streams[0] ?? one));
      }
    }
    for (const one of opened.flat()) one.close();
    await server.kill();
  });

  it('holds ids and types only: no amount, no name, no reference of others', async () => {
    const server = await serveStreams(api);
    const accountId = await own();
    const one = await openStream(server.url, bearer(await keyOf(accountId)));
    await eventually(() => one.lastId()).not.toBe('');
    const paymentId = randomUUID();
    const money = { amount: '1', unit: 'CLP' };
    await inAccount(api.world.app, accountId, (trx) =>
      writeEvent(trx, {
        accountId,
        type: 'payment.recorded',
        subject: paymentId,
        occurredAt: new Date(),
        data: {
          payment_id: paymentId,
          of_payment_id: paymentId,
          external_id: '12345678-5',
          person_id: accountId,
          kind: 'payment',
          amount: money,
          unallocated: money,
          balance: money,
        },
      }),
    );
    await one.until((messages) => messages.some(({ data }) => data['type'] === 'payment.recorded'));
    const data = one.messages.find(({ data: { type } }) => type === 'payment.recorded')?.data;
    expect(data).toEqual({
      type: 'payment.recorded',
      at: expect.any(String),
      subject: paymentId,
      payment_id: paymentId,
      of_payment_id: paymentId,
      person_id: accountId,
    });
    one.close();
    await server.kill();
  });

  it('goes on exactly where it was, in another process, behind one that was killed in the middle', async () => {
    const accountId = await own();
    const headers = bearer(await keyOf(accountId));
    const killed = await serveStreams(api);
    const before = await openStream(killed.url, headers);
    await eventually(() => before.lastId()).not.toBe('');
    const writing = many(api.world.app, accountId, 60);
    await before.until(has(5));
    await killed.kill();
    await before.ended;
    const subjects = [...(await writing), ...(await many(api.world.app, accountId, 20))];
    const next = await serveStreams(api);
    const after = await openStream(next.url, { ...headers, 'last-event-id': before.lastId() });
    await after.until(() => subjectsOf(before).length + subjectsOf(after).length >= 80);
    // The same from the beginning, to a page that cannot send the header.
    const first = before.messages[0]?.id ?? '';
    const whole = await openStream(`${next.url}?last_event_id=${first}`, headers);
    await whole.until(has(79));
    const seen = [...subjectsOf(before), ...subjectsOf(after)];
    expect(new Set(seen)).toEqual(new Set(subjects));
    expect(seen).toHaveLength(80);
    expect(subjectsOf(whole)).toEqual(seen.slice(-subjectsOf(whole).length));
    for (const one of [after, whole]) one.close();
    await next.kill();
  });

  it('misses nothing where what was missed meets what comes: ninety that come back while events are written', async () => {
    const server = await serveStreams(api);
    const accountId = await own();
    const keys = await Promise.all(Array.from({ length: 5 }, () => keyOf(accountId)));
    const from = String(BigInt(Date.now()) * 1_000n);
    // Somebody reads already: the account is looked at all the time.
    const first = await openStream(server.url, bearer(await keyOf(accountId)));
    const writing = many(api.world.app, accountId, 900);
    const seen: (readonly unknown[])[] = [];
    for (let round = 0; round < 3; round += 1) {
      await first.until(has(100 + round * 250));
      const streams = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          openStream(`${server.url}?last_event_id=${from}`, bearer(keys[index % 5] ?? '')),
        ),
      );
      await Promise.all(streams.map((one) => one.until(has(340 + round * 250))));
      for (const one of streams) {
        seen.push(subjectsOf(one));
        one.close();
      }
    }
    await writing;
    await first.until(has(900));
    const all = subjectsOf(first);
    for (const some of seen) expect(some).toEqual(all.slice(0, some.length));
    first.close();
    await server.kill();
  });

  it('says reset, once, to whom it cannot tell one by one: too old, too much, or never given', async () => {
    const server = await serveStreams(api);
    const accountId = await own();
    const headers = bearer(await keyOf(accountId));
    const day = BigInt(Date.now() - 25 * 3_600_000) * 1_000n;
    const future = BigInt(Date.now() + 3_600_000) * 1_000n;
    for (const lost of [0n, day, future]) {
      const one = await openStream(server.url, { ...headers, 'last-event-id': String(lost) });
      await one.until((messages) => messages.length > 0);
      expect(one.messages.map(({ data }) => data)).toEqual([{ type: 'reset' }]);
      const next = randomUUID();
      await inAccount(api.world.app, accountId, (trx) => happen(trx, accountId, next));
      await one.until(has(1));
      expect(subjectsOf(one)).toEqual([next]);
      one.close();
    }
    const start = String(BigInt(Date.now() - 60_000) * 1_000n);
    await api.world.owner
      .insertInto('operation.event')
      .values(
        Array.from({ length: 5_001 }, (_, index) => ({
          account_id: accountId,
          type: 'contact.opened',
          subject: randomUUID(),
          occurred_at: new Date(),
          data: JSON.stringify({}),
          seq: BigInt(start) + BigInt(index) + 1n,
        })),
      )
      .execute();
    const far = await openStream(server.url, { ...headers, 'last-event-id': start });
    await far.until((messages) => messages.length > 0);
    expect(far.messages.map(({ data }) => data)).toEqual([{ type: 'reset' }]);
    const near = await openStream(server.url, { ...headers, 'last-event-id': String(BigInt(start) + 100n) });
    await near.until(has(4_901));
    for (const one of [far, near]) one.close();
    await server.kill();
  });

  it('refuses what is no number, a seventh stream of one key, and gives the place back of one that is closed', async () => {
    const server = await serveStreams(api);
    const accountId = await own();
    const headers = bearer(await keyOf(accountId));
    const broken = await ask(api.app, 'GET', '/api/v1/events?last_event_id=x', { as: api.one });
    expect(broken).toMatchObject({ status: 400, body: { errors: [{ field: 'query.last_event_id' }] } });
    const open = await Promise.all(
      Array.from({ length: mostOfHolder }, () => openStream(server.url, headers)),
    );
    expect(open.map(({ status }) => status)).toEqual(Array<number>(mostOfHolder).fill(200));
    expect((await openStream(server.url, headers)).status).toBe(429);
    // Of another key of the account there is room.
    const other = await openStream(server.url, bearer(await keyOf(accountId)));
    expect(other.status).toBe(200);
    open[0]?.close();
    await eventually(async () => {
      const again = await openStream(server.url, headers);
      again.close();
      return again.status;
    }).toBe(200);
    for (const one of [...open, other]) one.close();
    await server.kill();
  });

  it('of fifty streams of an account is the last, whoever opens it', async () => {
    const server = await serveStreams(api);
    const accountId = await own();
    const keys = await Promise.all(Array.from({ length: 9 }, () => keyOf(accountId)));
    const statuses: number[] = [];
    const open: Stream[] = [];
    for (let index = 0; index < 51; index += 1) {
      const one = await openStream(server.url, bearer(keys[index % 9] ?? ''));
      open.push(one);
      statuses.push(one.status);
    }
    expect(statuses).toEqual([...Array<number>(50).fill(200), 429]);
    for (const one of open) one.close();
    await server.kill();
  });

  it('HEAD opens none', async () => {
    for (let index = 0; index < mostOfHolder + 1; index += 1) {
      expect((await ask(api.app, 'HEAD', '/api/v1/events', { as: api.one })).status).toBe(200);
    }
  });
});

describe('a stream ends at the next ping', () => {
  it('of a member who was removed, of a key that was revoked, of a session that was ended; others go on', async () => {
    const people = createPeopleWorld(api);
    const server = await serveStreams(api, {
      pingMs: 50,
      people: { signIn: people.signIn, baseUrl: 'http://panel.example' },
    });
    const { accountId } = api.one;
    const [ana, bea, eva] = await Promise.all(
      (['viewer', 'operator', 'viewer'] as const).map((role) => people.member(accountId, role)),
    );
    if (ana === undefined || bea === undefined || eva === undefined) throw new Error('nobody is there');
    const cookieOf = ({ cookies }: typeof ana): string =>
      [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asPerson = (one: typeof ana) =>
      openStream(`${server.url}?account=${accountId}`, { cookie: cookieOf(one) });
    const revoked = await createApiKey(api.world.app, { accountId, label: 'revoked', role: 'account' });
    const streams = await Promise.all([
      asPerson(ana),
      openStream(server.url, bearer(revoked)),
      asPerson(eva),
      asPerson(bea),
    ]);
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const removed = await ask(api.app, 'DELETE', `/api/v1/members/${ana.memberId}`, { as: api.one });
    expect(removed.status).toBe(204);
    await streams[0]?.ended;
    await api.world.owner
      .updateTable('catalogue.api_key')
      .set({ revoked_at: new Date() })
      .where('label', '=', 'revoked')
      .execute();
    await streams[1]?.ended;
    expect((await eva.send('POST', '/api/v1/auth/sign-out')).status).toBeLessThan(300);
    await streams[2]?.ended;
    const subject = randomUUID();
    await inAccount(api.world.app, accountId, (trx) => happen(trx, accountId, subject));
    await streams[3]?.until((messages) => messages.some(({ data }) => data['subject'] === subject));
    for (const one of streams.slice(0, 3)) expect(subjectsOf(one)).not.toContain(subject);
    const foreign = await openStream(`${server.url}?account=${api.other.accountId}`, {
      cookie: cookieOf(bea),
    });
    expect(foreign.status).toBe(403);
    for (const one of streams) one.close();
    await server.kill();
    await people.close();
  });
});
