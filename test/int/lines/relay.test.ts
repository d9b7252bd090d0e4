import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { type OutboxMessage, type OutboxRow, writeOutbox } from '../../../domain/shared/queries-outbox.ts';
import { relayOnce, startOutboxLoop } from '../../../relay/outbox-relay.ts';
import { contactIdOf, createBatch, newAccount, withRelay, type World } from '../../support/world.ts';
import { createWorld } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
// Every test begins with an outbox that nobody waits for.
afterEach(() =>
  world.owner
    .updateTable('operation.outbox')
    .set({ delivered_at: sql<Date>`now()`, dead_at: null })
    .execute(),
);

const silent = pino({ level: 'silent' });

interface Receiver {
  readonly contactId: string;
  readonly batchId: string;
  readonly handle: WorkflowHandle;
  /** What its history holds, in order. */
  signals(): Promise<readonly string[]>;
}

/** An open contact of the world's account, without a workflow: nobody works on it, so what it is sent stays in its history. */
async function openContact(accountId = world.accountId): Promise<Receiver> {
  const batch = await createBatch(world, { accountId, mode: 'live', people: [{}], openedAt: new Date() });
  const contactId = batch.contacts[0]?.contactId ?? '';
  const handle = world.temporal.client.workflow.getHandle(await contactIdOf(world, contactId));
  return {
    contactId,
    batchId: batch.batchId,
    handle,
    signals: async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: sent }) => {
        const payload = sent?.input?.payloads?.[0]?.data;
        return payload === undefined || payload === null ? [] : [wordOf(payload)];
      });
    },
  };
}

function wordOf(data: Uint8Array): string {
  const payload: unknown = JSON.parse(Buffer.from(data).toString());
  return typeof payload === 'object' && payload !== null && 'word' in payload ? String(payload.word) : '';
}

async function runningContact(accountId = world.accountId): Promise<Receiver> {
  const receiver = await openContact(accountId);
  const { client } = world.temporal;
  await client.workflow.start('contact', {
    workflowId: receiver.handle.workflowId,
    taskQueue: world.taskQueue,
    args: [],
    memo: { run: 1 },
  });
  return receiver;
}

async function write(
  { contactId }: Pick<Receiver, 'contactId'>,
  words: readonly string[],
  { accountId = world.accountId, kind = 'signal_with_start' as 'signal' | 'signal_with_start' } = {},
): Promise<readonly string[]> {
  return inAccount(world.app, accountId, (trx) =>
    writeOutbox(
      trx,
      words.map((word): OutboxMessage => ({
        accountId,
        to: { contactId },
        kind,
        signal: 'rescheduleAgreed',
        payload: { word },
      })),
    ),
  );
}

const relay = (client: Client = world.temporal.client): Promise<number> => {
  const { app, system, taskQueue } = world;
  return relayOnce({ app, system, client, taskQueue, logger: silent });
};

/** Everything that waits is due now: a lease that ran out, a pause that is over. */
async function makeDue(): Promise<void> {
  const past = sql<Date>`to_timestamp(0)`;
  await world.owner
    .updateTable('operation.outbox')
    .set({ next_try_at: past, leased_until: past })
    .where('delivered_at', 'is', null)
    .execute();
}

const rowsOf = ({ contactId }: Pick<Receiver, 'contactId'>) =>
  world.owner
    .selectFrom('operation.outbox')
    .select(['id', 'kind', 'delivered_at', 'dead_at', 'last_error', 'tries'])
    .where('contact_id', '=', contactId)
    .orderBy('seq')
    .execute();

async function undelivered(receiver: Receiver): Promise<number> {
  return (await rowsOf(receiver)).filter(({ delivered_at }) => delivered_at === null).length;
}

