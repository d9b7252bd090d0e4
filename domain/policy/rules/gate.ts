import { localDayOf, nextOpening, startOfDayAfter, whyClosed, type Zones } from './calendar.ts';
import type { ContactHistory } from './history.ts';
import { type Breach, dialsPerDayOf, isHumanCall, limitBreaches, limitInWords } from './limits.ts';
import { otherChannelBreaches } from './one-channel.ts';
import type { RulePack } from './pack.ts';
import type { RefusalReason } from './refusal.ts';
import type { StopCause } from './stop.ts';

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
  /** Calls to the person and to the phone, and messages to the person: what the limits of day, week and silence count. */
  readonly history: ContactHistory;
  readonly doNotCall: boolean;
  /** The person asked for their data to be blocked, and nobody has lifted it. */
  readonly blocked: boolean;
  readonly phoneInvalid: boolean;
  /** What ended the contact with this person; null when nothing did. */
  readonly stop: StopCause | null;
  /** Another call of this person runs, or has ended and is not understood yet: a human may just have answered. */
  readonly onCall: boolean;
  /**
   * The person asked for this call themselves: rules that may be waived for them are, and the verdict says which. An
   * operator's wish waives nothing.
   */
  readonly requestedByPerson: boolean;
  readonly callerId: string;
  readonly simulatedPool: boolean;
}

export type GateVerdict =
  | {
      readonly allowed: true;
      /** Rules that would have forbidden it, had the person not asked for it. Goes into the attempt's row. */
      readonly waived: readonly string[];
    }
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
  const name = `${facts.pack.key}@${facts.pack.version}`;
  const breaches = everyBreach(facts);
  const [first] = breaches.filter((one) => !isWaived(one, facts));
  if (first === undefined) return { allowed: true, waived: breaches.map(({ rule }) => `${name}: ${rule}`) };
  return {
    allowed: false,
    reason: first.reason,
    rule: `${name}: ${first.rule}`,
    ...(first.notBeforeMs === null ? {} : { notBeforeMs: first.notBeforeMs }),
  };
}

/** Every rule that forbids this dial, the one to be named first. None: it may be made. */
export function gateBreaches(facts: GateFacts): readonly Breach[] {
  return everyBreach(facts).filter((one) => !isWaived(one, facts));
}

function isWaived({ waivable }: Breach, { requestedByPerson }: GateFacts): boolean {
  return waivable && requestedByPerson;
}

/** Those too that the person's own wish waives. */
function everyBreach(facts: GateFacts): readonly Breach[] {
  return [
    ...absoluteBreaches(facts),
    ...windowBreaches(facts.pack, facts.zones, facts.atMs, facts.latestDialMs),
    ...(facts.onCall
      ? [breach('person_on_call', 'one call at a time to one person', 'una llamada a la vez a una persona')]
      : []),
    // The one that holds longest first: a turn that waits for a shorter one would only be refused again.
    ...countedBreaches(facts.onCall ? withoutRunning(facts) : facts).toSorted(
      (left, right) => (right.notBeforeMs ?? Infinity) - (left.notBeforeMs ?? Infinity),
    ),
  ];
}

function absoluteBreaches(facts: GateFacts): readonly Breach[] {
  const { pack } = facts;
  const found: Breach[] = [];
  if (facts.doNotCall) found.push(breach('do_not_call', ...stopInWords.do_not_call));
  if (facts.blocked) found.push(breach('blocked', ...blockedInWords));
  if (facts.stop !== null && pack.stopOn.includes(facts.stop)) {
    found.push(breach('stopped', ...stopInWords[facts.stop]));
  }
  if (facts.phoneInvalid)
    found.push(breach('phone_invalid', 'the number does not exist', 'el número no existe'));
  if (pack.simulatedOnly && !facts.simulatedPool) {
    found.push(
      breach('simulated_only', 'only with a provider that rings nobody', 'solo con un proveedor simulado'),
    );
  }
  const isPrefixed = pack.callerIdPrefixes.some((prefix) => facts.callerId.startsWith(prefix));
  if (pack.callerIdPrefixes.length > 0 && !facts.simulatedPool && !isPrefixed) {
    const [en, es] = [pack.callerIdPrefixes.join(' or '), pack.callerIdPrefixes.join(' o ')];
    found.push(
      breach('caller_id', `caller id must start with ${en}`, `el número de origen debe comenzar con ${es}`),
    );
  }
  return found;
}

