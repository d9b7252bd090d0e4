import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { ContactState } from '../../db/schema/schema.ts';
import { toComeOf } from '../batches/queries-imports.ts';
import type { ReportScope } from '../summaries/queries-summed.ts';

type People = Pick<ReportScope, 'batchId' | 'useCase'>;

const ofBatches = ({ batchId, useCase }: People) => sql<string>`
  select id from core.batch
   where ${batchId === null ? sql`true` : sql`id = ${batchId}::uuid`}
     and ${useCase === null ? sql`true` : sql`use_case = ${useCase}`}`;

/** Ids of the batches of a scope. */
export async function batchesOf(trx: Trx, people: People): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`${ofBatches(people)}`.execute(trx);
  return rows.map(({ id }) => id);
}

/** Contacts of some batches, with those who are still to be taken. */
export async function countLoaded(trx: Trx, batchIds: readonly string[]): Promise<bigint> {
  if (batchIds.length === 0) return 0n;
  const { rows } = await sql<{ contacts: bigint }>`
    select ((select count(*) from core.contact where batch_id = any(${[...batchIds]}::uuid[]))
            + coalesce((select sum(people) from (${toComeOf(batchIds)}) to_come), 0))::bigint as contacts`.execute(
    trx,
  );
  return rows[0]?.contacts ?? 0n;
}

export interface StateCount {
  readonly state: ContactState;
  readonly outcome: string | null;
  readonly contacts: number;
}

/** Contacts of a batch by state and outcome; people who are still to be taken are planned. */
export async function countStates(trx: Trx, batchId: string): Promise<readonly StateCount[]> {
  const { rows } = await sql<StateCount>`
    select state, outcome, sum(contacts)::integer as contacts from (
      select state, outcome, count(*) as contacts from core.contact where batch_id = ${batchId}::uuid group by 1, 2
      union all
      select 'planned', null, people from (${toComeOf([batchId])}) to_come where people > 0
    ) both_of group by 1, 2 order by 1, 2 nulls first`.execute(trx);
  return rows;
}

/** Contacts of the scope who agreed on something, and those who kept it; of days, by the account's clock. */
export async function countAgreements(
  trx: Trx,
  scope: ReportScope,
  accountZone: string,
): Promise<{ readonly agreed: bigint; readonly kept: bigint }> {
  const { days } = scope;
  const made =
    days === null
      ? sql`true`
      : sql`made_at >= (${days.from}::date::timestamp at time zone ${accountZone})
            and made_at < ((${days.to}::date + 1)::timestamp at time zone ${accountZone})`;
  const all = scope.batchId === null && scope.useCase === null;
  const { rows } = await sql<{ agreed: bigint; kept: bigint }>`
    select count(distinct contact_id) as agreed, count(distinct contact_id) filter (where state = 'kept') as kept
      from core.agreement where ${made} and ${all ? sql`true` : sql`batch_id in (${ofBatches(scope)})`}`.execute(
    trx,
  );
  return rows[0] ?? { agreed: 0n, kept: 0n };
}