it('a relay that dies after sending comes back to its rows, and each is one event', async () => {
  for (const receiver of [await runningContact(), await openContact()]) {
    await write(receiver, ['once']);
    await sql`
      create function operation.die() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
      create trigger die before update of delivered_at on operation.outbox for each row
      when (new.delivered_at is not null) execute function operation.die()`.execute(world.owner);
    try {
      await expect(relay()).rejects.toThrow('killed');
      // Its lease: nobody else has the row, and it is not lost.
      expect(await relay()).toBe(0);
      await makeDue();
      await expect(relay()).rejects.toThrow('killed');
    } finally {
      await sql`drop trigger die on operation.outbox; drop function operation.die`.execute(world.owner);
    }
    expect(await receiver.signals()).toEqual(['once']);
    expect(await undelivered(receiver)).toBe(1);
    await makeDue();
    await relay();
    expect(await undelivered(receiver)).toBe(0);
    expect(await receiver.signals()).toEqual(['once']);
  }
});

it('several relays at once deliver each message once, and in the order of writing', async () => {
  const receivers = await Promise.all([runningContact(), runningContact(), runningContact()]);
  const words = Array.from({ length: 12 }, (_, index) => String(index));
  for (const word of words) for (const receiver of receivers) await write(receiver, [word]);
  await withRelay(world, () =>
    withRelay(world, () =>
      withRelay(world, async () => {
        for (const receiver of receivers)
          await expect.poll(() => undelivered(receiver), { timeout: 30_000 }).toBe(0);
      }),
    ),
  );
  for (const receiver of receivers) expect(await receiver.signals()).toEqual(words);
});

it('one row of a contact is under way at a time: a failed one holds back those behind it, and nobody else', async () => {
  const [stuck, other] = [await openContact(), await openContact()];
  await write(stuck, ['first', 'second']);
  await write(other, ['mine']);
  const seen: string[] = [];
  const loop = startOutboxLoop({
    system: world.system,
    news: {
      wait: (_channel, _subject, ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))),
      close: () => Promise.resolve(),
    },
    logger: silent,
    deliver: ({ contact_id, payload, tries }: OutboxRow) => {
      const word = String(payload['word']);
      seen.push(word);
      if (contact_id === stuck.contactId && word === 'first' && tries < 3)
        return Promise.resolve({ kind: 'later', error: 'stuck', delayMs: 50 });
      return Promise.resolve({ kind: 'delivered', note: null });
    },
  });
  await expect.poll(() => undelivered(stuck), { timeout: 20_000 }).toBe(0);
  await loop.stop();
  expect(seen.filter((word) => word !== 'mine')).toEqual(['first', 'first', 'first', 'second']);
  expect(seen.indexOf('mine')).toBeLessThan(seen.lastIndexOf('first'));
});

it("an account whose receivers never answer leaves room for the others' rows", async () => {
  const slow = await newAccount(world.app, world.poolId, 0n);
  const batch = await createBatch(world, {
    accountId: slow,
    mode: 'live',
    people: Array.from({ length: 80 }, () => ({})),
  });
  for (const contact of batch.contacts) await write(contact, ['never'], { accountId: slow });
  const mine = await openContact();
  const never = Promise.withResolvers<void>();
  let underWay = 0;
  const loop = startOutboxLoop({
    system: world.system,
    news: { wait: () => new Promise((resolve) => setTimeout(resolve, 20)), close: () => Promise.resolve() },
    logger: silent,
    deliver: async ({ account_id }) => {
      if (account_id !== slow) return { kind: 'delivered', note: null };
      underWay += 1;
      await never.promise;
      return { kind: 'delivered', note: null };
    },
  });
  await expect.poll(() => underWay, { timeout: 30_000 }).toBe(40);
  await write(mine, ['quick']);
  await expect.poll(() => undelivered(mine), { timeout: 20_000 }).toBe(0);
  expect(underWay).toBe(40);
  never.resolve();
  await loop.stop();
});

