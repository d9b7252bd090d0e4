import { type Zones, whyClosed } from './calendar.ts';
import type { RulePack } from './pack.ts';
import type { RefusalReason } from './refusal.ts';

/** Everything the gate looks at, read under the row locks of the transaction that would record the attempt. */
export interface GateFacts {
  /** The database's clock in live mode; the workflow's virtual clock in a rehearsal. */
  readonly atMs: number;
  /** The last instant at which the POST may leave: it must be allowed as well. */
  readonly latestDialMs: number;
  readonly pack: RulePack;
  readonly zones: Zones;
  /** The policy's own limit; the pack's holds as well. */
  readonly callsPerDay: number;
  readonly dialsTodayToPerson: number;
  readonly dialsTodayToPhone: number;
  readonly doNotCall: boolean;
  readonly phoneInvalid: boolean;
  readonly lastHumanAtMs: number | null;
  /** Another call of this person runs, or has ended and is not understood yet: a human may just have answered. */
  readonly onCall: boolean;
  /** The person asked for this call. */
  readonly rescheduled: boolean;
  readonly callerId: string;
  readonly simulatedPool: boolean;
}

export type GateVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly reason: RefusalReason;
      /** Which rule of which pack, in words for the audit row. */
      readonly rule: string;
      /** No sooner than this, when the rule says so. */
      readonly notBeforeMs?: number;
    };

const dayMs = 86_400_000;

/** May this dial be made at this instant? Pure; the most absolute reasons come first. */
export function gate(facts: GateFacts): GateVerdict {
  const { pack } = facts;
  const refuse = (reason: RefusalReason, rule: string, notBeforeMs?: number): GateVerdict => ({
    allowed: false,
    reason,
    rule: `${pack.key}@${pack.version}: ${rule}`,
    ...(notBeforeMs === undefined ? {} : { notBeforeMs }),
  });
  if (facts.doNotCall) return refuse('do_not_call', 'the person asked not to be called');
  if (facts.phoneInvalid) return refuse('phone_invalid', 'the number does not exist');
  if (pack.simulatedOnly && !facts.simulatedPool) {
    return refuse('simulated_only', 'only with a provider that rings nobody');
  }
  if (
    pack.callerIdPrefixes.length > 0 &&
    !facts.simulatedPool &&
    !pack.callerIdPrefixes.some((prefix) => facts.callerId.startsWith(prefix))
  ) {
    return refuse('caller_id', `caller id must start with ${pack.callerIdPrefixes.join(' or ')}`);
  }
  const closed = whyClosed(pack, facts.zones, facts.atMs) ?? whyClosed(pack, facts.zones, facts.latestDialMs);
  if (closed !== undefined) return refuse('outside_window', closed);
  if (facts.onCall) return refuse('person_on_call', 'one call at a time to one person');
  const perDay = Math.min(facts.callsPerDay, pack.callsPerDay);
  if (facts.dialsTodayToPerson >= perDay) return refuse('daily_limit', `${perDay} a day to one person`);
  if (facts.dialsTodayToPhone >= perDay) return refuse('daily_limit', `${perDay} a day to one phone`);
  const quietUntilMs = facts.lastHumanAtMs === null ? 0 : facts.lastHumanAtMs + pack.cooldownDays * dayMs;
  if (!facts.rescheduled && facts.atMs < quietUntilMs) {
    return refuse('cool_down', `${pack.cooldownDays} days of silence after a human answered`, quietUntilMs);
  }
  return { allowed: true };
}
