import { type Client, defaultPayloadConverter } from '@temporalio/client';
import { toPayloads } from '@temporalio/common';
import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import {
  markDelivered,
  OUTBOX_CHANNEL,
  type OutboxRow,
  postpone,
  takeOutbox,
} from '../domain/shared/queries-outbox.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';

type Watched = <T>(
  row: Pick<OutboxRow, 'workflow_id' | 'signal' | 'payload'>,
  send: () => Promise<T>,
) => Promise<T>;

export interface OutboxRelayDeps {
  readonly system: Database;
  readonly client: Client;
  readonly news: Notifications;
  readonly logger: Logger;
  /** Runs the sending of one row. Default: nobody watches. */
  readonly watched?: Watched;
}

const pageSize = 50;
const idleMs = 1_000;
const longestRetryMs = 30_000;
const grpcNotFound = 5;

/** Delivers one row; answers why one that nobody can receive any more counts as delivered, else null. */
export type Deliver = (row: OutboxRow) => Promise<string | null>;

/** Sends the signals that committed transactions left in the outbox. Several relays may run: rows are locked. */
export function startOutboxRelay({ client, watched = unwatched, ...deps }: OutboxRelayDeps): Loop {
  return startOutboxLoop({ ...deps, deliver: (row) => watched(row, () => send(client, row)) });
}

/** The relay with any receiver: benchmarks measure it without Temporal. */
export function startOutboxLoop(
  deps: Omit<OutboxRelayDeps, 'client' | 'watched'> & { readonly deliver: Deliver },
): Loop {
  return startLoop('outbox', deps.logger, async () => {
    const sent = await relayPage(deps);
    if (sent < pageSize) await deps.news.wait(OUTBOX_CHANNEL, '', idleMs);
  });
}

const unwatched: Watched = (_row, send) => send();

/** One page to Temporal; returns how many rows were taken. */
export function relayOnce({ system, client, logger, watched = unwatched }: OutboxRelayDeps): Promise<number> {
  return relayPage({ system, logger, deliver: (row) => watched(row, () => send(client, row)) });
}

async function relayPage({
  system,
  logger,
  deliver,
}: Pick<OutboxRelayDeps, 'system' | 'logger'> & { readonly deliver: Deliver }): Promise<number> {
  return system.transaction().execute(async (trx) => {
    const rows = await takeOutbox(trx, pageSize);
    const results = await Promise.allSettled(rows.map((row) => deliver(row)));
    const delivered = new Map<string | null, string[]>();
    for (const [index, row] of rows.entries()) {
      const result = results[index];
      if (result?.status === 'fulfilled') {
        delivered.set(result.value, [...(delivered.get(result.value) ?? []), row.id]);
        continue;
      }
      const error = result?.reason instanceof Error ? result.reason.message : 'unknown error';
      logger.warn(
        { outboxId: row.id, signal: row.signal, tries: row.tries, error },
        'signal not delivered yet',
      );
      await postpone(trx, row.id, Math.min(longestRetryMs, 500 * 2 ** Math.min(row.tries, 8)), error);
    }
    for (const [note, ids] of delivered) await markDelivered(trx, ids, note);
    return rows.length;
  });
}

/** `requestId` is the row's id: a relay that dies after sending and before committing sends again, and it is one event. */
async function send(client: Client, row: OutboxRow): Promise<string | null> {
  try {
    await client.workflowService.signalWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId: row.workflow_id },
      signalName: row.signal,
      input: { payloads: toPayloads(defaultPayloadConverter, row.payload) ?? [] },
      identity: 'tandas-outbox',
      requestId: row.id,
    });
    return null;
  } catch (error) {
    // A workflow that has ended needs no news; repeating it for ever would hide the rows that matter.
    if (isWorkflowNotFound(error)) return 'the workflow has ended';
    throw error;
  }
}

/** Of the workflow, not of the namespace: a server that is being set up would swallow every message that waits. */
function isWorkflowNotFound(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('details' in error))
    return false;
  return error.code === grpcNotFound && /workflow/i.test(String(error.details));
}
