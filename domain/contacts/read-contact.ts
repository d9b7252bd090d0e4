import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import { databaseNow } from '../../db/client.ts';
import type { Zones } from '../policy/rules/calendar.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { StopReason } from '../../db/schema/core.ts';
import { parseNegotiation, parsePolicy } from '../policy/rules/parse.ts';
import type { Policy } from '../policy/rules/policy.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { packFor } from '../policy/pack-for.ts';
import type { CallTiming } from '../lines/rules/timing.ts';
import type { VoiceProvider } from '../calls/voice-port.ts';
import type { SimulatedVoice } from '../calls/simulated-port.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { ActionDeps } from '../messages/send-payment-link.ts';
import type { ContactRef } from '../../activities/contact/types.ts';

export interface ContactDeps {
  /** Under row-level security. */
  readonly app: Database;
  /** The dispatcher's own view, for rehearsals that grant their own lines. */
  readonly system: Database;
  readonly voice: VoiceProvider;
  /** Default: the product's own. */
  readonly timing?: CallTiming;
  /** What a rehearsal calls instead. */
  readonly simulatedVoice?: SimulatedVoice;
  /** Tools and channels of messages. Without them no message is sent live. */
  readonly actions?: ActionDeps;
}

export interface LoadedContact {
  readonly personId: string;
  readonly poolId: string;
  readonly simulatedPool: boolean;
  readonly fromNumber: string;
  readonly agentId: string;
  readonly batchState: 'running' | 'paused' | 'cancelled' | 'finished';
  readonly contactState: string;
  readonly openedAt: Date | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly policy: Policy;
  readonly pack: RulePack;
  readonly zones: Zones;
  readonly doNotCall: boolean;
  /** Why nobody calls or writes to this person any more; null: nothing says so. */
  readonly stopReason: StopReason | null;
}

export function isLive(ref: Pick<ContactRef, 'realm'>): boolean {
  return ref.realm === 'live';
}

/** The instant that counts: the database's clock in live mode, the workflow's own in a rehearsal. */
export async function instantOf(trx: Trx, ref: ContactRef): Promise<Date> {
  return isLive(ref) ? databaseNow(trx) : new Date(ref.nowMs);
}

/** Contact, batch, person, pool, policy and pack in one read. Throws when the contact is not the account's. */
export async function loadContact(trx: Trx, contactId: string): Promise<LoadedContact> {
  const { rows } = await sql<{
    person_id: string;
    pool_id: string;
    simulated: boolean;
    from_number: string;
    agent_id: string;
    batch_state: LoadedContact['batchState'];
    contact_state: string;
    opened_at: Date | null;
    variables: Record<string, string>;
    policy: unknown;
    pack: unknown;
    country: string;
    region: string | null;
    zone: string | null;
    do_not_call: boolean;
    stop_reason: StopReason | null;
    use_case: string;
    negotiation: unknown;
  }>`
    select k.person_id, b.pool_id, p.simulated, p.from_number, p.agent_id, b.state as batch_state,
           k.state as contact_state, k.opened_at, k.variables, v.definition as policy, r.definition as pack,
           s.country, s.region, s.zone, s.stop_reason, b.use_case, n.definition as negotiation,
           s.do_not_call_at is not null or exists (
             select from core.do_not_contact x
              where x.account_id = s.account_id and x.key = s.identity_key and x.lifted_at is null) as do_not_call
      from core.contact k
      join core.batch b on b.id = k.batch_id
      join core.person s on s.id = k.person_id
      join catalogue.pool p on p.id = b.pool_id
      join catalogue.policy_version v on v.key = b.policy_key and v.version = b.policy_version
      join catalogue.rule_pack_version r on r.key = b.pack_key and r.version = b.pack_version
      left join catalogue.negotiation n on n.id = b.negotiation_id
     where k.id = ${contactId}`.execute(trx);
  const row = rows[0];
  if (row === undefined) throw new Error(`contact ${contactId} is not one of this account`);
  return {
    personId: row.person_id,
    poolId: row.pool_id,
    simulatedPool: row.simulated,
    fromNumber: row.from_number,
    agentId: row.agent_id,
    batchState: row.batch_state,
    contactState: row.contact_state,
    openedAt: row.opened_at,
    variables: spokenVariables(row.use_case, row.variables, row.negotiation),
    policy: parsePolicy(row.policy),
    pack: await packFor(trx, row.pack, row),
    zones: zonesOf(row.country, row.zone, row.region),
    doNotCall: row.do_not_call,
    stopReason: row.stop_reason,
  };
}

/**
 * What the agent is told when the call begins. While the person has not said who they are, nobody may hear of a debt: what
 * is confidential is set to nothing (an unset variable would be read aloud), and the agent asks for it by a function.
 */
function spokenVariables(
  useCaseKey: string,
  variables: Readonly<Record<string, string>>,
  negotiation: unknown,
): Readonly<Record<string, string>> {
  if (negotiation === null || !parseNegotiation(negotiation).identityFirst) return variables;
  const confidential = useCaseByKey(useCaseKey)?.confidentialVariables ?? [];
  return { ...variables, ...Object.fromEntries(confidential.map((name) => [name, ''])) };
}
