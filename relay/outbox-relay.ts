import type { Logger } from 'pino';
import { type Database, last } from '../db/client.ts';
import {
  finishOutbox,
  leaseOutbox,
  OUTBOX_CHANNEL,
  type OutboxRow,
  type SentRow,
} from '../domain/shared/queries-outbox.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';
import { type Deliver, type DeliverDeps, deliverToTemporal, sentOf } from './outbox-deliver.ts';

/** Watches the sending of one row. */
type Watched = <T>(row: OutboxRow, send: () => Promise<T>) => Promise<T>;

export interface OutboxRelayDeps extends DeliverDeps {
  readonly news: Notifications;
  readonly logger: Logger;
  /** Default: nobody watches. */
  readonly watched?: Watched;
}

/** What the loop needs, whoever receives: benchmarks measure it without Temporal. */
export interface OutboxLoopDeps {
  readonly system: Database;
  readonly news: Notifications;
  readonly logger: Logger;
  readonly deliver: Deliver;
  /** Default: the product's own. */
  readonly leaseMs?: number;
}

/** Rows under way at once, and of one account: the rest is for the others, whatever becomes of its own. */
const mostUnderWay = 50;
const mostOfAccount = 40;
const idleMs = 1_000;
/** Longer than a delivery can take: three questions to the server of five seconds each. */
const leaseMs = 30_000;

/** Sends what committed transactions left in the outbox. Several relays may run; what a dead one had comes back. */
export function startOutboxRelay(deps: OutboxRelayDeps): Loop {
  return startOutboxLoop({ ...deps, deliver: deliverOf(deps) });
}

function deliverOf(deps: Omit<OutboxRelayDeps, 'news'>): Deliver {
  const deliver = deliverToTemporal(deps);
  const { watched } = deps;
  return watched === undefined ? deliver : (row) => watched(row, () => deliver(row));
}

/**
 * Leases rows, sends them outside of any transaction, and writes down what became of them together with the next lease: one
 * transaction a turn, however many rows came and went. Stopping waits for what is under way.
 */
export function startOutboxLoop(deps: OutboxLoopDeps): Loop {
  const { system, news } = deps;
  const underWay = new Map<string, { readonly accountId: string; readonly done: Promise<void> }>();
  let finished: SentRow[] = [];
  // One wait at a time: a second one would take the news from the first, which nobody listens to any more.
  let waiting: Promise<void> | undefined;

  const begin = (row: OutboxRow): void => {
    const done = attempt(deps, row).then((sent) => {
      finished.push({ row, sent });
      underWay.delete(row.id);
    });
    underWay.set(row.id, { accountId: row.account_id, done });
  };
  const writeDown = async (limit: number): Promise<readonly OutboxRow[]> => {
    const told = finished;
    finished = [];
    try {
      return await system.transaction().execute(async (trx) => {
        await finishOutbox(trx, told);
        const lease = {
          limit,
          leaseMs: deps.leaseMs ?? leaseMs,
          mostOfAccount,
          underWay: countByAccount(underWay.values()),
        };
        return limit === 0 ? [] : last(trx, () => leaseOutbox(trx, lease));
      });
    } catch (error) {
      // Sent all the same: it is written down when the database is back.
      finished = [...told, ...finished];
      throw error;
    }
  };
  const loop = startLoop('outbox', deps.logger, async (isStopping) => {
    const room = mostUnderWay - underWay.size;
    const rows = await writeDown(room);
    rows.forEach(begin);
    if (finished.length > 0 || isStopping() || (rows.length === room && room > 0)) return;
    waiting ??= news.wait(OUTBOX_CHANNEL, '', idleMs).finally(() => (waiting = undefined));
    await Promise.race([waiting, ...[...underWay.values()].map(({ done }) => done)]);
  });
  return {
    async stop() {
      await loop.stop();
      await Promise.all([...underWay.values()].map(({ done }) => done));
      await writeDown(0);
    },
  };
}

function countByAccount(underWay: Iterable<{ readonly accountId: string }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { accountId } of underWay) counts.set(accountId, (counts.get(accountId) ?? 0) + 1);
  return counts;
}

async function attempt({ deliver, logger }: Pick<OutboxLoopDeps, 'deliver' | 'logger'>, row: OutboxRow) {
  const sent = await deliver(row).catch((error: unknown) => sentOf(error, row.tries));
  const { id: outboxId, kind, signal, tries } = row;
  if (sent.kind === 'later')
    logger.warn({ outboxId, kind, signal, tries, error: sent.error }, 'not delivered yet');
  if (sent.kind === 'dead')
    logger.error({ outboxId, kind, signal, reason: sent.reason }, 'cannot be delivered');
  return sent;
}

/** Everything that is due, until nothing is; returns how many rows were tried. */
export async function relayOnce(deps: Omit<OutboxRelayDeps, 'news'>): Promise<number> {
  const deliver = deliverOf(deps);
  const lease = { limit: mostUnderWay, leaseMs, mostOfAccount: mostUnderWay, underWay: new Map() };
  let tried = 0;
  for (let sent: readonly SentRow[] = []; ;) {
    const rows = await deps.system.transaction().execute(async (trx) => {
      await finishOutbox(trx, sent);
      return leaseOutbox(trx, lease);
    });
    tried += rows.length;
    if (rows.length === 0) return tried;
    sent = await Promise.all(
      rows.map(async (row) => ({ row, sent: await attempt({ ...deps, deliver }, row) })),
    );
    if (rows.length === mostUnderWay || rows.some((row) => row.has_more)) continue;
    await deps.system.transaction().execute((trx) => finishOutbox(trx, sent));
    return tried;
  }
}
