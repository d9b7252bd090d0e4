import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { BatchState, ContactState, Unit } from '../../db/schema/schema.ts';
import { refusalsByBatch, sumByBatch } from '../summaries/queries-summed.ts';
import { toComeOf } from './queries-imports.ts';

export interface BatchListRow {
  readonly id: string;
  readonly name: string;
  readonly use_case: string;
  readonly state: BatchState;
  readonly policy_key: string;
  readonly policy_version: number;
  readonly pack_key: string;
  readonly pack_version: number;
  readonly pool_key: string;
  readonly import_id: string | null;
  readonly group_size: number;
  readonly zone: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

export interface BatchPage {
  /** Id of the last batch of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Batches of the account, newest first. */
export async function listBatches(trx: Trx, { after, limit }: BatchPage): Promise<readonly BatchListRow[]> {
  let query = selectBatches(trx);
  if (after !== undefined) {
    const place = { table: 'core.batch', as: 'b', by: ['created_at', 'id'], order: 'desc', after } as const;
    query = query.where(isBehind(place));
  }
  return query.orderBy('b.created_at', 'desc').orderBy('b.id', 'desc').limit(limit).execute();
}

export async function findBatch(trx: Trx, batchId: string): Promise<BatchListRow | undefined> {
  return selectBatches(trx).where('b.id', '=', batchId).executeTakeFirst();
}

function selectBatches(trx: Trx) {
  return trx
    .selectFrom('core.batch as b')
    .innerJoin('catalogue.pool as p', 'p.id', 'b.pool_id')
    .select([
      'b.id',
      'b.name',
      'b.use_case',
      'b.state',
      'b.policy_key',
      'b.policy_version',
      'b.pack_key',
      'b.pack_version',
      'p.key as pool_key',
      'b.import_id',
      'b.group_size',
      'b.zone',
      'b.created_at',
      'b.finished_at',
    ]);
}

export interface BatchNumbers {
  /** People of its imports who are not contacts yet. */
  readonly toCome: number;
  readonly states: readonly {
    readonly state: ContactState;
    readonly outcome: string | null;
    readonly contacts: number;
    /** The earliest instant that one of them has before it. */
    readonly nextAt: Date | null;
  }[];
  /** Calls that were placed, or may have been. */
  readonly attempts: number;
  /** Calls that hold a line now. */
  readonly linesInUse: number;
  readonly refusals: number;
  readonly charged: readonly { readonly unit: Unit; readonly micros: bigint }[];
  /** What the provider charges us, micro-USD. */
  readonly providerMicros: bigint;
}

const none: BatchNumbers = {
  toCome: 0,
  states: [],
  attempts: 0,
  linesInUse: 0,
  refusals: 0,
  charged: [],
  providerMicros: 0n,
};

/** Progress and cost of some batches, counted in five statements however many they are. */
export async function numbersOf(
  trx: Trx,
  batchIds: readonly string[],
): Promise<(batchId: string) => BatchNumbers> {
  if (batchIds.length === 0) return () => none;
  const ids = [...batchIds];
  const states = await sql<{
    batch_id: string;
    /** Null: those that are still to be taken. */
    state: ContactState | null;
    outcome: string | null;
    contacts: bigint;
    next_at: Date | null;
  }>`
    -- In one statement: a portion that is taken between two of them would be in neither.
    -- Batch by batch, by the index: of all of them together the planner reads the whole table.
    select b.id as batch_id, k.state, k.outcome, k.contacts, k.next_at
      from unnest(${ids}::uuid[]) b (id)
     cross join lateral (select state, outcome, count(*) as contacts, min(next_at) as next_at from core.contact
                          where batch_id = b.id group by 1, 2) k
    union all
    select batch_id, null, null, people, null from (${toComeOf(ids)}) as to_come
     order by 2, 3`.execute(trx);
  const calls = await sumByBatch(trx, ids);
  const refusals = await refusalsByBatch(trx, ids);
  const lines = await sql<{ batch_id: string; in_use: bigint }>`
    select k.batch_id, count(*) as in_use
      from core.line_lease l
      join core.contact k on k.account_id = l.account_id and k.id = l.contact_id
     where k.batch_id = any(${ids}::uuid[]) and l.released_at is null and l.attempt_id is not null group by 1`.execute(
    trx,
  );
  return (batchId) => {
    const ofBatch = states.rows.filter((row) => row.batch_id === batchId);
    const ofCalls = calls.filter((row) => row.batch_id === batchId);
    return {
      toCome: Number(ofBatch.find(({ state }) => state === null)?.contacts ?? 0n),
      states: ofBatch.flatMap(({ state, outcome, contacts, next_at: nextAt }) =>
        state === null ? [] : [{ state, outcome, contacts: Number(contacts), nextAt }],
      ),
      attempts: ofCalls.reduce((sum, row) => sum + Number(row.calls), 0),
      linesInUse: Number(lines.rows.find((row) => row.batch_id === batchId)?.in_use ?? 0n),
      refusals: Number(refusals.find((row) => row.batch_id === batchId)?.refusals ?? 0n),
      charged: ofCalls.flatMap(({ unit, charged_micros: micros }) =>
        unit === null ? [] : [{ unit, micros }],
      ),
      providerMicros: ofCalls.reduce((sum, row) => sum + row.provider_micros, 0n),
    };
  };
}
