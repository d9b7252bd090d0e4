import { instantInWords } from '../../shared/rules/written-instants.ts';
import { counted } from '../../shared/rules/written.ts';
import { localDayOf, whyClosed, type Zones } from '../../policy/rules/calendar.ts';
import type { RulePack } from '../../policy/rules/pack.ts';
import type { Policy } from '../../policy/rules/policy.ts';
import type { RuleCheck } from './types.ts';

export interface CheckedCall {
  readonly atMs: number;
  /** Null: its end is not known. */
  readonly endedAtMs: number | null;
  readonly human: boolean;
  /** The person asked for it: the silence does not hold for it. */
  readonly requested: boolean;
}

export interface CheckedPerson {
  readonly row: number;
  readonly zones: Zones;
  readonly pack: RulePack;
  /** Of one person, in their order. */
  readonly calls: readonly CheckedCall[];
}

const dayMs = 86_400_000;

/**
 * Holds every call of a rehearsal against the rules once more, from what is on record and without the gate: what the report
 * tells must be what the law and the policy say.
 */
export function checkRules(
  policy: Policy,
  pack: RulePack,
  people: readonly CheckedPerson[],
): readonly RuleCheck[] {
  const { days } = pack.coolDown;
  return [
    check('dentro del horario y los días permitidos donde vive la persona', people, (person) =>
      person.calls.filter(({ atMs }) => isClosed(policy, person, atMs)),
    ),
    check(`${counted(days, 'día')} sin llamadas después de que alguien contestó`, people, ({ calls }) =>
      calls.filter((call) => !call.requested && calls.some((before) => isTooSoon(before, call, days))),
    ),
    check(
      `a lo más ${counted(policy.callsPerDay, 'llamada')} al día por persona`,
      people,
      ({ calls, zones }) => beyond(calls, ({ atMs }) => localDayOf(zones[0], atMs), policy.callsPerDay),
    ),
    check(`a lo más ${counted(policy.maxAttempts, 'llamada')} por persona en total`, people, ({ calls }) =>
      beyond(calls, () => '', policy.maxAttempts),
    ),
  ];
}

/** Waves that are counted from a contact's opening are for demonstrations, and keep no hours. */
function isClosed({ schedule }: Policy, { pack, zones }: CheckedPerson, atMs: number): boolean {
  return schedule.mode !== 'interval' && whyClosed(pack, zones, atMs) !== undefined;
}

function isTooSoon(before: CheckedCall, call: CheckedCall, days: number): boolean {
  return (
    before.human && before.atMs < call.atMs && call.atMs < (before.endedAtMs ?? before.atMs) + days * dayMs
  );
}

/** Of each group those after the first `most`. */
function beyond(
  calls: readonly CheckedCall[],
  groupOf: (call: CheckedCall) => string,
  most: number,
): readonly CheckedCall[] {
  const seen = new Map<string, number>();
  return calls.filter((call) => {
    const count = (seen.get(groupOf(call)) ?? 0) + 1;
    seen.set(groupOf(call), count);
    return count > most;
  });
}

function check(
  rule: string,
  people: readonly CheckedPerson[],
  broken: (person: CheckedPerson) => readonly CheckedCall[],
): RuleCheck {
  return {
    rule,
    calls: people.reduce((sum, { calls }) => sum + calls.length, 0),
    breaches: people.flatMap((person) =>
      broken(person).map(({ atMs }) => `fila ${person.row}, ${instantInWords(person.zones[0], atMs)}`),
    ),
  };
}