/** Outside the hours at the instant itself, or at the last one at which what is begun now may still leave. */
export function windowBreaches(
  pack: RulePack,
  zones: Zones,
  atMs: number,
  latestMs: number,
): readonly Breach[] {
  for (const instantMs of [atMs, latestMs]) {
    const why = whyClosed(pack, zones, instantMs);
    if (why === undefined) continue;
    const notBeforeMs = nextOpening(pack, zones, instantMs) ?? null;
    return [{ reason: 'outside_window', rule: why, es: closedEs[why], notBeforeMs, waivable: false }];
  }
  return [];
}

/** Why an instant is outside the hours, in Spanish. */
export const closedEs = {
  holiday: 'feriado',
  weekday: 'día de la semana en que no se permite llamar',
  hours: 'fuera de horario',
} as const;

/** The call that runs forbids another by itself; that somebody answered it is not known, and not told to who asks why. */
function withoutRunning(facts: GateFacts): GateFacts {
  const calls = facts.history.calls.map((call) =>
    call.human === null && call.endedAtMs === null ? { ...call, human: false } : call,
  );
  return { ...facts, history: { ...facts.history, calls } };
}

function countedBreaches(facts: GateFacts): readonly Breach[] {
  const [zone] = facts.zones;
  const found: Breach[] = [];
  const day = localDayOf(zone, facts.atMs);
  const today = facts.history.calls.filter((call) => localDayOf(zone, call.atMs) === day);
  for (const [scope, dials] of [
    ['person', today.filter((call) => call.samePerson).length],
    ['phone', today.filter((call) => call.samePhone).length],
  ] as const) {
    const perDay = Math.min(facts.callsPerDay, dialsPerDayOf(facts.pack, scope) ?? facts.callsPerDay);
    if (dials < perDay) continue;
    const notBeforeMs = startOfDayAfter(zone, facts.atMs, 1);
    found.push({
      reason: 'daily_limit',
      ...limitInWords({ channel: 'phone', countOn: 'attempt', max: perDay, per: { kind: 'day' }, scope }),
      notBeforeMs,
      waivable: false,
    });
  }
  // The policy's own number and the pack's limit may be the same one.
  const told = new Set(found.map(({ rule }) => rule));
  found.push(...limitBreaches('phone', { ...facts, zone }).filter(({ rule }) => !told.has(rule)));
  found.push(...otherChannelBreaches('phone', { ...facts, zone }));
  const quietUntilMs = coolDownEnd(facts);
  if (facts.atMs < quietUntilMs) {
    found.push({
      reason: 'cool_down',
      rule: `${facts.pack.coolDown.days} days of silence after a human answered`,
      es: `${facts.pack.coolDown.days} días de silencio después de que alguien contestó`,
      notBeforeMs: quietUntilMs,
      waivable: true,
    });
  }
  return found;
}

/** 0 when nobody has answered. */
function coolDownEnd({ pack, history }: GateFacts): number {
  const answered = history.calls
    .filter((call) => call.samePerson && isHumanCall(call, pack))
    .map((call) => call.endedAtMs ?? call.atMs);
  const lastMs = Math.max(-Infinity, ...answered);
  return lastMs === -Infinity ? 0 : lastMs + pack.coolDown.days * dayMs;
}

/** Ley 21.719: who asks for blocking is not processed until it is answered. */
export const blockedInWords: readonly [rule: string, es: string] = [
  'the person asked for their data to be blocked',
  'la persona pidió bloquear sus datos',
];

/** English for audit rows, and Spanish. */
export const stopInWords: Readonly<Record<StopCause, readonly [rule: string, es: string]>> = {
  do_not_call: ['the person asked not to be called', 'la persona pidió no ser contactada'],
  paid: ['nothing is owed any more', 'ya no se debe nada'],
  lawsuit: ['the debt is before a court', 'la deuda está en tribunales'],
  insolvency: ['the person is insolvent by a court', 'la persona está en un procedimiento concursal'],
  dispute: ['the person disputes the debt', 'la persona objeta la deuda'],
  represented: ['somebody represents the person', 'la persona tiene un representante'],
  wrong_person: ['it is not the person', 'no es la persona'],
};

function breach(reason: RefusalReason, rule: string, es: string): Breach {
  return { reason, rule, es, notBeforeMs: null, waivable: false };
}
