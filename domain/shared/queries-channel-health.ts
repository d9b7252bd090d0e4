import { sql } from 'kysely';
import type { Database } from '../../db/client.ts';
import type { FaultNote } from './rules/channel-faults.ts';

/** A channel is failing for so long after its last failure: it says nothing when it works. */
const failingForMinutes = 15;

/** Failures of one channel, as many as have been taken down since the last writing. */
export interface CountedFault extends FaultNote {
  readonly times: number;
}

/** A failure after a quiet time begins a new series. Counts of no account: nobody's transaction waits for this row. */
export async function writeFaults(db: Database, faults: readonly CountedFault[]): Promise<void> {
  // In one order for everybody: two processes that write the same rows cannot wait for each other.
  const ordered = faults.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  await sql`
    insert into operation.channel_health as h (channel, provider, fault, failures)
    select f.channel, f.provider, f.fault, f.times
      from jsonb_to_recordset(${JSON.stringify(ordered)}::jsonb)
        as f (channel text, provider text, fault text, times bigint)
    on conflict (channel, provider, fault) do update
       set failures = excluded.failures
             + case when h.last_at < clock_timestamp() - ${failingForMinutes} * interval '1 minute' then 0 else h.failures end,
           since = case when h.last_at < clock_timestamp() - ${failingForMinutes} * interval '1 minute'
                        then clock_timestamp() else h.since end,
           last_at = clock_timestamp()`.execute(db);
}

export function keyOf({ channel, provider, fault }: FaultNote): string {
  return `${channel} ${provider} ${fault}`;
}

export interface FailingChannel {
  readonly channel: string;
  readonly provider: string;
  readonly fault: string;
  readonly failures: bigint;
  readonly since: Date;
  readonly last_at: Date;
}

/** The channels that have failed within the last quarter of an hour, the latest first. */
export async function readFailingChannels(db: Database): Promise<readonly FailingChannel[]> {
  const { rows } = await sql<FailingChannel>`
    select channel, provider, fault, failures, since, last_at from operation.channel_health
     where last_at > clock_timestamp() - ${failingForMinutes} * interval '1 minute'
     order by last_at desc, channel, provider, fault`.execute(db);
  return rows;
}
