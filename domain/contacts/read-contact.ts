import type { Db, Trx } from '../../db/client.ts';
import { databaseNow } from '../../db/client.ts';
import type { Zones } from '../policy/rules/calendar.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import type { StopReason } from '../../db/schema/core.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import type { Negotiation } from '../negotiation/rules/types.ts';
import { readContactRow } from './queries-facts.ts';
import type { Mode } from '../shared/rules/mode.ts';
import type { Policy } from '../policy/rules/policy.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { negotiationOf, packOf, policyOf } from '../policy/definitions.ts';
import { packHolding } from '../policy/pack-for.ts';
import { useCaseByKey } from '../usecases/registry.ts';

/** One contact's facts, for whoever decides something about it: dial, message, explanation, reschedule, retry, call. */
export interface LoadedContact {
  readonly id: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly personId: string;
  readonly state: ContactState;
  readonly run: number;
  readonly ordinal: number;
  readonly openedAt: Date | null;
  readonly attempts: number;
  readonly batchState: BatchState;
  readonly useCase: string;
  readonly poolId: string;
  readonly simulatedPool: boolean;
  readonly fromNumber: string;
  readonly agentId: string;
  /** What the agent is told when a call begins: nothing confidential where identity comes first. */
  readonly variables: Readonly<Record<string, string>>;
  readonly policy: Policy;
  /** With the corrections of the holiday calendar that hold where the person lives. */
  readonly pack: RulePack;
  /** How the batch negotiates; null: it does not. */
  readonly negotiation: Negotiation | null;
  readonly country: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly zones: Zones;
  /** See `isUnwanted`: the one definition of do-not-contact. */
  readonly doNotCall: boolean;
  /** The person asked for their data to be blocked: nobody reaches them until that is lifted. */
  readonly blocked: boolean;
  /** Why nobody calls or writes to this person any more; null: nothing says so. */
  readonly stopReason: StopReason | null;
  /** The database's clock when this was read. */
  readonly readAt: Date;
}

/** Which clock counts for a contact: the database's where it is live, the workflow's in a rehearsal. */
export interface ContactClock {
  readonly mode: Mode;
  /** The workflow's. */
  readonly nowMs: number;
}

export function isLive(ref: Pick<ContactClock, 'mode'>): boolean {
  return ref.mode === 'live';
}

/** The instant that counts: the database's clock in live mode, the workflow's own in a rehearsal. */
export async function instantOf(trx: Trx, ref: ContactClock): Promise<Date> {
  return isLive(ref) ? databaseNow(trx) : new Date(ref.nowMs);
}

/** Throws when the contact is not the account's. */
export async function loadContact(db: Db, contactId: string): Promise<LoadedContact> {
  const found = await findContact(db, contactId);
  if (found === undefined) throw new Error(`contact ${contactId} is not one of this account`);
  return found;
}

/** The one reader of a contact's facts: one statement. Undefined when the contact is not the account's. */
export async function findContact(db: Db, contactId: string): Promise<LoadedContact | undefined> {
  const row = await readContactRow(db, contactId);
  if (row === undefined) return undefined;
  const policy = await policyOf(db, { key: row.policy_key, version: row.policy_version });
  const pack = await packOf(db, { key: row.pack_key, version: row.pack_version });
  const negotiation = row.negotiation_id === null ? null : await negotiationOf(db, row.negotiation_id);
  const { country, region, zone } = row;
  return {
    id: row.id,
    accountId: row.account_id,
    batchId: row.batch_id,
    personId: row.person_id,
    state: row.state,
    run: row.run,
    ordinal: row.ordinal,
    openedAt: row.opened_at,
    attempts: row.attempts,
    batchState: row.batch_state,
    useCase: row.use_case,
    poolId: row.pool_id,
    simulatedPool: row.simulated,
    fromNumber: row.from_number,
    agentId: row.agent_id,
    variables: spokenVariables(row.use_case, row.variables, negotiation),
    policy,
    pack: packHolding(pack, row.holidays, { country, region }),
    negotiation,
    country,
    region,
    zone,
    zones: zonesOf(country, zone, region),
    doNotCall: row.do_not_call,
    blocked: row.blocked,
    stopReason: row.stop_reason,
    readAt: row.read_at,
  };
}

/**
 * What the agent is told when the call begins. While the person has not said who they are, nobody may hear of a debt: what
 * is confidential is set to nothing (an unset variable would be read aloud), and the agent asks for it by a function.
 */
function spokenVariables(
  useCaseKey: string,
  variables: Readonly<Record<string, string>>,
  negotiation: Negotiation | null,
): Readonly<Record<string, string>> {
  if (negotiation?.identityFirst !== true) return variables;
  const confidential = useCaseByKey(useCaseKey)?.confidentialVariables ?? [];
  return { ...variables, ...Object.fromEntries(confidential.map((name) => [name, ''])) };
}
