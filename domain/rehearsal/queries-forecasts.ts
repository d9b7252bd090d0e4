import { type Selectable, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { ForecastTable } from '../../db/schema/rehearsal.ts';

export type ForecastRow = Selectable<ForecastTable>;

/** It takes half a minute at most: whoever lived it has died. */
const lostAfterSeconds = 120;

export async function insertForecast(
  trx: Trx,
  row: { readonly accountId: string; readonly terms: object; readonly actor: string },
): Promise<string> {
  const { id } = await trx
    .insertInto('operation.forecast')
    .values({ account_id: row.accountId, terms: JSON.stringify(row.terms), created_by: row.actor })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Once: what has ended stays as it ended. */
export async function endForecast(
  trx: Trx,
  id: string,
  end: { readonly result: object } | { readonly failure: string },
): Promise<void> {
  const set =
    'result' in end
      ? { state: 'done' as const, result: JSON.stringify(end.result) }
      : { state: 'failed' as const, failure: end.failure };
  await trx
    .updateTable('operation.forecast')
    .set({ ...set, ended_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

export function readForecast(trx: Trx, id: string): Promise<ForecastRow | undefined> {
  return forecasts(trx).where('id', '=', id).executeTakeFirst();
}

/** The newest first. */
export function listForecasts(
  trx: Trx,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<ForecastRow[]> {
  const by = ['created_at', 'id'] as const;
  return forecasts(trx)
    .$if(after !== undefined, (query) =>
      query.where(isBehind({ table: 'operation.forecast', by, order: 'desc', after: after ?? '' })),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** One that nobody lives any more has failed. */
function forecasts(trx: Trx) {
  const isLost = sql<boolean>`state = 'running' and created_at < clock_timestamp() - ${lostAfterSeconds} * interval '1 second'`;
  return trx
    .selectFrom('operation.forecast')
    .select(['id', 'account_id', 'terms', 'result', 'created_by', 'created_at', 'ended_at'])
    .select(sql<ForecastRow['state']>`case when ${isLost} then 'failed' else state end`.as('state'))
    .select(sql<string | null>`case when ${isLost} then 'lost' else failure end`.as('failure'));
}
