import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface OutboxMessage {
  readonly accountId: string;
  readonly workflowId: string;
  readonly signal: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A due row, as the relay takes it. */
export interface OutboxRow {
  readonly id: string;
  readonly workflow_id: string;
  readonly signal: string;
  readonly payload: Record<string, unknown>;
  readonly tries: number;
}

export const OUTBOX_CHANNEL = 'tandas_outbox';

/** Signals that become true with this transaction: they are sent if and only if it commits. */
export async function writeOutbox(trx: Trx, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await sql`
    with written as (
      insert into operation.outbox (account_id, workflow_id, signal, payload)
      select account_id, workflow_id, signal, payload::jsonb
        from unnest(${messages.map(({ accountId }) => accountId)}::uuid[],
                    ${messages.map(({ workflowId }) => workflowId)}::text[],
                    ${messages.map(({ signal }) => signal)}::text[],
                    ${messages.map(({ payload }) => JSON.stringify(payload))}::text[])
             as m (account_id, workflow_id, signal, payload)
    )
    select pg_notify(${OUTBOX_CHANNEL}, '')`.execute(trx);
}

/** Takes due rows for as long as the transaction lasts; another relay passes over them. */
export async function takeOutbox(trx: Trx, limit: number): Promise<readonly OutboxRow[]> {
  return trx
    .selectFrom('operation.outbox')
    .select(['id', 'workflow_id', 'signal', 'payload', 'tries'])
    .where('delivered_at', 'is', null)
    .where('next_try_at', '<=', sql<Date>`clock_timestamp()`)
    .orderBy('next_try_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
}

/** `note`: why messages that nobody can receive any more count as delivered. */
export async function markDelivered(trx: Trx, ids: readonly string[], note: string | null): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable('operation.outbox')
    .set((eb) => ({
      delivered_at: sql<Date>`clock_timestamp()`,
      tries: eb('tries', '+', 1),
      last_error: note,
    }))
    .where('id', 'in', ids)
    .execute();
}

export async function postpone(trx: Trx, id: string, delayMs: number, error: string): Promise<void> {
  await trx
    .updateTable('operation.outbox')
    .set((eb) => ({
      tries: eb('tries', '+', 1),
      last_error: error,
      next_try_at: sql<Date>`clock_timestamp() + ${delayMs} * interval '1 millisecond'`,
    }))
    .where('id', '=', id)
    .execute();
}
