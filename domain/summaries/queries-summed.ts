import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { Unit } from '../../db/schema/schema.ts';
import { callMeasures, columnsOf, type Counted, summaries, type SummaryName } from './queries-counted.ts';

/** Which calls, refusals and messages a report is about. Days are those on the clock of those who were called. */
export interface ReportScope {
  readonly batchId: string | null;
  readonly useCase: string | null;
  /** By its name, of those who were called. Refusals have none. */
  readonly zone: string | null;
  readonly days: { readonly from: string; readonly to: string } | null;
  /** Counted from the rows, and no sum is read. */
  readonly exact: boolean;
}

/** A local day is at most a day and some hours away from the day of UTC. */
function hoursOfDays(days: ReportScope['days'], instant: RawBuilder<unknown>): RawBuilder<unknown> {
  return days === null
    ? sql`true`
    : // Without the zone of the session, the planner knows them.
      sql`${instant} >= (${days.from}::date - 1)::timestamp at time zone 'UTC'
          and ${instant} < (${days.to}::date + 3)::timestamp at time zone 'UTC'`;
}

function inBatches({ batchId, useCase }: ReportScope, column: RawBuilder<unknown>): RawBuilder<unknown> {
  const one = batchId === null ? sql`true` : sql`${column} = ${batchId}::uuid`;
  return useCase === null
    ? one
    : sql`${one} and ${column} in (select id from core.batch where use_case = ${useCase})`;
}

function inScope(name: SummaryName, scope: ReportScope, alias: string): RawBuilder<unknown> {
  const { days, zone } = scope;
  const columns: readonly string[] = summaries[name].columns;
  const of = (column: string): RawBuilder<unknown> => sql.ref(`${alias}.${column}`);
  if (days !== null && !columns.includes('local_day')) throw new Error(`${name} are of no day`);
  return sql.join(
    [
      inBatches(scope, of('batch_id')),
      days === null ? sql`true` : sql`${of('local_day')} between ${days.from}::date and ${days.to}::date`,
      zone === null || !columns.includes('zone') ? sql`true` : sql`${of('zone')} = ${zone}`,
    ],
    sql` and `,
  );
}

/**
 * The sums of a scope, with the columns of their table: those of hours that nobody has touched since they were summed, and of the others
 * counted from their rows. Of one statement, and so of one instant: an hour is in one of the two, and in no case in both.
 */
function sumsOf(name: SummaryName, scope: ReportScope): RawBuilder<unknown> {
  const { kind, table, count } = summaries[name];
  if (scope.exact) {
    const where: Counted = {
      where: (alias, column) =>
        sql`${inBatches(scope, sql.ref(`${alias}.batch_id`))}
            and ${hoursOfDays(scope.days, sql.ref(`${alias}.${column}`))}`,
    };
    return sql`select ${columnsOf(name)} from (${count(where)}) f where ${inScope(name, scope, 'f')}`;
  }
  const hours = sql`
    select distinct batch_id, hour_at from operation.report_touch t
     where t.kind = ${kind} and ${inBatches(scope, sql.ref('t.batch_id'))} and ${hoursOfDays(scope.days, sql.ref('t.hour_at'))}`;
  return sql`
    select ${columnsOf(name)} from ${sql.table(table)} s
     where ${inScope(name, scope, 's')}
       and not exists (select from operation.report_touch t
                        where t.kind = ${kind} and t.batch_id = s.batch_id and t.hour_at = s.hour_at)
    union all
    select ${columnsOf(name)} from (${count({ hours })}) f where ${inScope(name, scope, 'f')}`;
}

export type CallSums = Readonly<Record<(typeof callMeasures)[number], bigint>>;

/** What calls may be told apart by. */
const dimensions = {
  batch: sql`s.batch_id::text`,
  day: sql`s.local_day::text`,
  weekday: sql`extract(isodow from s.local_day)::text`,
  hour: sql`lpad(s.hour::text, 2, '0')`,
  zone: sql`s.zone`,
  wave: sql`s.wave`,
  main_phone: sql`s.main_phone::text`,
  outcome: sql`s.outcome`,
  disconnection: sql`s.disconnection`,
  unit: sql`s.unit`,
} as const;

export type Dimension = keyof typeof dimensions;

/** Sums of the calls that share something. */
export type CallRow = CallSums & { readonly by: Readonly<Record<string, string | null>> };

/**
 * Sums of a scope's calls, once for each set of what they are told apart by, all of them in one statement. The rows of a set are in the
 * order of what tells them apart.
 */
