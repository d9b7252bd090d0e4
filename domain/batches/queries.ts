import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { BatchState } from '../../db/schema/schema.ts';

export interface BatchRow {
  readonly id: string;
  readonly state: BatchState;
  readonly zone: string;
  readonly group_size: number;
}

export async function readBatch(trx: Trx, batchId: string): Promise<BatchRow> {
  return trx
    .selectFrom('core.batch')
    .select(['id', 'state', 'zone', 'group_size'])
    .where('id', '=', batchId)
    .executeTakeFirstOrThrow();
}

/** The same, locked against whoever else changes or fills the batch. */
export async function lockBatch(trx: Trx, batchId: string): Promise<BatchRow> {
  return trx
    .selectFrom('core.batch')
    .select(['id', 'state', 'zone', 'group_size'])
    .where('id', '=', batchId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

export interface OpenPlanned {
  /** Local midnight: who was closed since then still takes a place of today's group. */
  readonly dayStart: Date;
  readonly groupSize: number;
  readonly now: Date;
}

/**
 * Opens planned contacts, in the order of the file, until the day's group is full: at most `groupSize` different
 * people are worked on one local day, and who is still in a sequence counts. Returns how many.
 */
export async function openPlanned(trx: Trx, batchId: string, options: OpenPlanned): Promise<number> {
  // Two workers that fill at once would each see the same free places.
  await lockBatch(trx, batchId);
  const { taken } = await trx
    .selectFrom('core.contact')
    .select(sql<bigint>`count(*)`.as('taken'))
    .where('batch_id', '=', batchId)
    .where('opened_at', 'is not', null)
    .where((eb) => eb.or([eb('closed_at', 'is', null), eb('closed_at', '>=', options.dayStart)]))
    // Who has agreed to pay is not called until then, and takes nobody's place; on the day of the call they still do.
    .where((eb) =>
      eb.or([
        eb('state', '<>', 'negotiating'),
        eb('next_at', '<', sql<Date>`${options.dayStart}::timestamptz + interval '1 day'`),
        eb.exists(
          eb
            .selectFrom('operation.attempt as a')
            .select('a.id')
            .whereRef('a.contact_id', '=', 'core.contact.id')
            .where('a.attempted_at', '>=', options.dayStart),
        ),
      ]),
    )
    .executeTakeFirstOrThrow();
  const places = options.groupSize - Number(taken);
  if (places <= 0) return 0;
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({ state: 'waiting', opened_at: options.now, waiting_for: 'Se prepara' })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('core.contact')
        .select('id')
        .where('batch_id', '=', batchId)
        .where('state', '=', 'planned')
        .orderBy('ordinal')
        .limit(places),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export interface OpenedRow {
  readonly id: string;
  readonly batch_id: string;
  readonly ordinal: number;
  readonly run: number;
  readonly realm: string;
  readonly use_case: string;
}

/** Open contacts of a batch by their place in the file. */
export async function toStart(
  trx: Trx,
  batchId: string,
  afterOrdinal: number,
  limit: number,
): Promise<readonly OpenedRow[]> {
  return trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .select(['k.id', 'k.batch_id', 'k.ordinal', 'k.run', 'b.realm', 'b.use_case'])
    .where('k.batch_id', '=', batchId)
    .where('k.state', 'not in', ['planned', 'closed'])
    .where('k.ordinal', '>', afterOrdinal)
    .orderBy('k.ordinal')
    .limit(limit)
    .execute();
}

export interface BatchProgress {
  readonly planned: number;
  readonly open: number;
  readonly closed: number;
}

export async function batchProgress(trx: Trx, batchId: string): Promise<BatchProgress> {
  const { rows } = await sql<{ planned: bigint; open: bigint; closed: bigint }>`
    select count(*) filter (where state = 'planned') as planned,
           count(*) filter (where state not in ('planned', 'closed')) as open,
           count(*) filter (where state = 'closed') as closed
      from core.contact where batch_id = ${batchId}`.execute(trx);
  const row = rows[0];
  return {
    planned: Number(row?.planned ?? 0),
    open: Number(row?.open ?? 0),
    closed: Number(row?.closed ?? 0),
  };
}

/** False when it was finished, or cancelled, already. */
export async function finishBatch(trx: Trx, batchId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.batch')
    .set({ state: 'finished', finished_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', batchId)
    .where('state', 'in', ['running', 'paused'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
