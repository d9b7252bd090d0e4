import { type Insertable, sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import type { BatchState, Schema } from '../../db/schema/schema.ts';
import { toComeOf } from './queries-imports.ts';
import type { BatchAddress } from '../temporal/rules/ids.ts';
import type { BatchRun } from './start-batch.ts';

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

/** The same, locked against whoever else changes or fills the batch; undefined: it is not the account's. */
export async function lockBatch(trx: Trx, batchId: string): Promise<BatchRow | undefined> {
  return trx
    .selectFrom('core.batch')
    .select(['id', 'state', 'zone', 'group_size'])
    .where('id', '=', batchId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** What the batch's workflow is started with. */
export async function readBatchRun(db: Db, batchId: string): Promise<BatchRun | undefined> {
  return selectBatchRuns(db).where('b.id', '=', batchId).executeTakeFirst();
}

/** By what a workflow's id names. No rehearsal's: its own workflow lives it. */
export async function findBatchRun(
  db: Db,
  { accountSlug, batchSlug }: BatchAddress,
): Promise<BatchRun | undefined> {
  return selectBatchRuns(db)
    .where('a.slug', '=', accountSlug)
    .where('b.slug', '=', batchSlug)
    .where('a.kind', '<>', 'rehearsal')
    .executeTakeFirst();
}

function selectBatchRuns(db: Db) {
  return db
    .selectFrom('core.batch as b')
    .innerJoin('catalogue.account as a', 'a.id', 'b.account_id')
    .select([
      'b.account_id as accountId',
      'b.id as batchId',
      'b.use_case as useCase',
      'b.state',
      'a.slug as accountSlug',
      'b.slug as batchSlug',
    ]);
}

/** An import whose people a batch is to take, locked against a second request for the same. */
export async function lockImport(trx: Trx, importId: string) {
  return trx
    .selectFrom('core.import')
    .select(['id', 'state', 'use_case', 'contacts'])
    .where('id', '=', importId)
    .forUpdate()
    .executeTakeFirst();
}

/**
 * Writes a batch with its slug, the local day and a number: `2026-11-29-2`. The name that somebody gave it stays out of it: it
 * may hold a person's, and ids are seen by everybody who sees the Temporal UI.
 */
export async function insertBatch(
  trx: Trx,
  batch: Omit<Insertable<Schema['core.batch']>, 'slug'>,
): Promise<string> {
  // One at a time for each account: two batches of one instant would take the same number.
  await sql`select pg_advisory_xact_lock(hashtextextended('batch slug ' || ${batch.account_id}, 0))`.execute(
    trx,
  );
  const { rows } = await sql<{ day: string; next: number }>`
    with today as (select to_char(clock_timestamp() at time zone ${batch.zone}, 'YYYY-MM-DD') as day)
    select today.day, coalesce((
      select max(substr(b.slug, 12)::int) from core.batch b
       where b.account_id = ${batch.account_id} and b.slug ~ ('^' || today.day || '-[0-9]+$')), 0) + 1 as next
      from today`.execute(trx);
  const [{ day, next } = { day: '', next: 0 }] = rows;
  const { id } = await trx
    .insertInto('core.batch')
    .values({ ...batch, slug: `${day}-${next}` })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export async function setBatchState(trx: Trx, batchId: string, state: BatchState): Promise<void> {
  await trx.updateTable('core.batch').set({ state }).where('id', '=', batchId).execute();
}

/** Closes the contacts that wait for their day. Returns how many. */
export async function cancelPlanned(trx: Trx, batchId: string): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome: 'cancelled',
      closed_at: sql<Date>`clock_timestamp()`,
      waiting_for: 'Cerrado: cancelado · 0 intentos',
      next_at: null,
    })
    .where('batch_id', '=', batchId)
    .where('state', '=', 'planned')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export async function openContactIds(trx: Trx, batchId: string): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('batch_id', '=', batchId)
    .where('state', '<>', 'closed')
    .orderBy('ordinal')
    .execute();
  return rows.map(({ id }) => id);
}

export interface OpenPlanned {
  /** Local midnight: who was closed since then still takes a place of today's group. */
  readonly dayStart: Date;
  readonly groupSize: number;
  readonly now: Date;
}

/**
 * Opens planned contacts, in the order of the file, until the day's group is full: at most `groupSize` different
 * people are worked on one local day, and who is still in a sequence counts. Returns how
 * many, and whether the group is full.
 */
export async function openPlanned(
  trx: Trx,
  batchId: string,
  options: OpenPlanned,
): Promise<{ readonly opened: number; readonly isFull: boolean }> {
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
  if (places <= 0) return { opened: 0, isFull: true };
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
  const opened = Number(numUpdatedRows);
  return { opened, isFull: opened === places };
}

export interface BatchProgress {
  /** People of its imports who are not contacts yet. */
  readonly toCome: number;
  readonly planned: number;
  readonly open: number;
  readonly closed: number;
}

export async function batchProgress(trx: Trx, batchId: string): Promise<BatchProgress> {
  const { rows } = await sql<{ planned: bigint; open: bigint; closed: bigint; to_come: bigint }>`
    select count(*) filter (where state = 'planned') as planned,
           count(*) filter (where state not in ('planned', 'closed')) as open,
           count(*) filter (where state = 'closed') as closed,
           coalesce((select people from (${toComeOf([batchId])}) as of_batch), 0) as to_come
      from core.contact where batch_id = ${batchId}`.execute(trx);
  const row = rows[0];
  return {
    toCome: Number(row?.to_come ?? 0),
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

/** Until the commit, nobody else asks whether the batch's last contact has closed: of two at once neither would see it. */
export async function lockClosing(trx: Trx, batchId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${batchId}, 0))`.execute(trx);
}