it('a contact that is open and not started yet gets its signals, in order, with its start', async () => {
  const receiver = await openContact();
  await write(receiver, ['agreed', 'agreed anew']);
  await relay();
  expect(await receiver.signals()).toEqual(['agreed', 'agreed anew']);
  const { memo, status, raw } = await receiver.handle.describe();
  expect({ memo, status: status.name }).toEqual({ memo: { run: 1 }, status: 'RUNNING' });
  expect(raw.workflowExecutionInfo?.searchAttributes?.indexedFields).toHaveProperty('TandasBatch');
  expect(await undelivered(receiver)).toBe(0);
});

it('a contact that is closed, or not opened yet, needs no news; a namespace that is not there yet does', async () => {
  const [closed, planned] = [await openContact(), await openContact()];
  await world.owner
    .updateTable('core.contact')
    .set({ state: 'closed', outcome: 'paid', closed_at: new Date() })
    .where('id', '=', closed.contactId)
    .execute();
  await world.owner
    .updateTable('core.contact')
    .set({ state: 'planned', opened_at: null })
    .where('id', '=', planned.contactId)
    .execute();
  await write(closed, ['late']);
  await write(planned, ['early']);
  const { connection } = world.temporal;
  await relay(new Client({ connection, namespace: `not-there-${randomUUID()}` }));
  expect(await undelivered(closed)).toBe(1);
  await makeDue();
  await relay();
  expect((await rowsOf(closed))[0]).toMatchObject({ dead_at: null, last_error: 'the contact is closed' });
  expect((await rowsOf(planned))[0]).toMatchObject({
    dead_at: null,
    last_error: 'the contact is not opened yet',
  });
  expect(await undelivered(closed)).toBe(0);
});

it('what nobody will ever take is kept as dead, with its reason, and what is behind it goes on', async () => {
  const [receiver] = [await runningContact()];
  // The server takes no payload of more than two megabytes.
  await write(receiver, ['x'.repeat(3_000_000), 'small']);
  await write({ contactId: randomUUID() }, ['to nobody']);
  await relay();
  const [large, small] = await rowsOf(receiver);
  expect(large).toMatchObject({ delivered_at: null, tries: 1 });
  expect(large?.dead_at).not.toBeNull();
  expect(large?.last_error).toMatch(/size|limit|larger/i);
  expect(small?.delivered_at).not.toBeNull();
  expect(await receiver.signals()).toEqual(['small']);
  const lost = await world.owner
    .selectFrom('operation.outbox')
    .select('last_error')
    .where('dead_at', 'is not', null)
    .where('id', '<>', large?.id ?? '')
    .execute();
  expect(lost).toEqual([{ last_error: 'its receiver is gone' }]);
});

it('a contact whose workflow was terminated begins anew in a further run, and nothing that was sent to it is lost', async () => {
  const receiver = await runningContact();
  await receiver.handle.terminate('by an operator');
  await write(receiver, ['agreed']);
  await relay();
  expect(await receiver.signals()).toEqual(['agreed']);
  expect((await receiver.handle.describe()).memo).toEqual({ run: 2 });
  const row = await world.owner
    .selectFrom('core.contact')
    .select(['run', 'state'])
    .where('id', '=', receiver.contactId)
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ run: 2, state: 'waiting' });
  const audit = await world.owner
    .selectFrom('operation.audit')
    .select(['actor', 'action'])
    .where('subject', '=', receiver.contactId)
    .execute();
  expect(audit).toEqual([{ actor: 'outbox', action: 'contact.retried' }]);
});

it('a line that was granted to a run that is gone is given to no other run', async () => {
  const receiver = await runningContact();
  await receiver.handle.terminate('by an operator');
  await write(receiver, ['granted'], { kind: 'signal' });
  await relay();
  const [row] = await rowsOf(receiver);
  expect(row).toMatchObject({ delivered_at: null, last_error: 'the run that it was for is gone' });
  expect(row?.dead_at).not.toBeNull();
});