export async function sumCalls(
  trx: Trx,
  scope: ReportScope,
  sets: readonly (readonly Dimension[])[],
): Promise<readonly (readonly CallRow[])[]> {
  const used = [...new Set(sets.flat())];
  const columns = used.map((one) => sql`${dimensions[one]} as ${sql.id(`by_${one}`)}`);
  const grouped = sets.map((set) => sql`(${sql.join(set.map((one) => sql.id(`by_${one}`)))})`);
  const bits =
    used.length === 0 ? sql`0` : sql`grouping(${sql.join(used.map((one) => sql.id(`by_${one}`)))})`;
  const sums = callMeasures.map((one) => sql`coalesce(sum(${sql.ref(one)}), 0)::bigint as ${sql.id(one)}`);
  const { rows } = await sql<CallSums & Readonly<Record<string, string | null | bigint | number>>>`
    select ${bits} as of_set, ${sql.join([...used.map((one) => sql.id(`by_${one}`)), ...sums])}
      from (select ${sql.join([...columns, sql`s.*`])} from (${sumsOf('hours', scope)}) s) d
     group by grouping sets (${sql.join(grouped)})
     order by ${sql.join([sql`1`, ...used.map((one) => sql`${sql.id(`by_${one}`)} nulls last`)])}`.execute(
    trx,
  );
  return sets.map((set) => {
    // A bit is set for what the rows of the set are not told apart by, the first one highest.
    const mask = used.reduce((bitsSoFar, one) => bitsSoFar * 2 + (set.includes(one) ? 0 : 1), 0);
    return rows
      .filter(({ of_set: ofSet }) => ofSet === mask)
      .map((row) => ({
        ...row,
        by: Object.fromEntries(
          set.map((one) => {
            const value = row[`by_${one}`];
            return [one, typeof value === 'string' ? value : null];
          }),
        ),
      }));
  });
}

/** How many contacts of the scope had at least so many calls. Of all days. */
export async function sumNths(
  trx: Trx,
  scope: ReportScope,
): Promise<readonly { readonly nth: number; readonly contacts: bigint }[]> {
  const { rows } = await sql<{ nth: number; contacts: bigint }>`
    select nth, sum(calls)::bigint as contacts from (${sumsOf('nths', { ...scope, days: null, zone: null })}) s
     group by 1 order by 1`.execute(trx);
  return rows;
}

export interface RefusalRow {
  readonly day: string;
  readonly reason: string;
  readonly rule: string;
  readonly refusals: bigint;
}

/** Turns that did not become a dial, or messages that were not sent, by day and rule. */
export async function sumRefusals(trx: Trx, scope: ReportScope): Promise<readonly RefusalRow[]> {
  const { rows } = await sql<RefusalRow>`
    select local_day::text as day, reason, rule, sum(refusals)::bigint as refusals
      from (${sumsOf('refusals', scope)}) s group by 1, 2, 3 order by 1, 2, 3`.execute(trx);
  return rows;
}

export interface MessageRow {
  readonly channel: string;
  readonly state: string;
  readonly unit: string | null;
  readonly messages: bigint;
  readonly charged_messages: bigint;
  readonly charged_micros: bigint;
}

export async function sumMessages(trx: Trx, scope: ReportScope): Promise<readonly MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    select channel, state, unit, sum(messages)::bigint as messages, sum(charged_messages)::bigint as charged_messages,
           sum(charged_micros)::bigint as charged_micros
      from (${sumsOf('messages', scope)}) s group by 1, 2, 3 order by 1, 2, 3 nulls last`.execute(trx);
  return rows;
}

/** Figures of some batches, one row a batch and unit of what was charged. */
export async function sumByBatch(trx: Trx, batchIds: readonly string[]) {
  const some: Batches = [...batchIds];
  const { rows } = await sql<{
    batch_id: string;
    unit: Unit | null;
    calls: bigint;
    charged_calls: bigint;
    charged_micros: bigint;
    provider_micros: bigint;
  }>`${ofBatches(
    'hours',
    some,
    sql`unit, sum(calls)::bigint as calls, sum(charged_calls)::bigint as charged_calls,
      sum(charged_micros)::bigint as charged_micros, sum(provider_micros)::bigint as provider_micros`,
    2,
  )}`.execute(trx);
  return rows;
}

/** Refusals of some batches. */
export async function refusalsByBatch(trx: Trx, batchIds: readonly string[]) {
  const { rows } = await sql<{ batch_id: string; refusals: bigint }>`
    ${ofBatches('refusals', [...batchIds], sql`sum(refusals)::bigint as refusals`, 1)}`.execute(trx);
  return rows;
}

type Batches = string[];

function ofBatches(
  name: SummaryName,
  batchIds: Batches,
  what: RawBuilder<unknown>,
  groups: 1 | 2,
): RawBuilder<unknown> {
  const { kind, table, count } = summaries[name];
  const hours = sql`select distinct batch_id, hour_at from operation.report_touch
                     where kind = ${kind} and batch_id = any(${batchIds}::uuid[])`;
  return sql`
    select batch_id, ${what} from (
      select ${columnsOf(name)} from ${sql.table(table)} s
       where s.batch_id = any(${batchIds}::uuid[])
         and not exists (select from operation.report_touch t
                          where t.kind = ${kind} and t.batch_id = s.batch_id and t.hour_at = s.hour_at)
      union all
      select ${columnsOf(name)} from (${count({ hours })}) f) d
     group by ${groups === 1 ? sql`1` : sql`1, 2`}`;
}
