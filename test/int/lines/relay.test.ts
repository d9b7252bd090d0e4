import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { writeOutbox } from '../../../domain/shared/queries-outbox.ts';
import { relayOnce } from '../../../relay/outbox-relay.ts';
import { createWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A workflow that nobody works on: what it was sent stays in its history. */
async function newMailbox() {
  const workflowId = `mailbox-${randomUUID()}`;
  const handle = await world.temporal.client.workflow.start('contact', {
    workflowId,
    taskQueue: world.taskQueue,
    args: [],
  });
  return {
    workflowId,
    signals: async (): Promise<number> => {
      const { events } = await handle.fetchHistory();
      const signalled = (events ?? []).map(
        (event) => event.workflowExecutionSignaledEventAttributes ?? undefined,
      );
      return signalled.filter((sent) => sent !== undefined).length;
    },
  };
}

async function write(workflowId: string): Promise<void> {
  const { accountId } = world;
  await inAccount(world.app, accountId, (trx) =>
    writeOutbox(trx, [
      { accountId, workflowId, signal: 'lineGranted', payload: { requestId: 'r', leaseId: 'l' } },
    ]),
  );
}

const relay = (client: Client = world.temporal.client): Promise<number> =>
  relayOnce({
    system: world.system,
    client,
    logger: pino({ level: 'silent' }),
    news: { wait: () => Promise.resolve(), close: () => Promise.resolve() },
  });

async function undelivered(workflowId: string): Promise<number> {
  const rows = await world.owner
    .selectFrom('operation.outbox')
    .select('id')
    .where('workflow_id', '=', workflowId)
    .where('delivered_at', 'is', null)
    .execute();
  return rows.length;
}

it('a relay that dies after sending and before committing sends again, and it is one event', async () => {
  const { workflowId, signals } = await newMailbox();
  await write(workflowId);
  await sql`
    create function operation.die() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
    create trigger die before update on operation.outbox for each row execute function operation.die()`.execute(
    world.owner,
  );
  await expect(relay()).rejects.toThrow('killed');
  await expect(relay()).rejects.toThrow('killed');
  expect(await signals()).toBe(1);
  expect(await undelivered(workflowId)).toBe(1);
  await sql`drop trigger die on operation.outbox`.execute(world.owner);
  await relay();
  expect(await undelivered(workflowId)).toBe(0);
  expect(await signals()).toBe(1);
});

it('several relays at once deliver each message once', async () => {
  const { workflowId, signals } = await newMailbox();
  for (let message = 0; message < 10; message += 1) await write(workflowId);
  await Promise.all([relay(), relay(), relay()]);
  expect(await undelivered(workflowId)).toBe(0);
  expect(await signals()).toBe(10);
});

it('a workflow that has ended needs no news; a namespace that is not there yet does', async () => {
  const gone = `mailbox-${randomUUID()}`;
  await write(gone);
  const { connection } = world.temporal;
  await relay(new Client({ connection, namespace: `not-there-${randomUUID()}` }));
  expect(await undelivered(gone)).toBe(1);
  await world.owner
    .updateTable('operation.outbox')
    .set({ next_try_at: new Date(0) })
    .execute();
  await relay();
  expect(await undelivered(gone)).toBe(0);
});
