import { sql } from 'kysely';
import type { Db } from '../../db/client.ts';
import type { StopReason } from '../../db/schema/core.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import { isUnwanted } from '../people/queries-do-not-contact.ts';
import type { HolidayChange } from '../policy/rules/holidays.ts';

/** A contact with everything that is decided on, but what is immutable: that is named by key and version. */
export interface ContactRow {
  readonly id: string;
  readonly account_id: string;
  readonly batch_id: string;
  readonly person_id: string;
  readonly state: ContactState;
  readonly run: number;
  readonly ordinal: number;
  readonly opened_at: Date | null;
  readonly attempts: number;
  readonly variables: Record<string, string>;
  readonly batch_state: BatchState;
  readonly use_case: string;
  readonly pool_id: string;
  readonly policy_key: string;
  readonly policy_version: number;
  readonly pack_key: string;
  readonly pack_version: number;
  readonly negotiation_id: string | null;
  readonly simulated: boolean;
  readonly from_number: string;
  readonly agent_id: string;
  readonly country: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly stop_reason: StopReason | null;
  readonly do_not_call: boolean;
  readonly blocked: boolean;
  /** Corrections of the holiday calendar that are in force, of any country. */
  readonly holidays: readonly HolidayChange[];
  /** The database's clock, in this statement. */
  readonly read_at: Date;
}

/** One statement. Undefined for a contact that is not the transaction's account's. */
export async function readContactRow(db: Db, contactId: string): Promise<ContactRow | undefined> {
  const { rows } = await sql<ContactRow>`
    select k.id, k.account_id, k.batch_id, k.person_id, k.state, k.run, k.ordinal, k.opened_at, k.attempts, k.variables,
           b.state as batch_state, b.use_case, b.pool_id, b.policy_key, b.policy_version, b.pack_key,
           b.pack_version, b.negotiation_id, p.simulated, p.from_number, p.agent_id,
           s.country, s.region, s.zone, s.stop_reason, ${isUnwanted('s')} as do_not_call,
           s.blocked_at is not null as blocked,
           (select coalesce(jsonb_agg(jsonb_build_object(
                     'country', h.country, 'region', h.region, 'day', h.day, 'everyYear', h.every_year,
                     'name', h.name, 'kind', h.kind, 'source', h.source) order by h.day, h.id), '[]')
              from catalogue.holiday h where h.removed_at is null) as holidays,
           clock_timestamp() as read_at
      from core.contact k
      join core.batch b on b.id = k.batch_id
      join core.person s on s.id = k.person_id
      join catalogue.pool p on p.id = b.pool_id
     where k.id = ${contactId}`.execute(db);
  return rows[0];
}
