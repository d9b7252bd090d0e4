import { sql } from 'kysely';
import type { LiveWorld } from './live-world.ts';

/** One attempt as the database tells it, with its line and its money. */
export interface AttemptTruth {
  readonly id: string;
  readonly wave: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly events: readonly string[];
  readonly absentAfter: Date;
  readonly releasedAt: Date | null;
  readonly releaseReason: string | null;
  readonly hold: string;
  readonly chargedMicros: bigint | null;
  readonly providerCallId: string | null;
  readonly providerCostMicros: bigint | null;
}

/** The attempts of one contact, in their order. */
export async function attemptsOf({ world }: LiveWorld, contactId: string): Promise<readonly AttemptTruth[]> {
  const { rows } = await sql<AttemptTruth>`
    select a.id, a.wave_key as wave, c.state, c.outcome, a.absent_after_at as "absentAfter",
           l.released_at as "releasedAt", l.release_reason as "releaseReason", h.state as hold,
           c.charged_micros as "chargedMicros", c.provider_call_id as "providerCallId",
           c.provider_cost_micros as "providerCostMicros",
           array(select e.kind from operation.attempt_event e where e.attempt_id = a.id order by e.id) as events
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.line_lease l on l.id = a.lease_id
      join core.ledger_hold h on h.id = l.hold_id
     where a.contact_id = ${contactId} order by a.attempted_at`.execute(world.owner);
  return rows;
}

/** Why turns of one contact did not become attempts, in their order. */
export async function refusalsOf({ world }: LiveWorld, contactId: string): Promise<readonly string[]> {
  const rows = await world.owner
    .selectFrom('operation.refusal')
    .select('reason')
    .where('contact_id', '=', contactId)
    .orderBy('id')
    .execute();
  return rows.map(({ reason }) => reason);
}

/** What must hold whenever nothing runs any more; each entry of the answer is a breach. */
export async function breaches({ world, fake }: LiveWorld): Promise<readonly string[]> {
  const posts = Map.groupBy(fake.posts(), ({ attemptId }) => attemptId ?? 'none');
  const repeated = [...posts].filter(([, each]) => each.length > 1);
  const { rows } = await sql<{ breach: string }>`
    select 'line ' || line_no || ' is still leased' as breach from core.line_lease where released_at is null
    union all select 'hold ' || id || ' is pending' from core.ledger_hold where state = 'pending'
    union all select 'held is ' || held_micros from core.ledger_account where held_micros <> 0
    union all select 'account ' || account_id || ' is not the sum of its transactions'
      from core.ledger_account b
     where (funding_micros, available_micros, held_micros, consumed_micros) <> (
        select coalesce(sum(funding_micros), 0), coalesce(sum(available_micros), 0), coalesce(sum(held_micros), 0),
               coalesce(sum(consumed_micros), 0)
          from core.ledger_transaction t where t.account_id = b.account_id and t.unit = b.unit)
    union all select 'consumed is ' || consumed_micros || ', not what the calls were charged'
      from core.ledger_account b where consumed_micros <> (
        select coalesce(sum(charged_micros), 0) from operation.call c where c.account_id = b.account_id)
    union all select 'the attempt of ' || c.attempt_id || ' is ' || c.state
      from operation.call c where c.state not in ('ended', 'absent', 'rejected')`.execute(world.owner);
  return [
    ...repeated.map(([attemptId, each]) => `attempt ${attemptId} was sent ${each.length} times`),
    ...rows.map(({ breach }) => breach),
  ];
}
