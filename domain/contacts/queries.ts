import type { Trx } from '../../db/client.ts';
import type { ContactState } from '../../db/schema/schema.ts';

export interface ContactProjection {
  readonly state: ContactState;
  readonly waitingFor: string;
  readonly attempts: number;
  readonly nextAtMs: number | null;
}

/** Writes the contact's row as its workflow sees it. A closed row stays closed: only a new run opens it. */
export async function writeProjection(
  trx: Trx,
  contactId: string,
  run: number,
  projection: ContactProjection,
): Promise<void> {
  await trx
    .updateTable('core.contact')
    .set({
      state: projection.state,
      waiting_for: projection.waitingFor,
      attempts: projection.attempts,
      next_at: projection.nextAtMs === null ? null : new Date(projection.nextAtMs),
    })
    .where('id', '=', contactId)
    .where('run', '=', run)
    .where('state', '<>', 'closed')
    .execute();
}

/** False when it was closed already. */
export async function closeContactRow(
  trx: Trx,
  contactId: string,
  run: number,
  outcome: string,
  projection: ContactProjection,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome,
      closed_at: at,
      waiting_for: projection.waitingFor,
      attempts: projection.attempts,
      next_at: null,
    })
    .where('id', '=', contactId)
    .where('run', '=', run)
    .where('state', '<>', 'closed')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface RefusalInput {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly requestId: string;
  readonly waveKey: string;
  readonly reason: string;
  readonly rule: string;
  readonly at: Date;
  /** By which the person was not reached; default: the phone. */
  readonly channel?: 'whatsapp';
}

/** A turn that did not become an attempt, and why. A repeated one is the same row. */
export async function writeRefusal(trx: Trx, input: RefusalInput): Promise<void> {
  await trx
    .insertInto('operation.refusal')
    .values({
      account_id: input.accountId,
      batch_id: input.batchId,
      contact_id: input.contactId,
      request_id: input.requestId,
      wave_key: input.waveKey,
      reason: input.reason,
      rule: input.rule,
      at: input.at,
      ...(input.channel === undefined ? {} : { detail: JSON.stringify({ channel: input.channel }) }),
    })
    .onConflict((conflict) => conflict.columns(['request_id', 'reason']).doNothing())
    .execute();
}

/** Some turn of this request has a reason on record. */
export async function hasRefusal(trx: Trx, requestId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operation.refusal')
    .select('id')
    .where('request_id', '=', requestId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether a contact of the batch has not closed; a planned one counts too. The first one found is enough. */
export async function hasOpen(trx: Trx, batchId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('batch_id', '=', batchId)
    .where('state', '<>', 'closed')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
