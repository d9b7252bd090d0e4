import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { dispatchUntil } from '../../../domain/lines/dispatch.ts';
import { inAccount } from '../../../db/client.ts';
import { postHold } from '../../../domain/billing/queries-ledger.ts';
import { extendLease, freeLine, insertRequest, lockLease } from '../../../domain/lines/queries-lines.ts';
import { LINES_CHANNEL } from '../../../domain/shared/queries-notify.ts';
import { listenForNews } from '../../../relay/notifications.ts';
import { startOutboxLoop } from '../../../relay/outbox-relay.ts';
import { createDatabaseWorld, type DatabaseWorld } from '../lib/database-world.ts';
import { holdLine } from './callers.ts';
import { type Contact, retryAfterMs, type Size } from './load.ts';
import { type Outcome, Recorder } from './record.ts';
import { contactIdOf, requestIdOf, type Stored, storeContacts } from './store.ts';

/**
 * Our dispatcher's loop, our outbox relay and our database; only the contacts' workflows are simulated: what a grant's
 * signal reaches dials, holds the line for its call, and settles it, each in a transaction of the product's own queries.
 */
export async function runTandas(size: Size, contacts: readonly Contact[]): Promise<Outcome> {
  const world = await createDatabaseWorld({ capacity: size.lines, callsPerSecond: 100_000 });
  const news = listenForNews(world.url);
  const logger = pino({ level: 'warn' }, pino.destination(2));
  try {
    const stored = await storeContacts(world, contacts);
    const recorder = new Recorder(size, performance.now(), () => performance.now());
    const isOver = (): boolean => performance.now() >= recorder.endMs;
    const calls: Promise<void>[] = [];
    const byRequest = new Map(
      contacts.flatMap((contact) =>
        contact.callsMs.map((_, call) => [requestIdOf(contact, call), { contact, call }] as const),
      ),
    );
    const relay = startOutboxLoop({
      system: world.system,
      news,
      logger,
      deliver({ payload }) {
        const { requestId, leaseId } = payload;
        const turn = byRequest.get(String(requestId));
        if (turn === undefined) throw new Error(`a grant for nobody: ${String(requestId)}`);
        calls.push(call({ world, stored, size, recorder, ...turn, leaseId: String(leaseId) }));
        return Promise.resolve({ kind: 'delivered', note: null } as const);
      },
    });
    await dispatchUntil({
      system: world.system,
      poolId: world.poolId,
      waitForNews: (poolId, timeoutMs) => news.wait(LINES_CHANNEL, poolId, timeoutMs),
      isOver,
      onRound: ({ granted }) => {
        for (const _ of granted) recorder.granted();
      },
      onFailure: (error) => logger.warn({ err: error }, 'a round failed'),
    });
    await relay.stop();
    await Promise.all(calls);
    return recorder.outcome();
  } finally {
    await news.close();
    await world.close();
  }
}

interface Call {
  readonly world: DatabaseWorld;
  readonly stored: Stored;
  readonly size: Size;
  readonly recorder: Recorder;
  readonly contact: Contact;
  /** Which call of this contact. */
  readonly call: number;
  readonly leaseId: string;
}

async function call({ world, stored, size, recorder, contact, call, leaseId }: Call): Promise<void> {
  const accountId = stored.accountIds[contact.account] ?? '';
  // From the signal on, as a rival's handler: what the gate does before a dial is measured elsewhere.
  const dialled = inAccount(world.app, accountId, async (trx) => {
    const lease = await lockLease(trx, leaseId, new Date());
    if (lease === undefined) throw new Error('a grant that cannot be used');
    await extendLease(trx, leaseId, randomUUID(), new Date(Date.now() + 600_000));
    return lease.hold_id;
  });
  const [holdId, isWhole] = await Promise.all([dialled, holdLine(recorder, contact, call)]);
  if (!isWhole) return;
  await inAccount(world.app, accountId, async (trx) => {
    await freeLine(trx, leaseId, 'ended');
    await postHold(trx, holdId, 10_000n);
  });
  recorder.released();
  if (call + 1 < contact.callsMs.length) {
    await inAccount(world.app, accountId, (trx) =>
      insertRequest(trx, {
        id: requestIdOf(contact, call + 1),
        accountId,
        poolId: world.poolId,
        batchId: stored.batchIds[contact.account] ?? '',
        contactId: contactIdOf(contact),
        waveKey: 'ola-2',
        priority: 0,
        eligibleAtMs: Date.now() + retryAfterMs(size),
        deadlineAtMs: Date.now() + 3_600_000,
      }),
    );
  }
}
