import { localDayOf, startOfDayAfter, startOfNextWeek, startOfWeek } from './calendar.ts';
import type { ContactHistory, PastCall } from './history.ts';
import type { Limit, LimitPeriod, RulePack } from './pack.ts';
import type { RefusalReason } from './refusal.ts';

const dayMs = 86_400_000;

/** One rule that forbids a contact at an instant. */
export interface Breach {
  readonly reason: RefusalReason;
  /** In words, without the pack's name: as audit rows keep it. */
  readonly rule: string;
  readonly es: string;
  /** The first instant at which this rule lets go, as far as is known now; null: never by itself. */
  readonly notBeforeMs: number | null;
  /** Does not hold for a contact that the person asked for. */
  readonly waivable: boolean;
}

export interface LimitFacts {
  readonly atMs: number;
  /** Of the person: whose days and weeks they are. */
  readonly zone: string;
  readonly pack: RulePack;
  readonly history: ContactHistory;
}

/** Every limit of the pack that one more contact by this channel would break at this instant. */
export function limitBreaches(channel: 'phone' | 'messaging', facts: LimitFacts): readonly Breach[] {
  return facts.pack.limits.flatMap((limit) => {
    if (limit.channel !== channel && limit.channel !== 'any') return [];
    const counted = countedInstants(limit, facts);
    return [tooMany(limit, counted, facts), tooSoon(limit, counted, facts)].filter(
      (breach) => breach !== undefined,
    );
  });
}

/** Most dials that the pack allows to one person on one local day; undefined when it sets no such limit. */
export function dialsPerDayOf(pack: RulePack, scope: Limit['scope']): number | undefined {
  const perDay = pack.limits.filter(
    (limit) =>
      limit.channel !== 'messaging' &&
      limit.countOn === 'attempt' &&
      limit.per.kind === 'day' &&
      limit.scope === scope,
  );
  return perDay.length === 0 ? undefined : Math.min(...perDay.map((limit) => limit.max));
}

/** A call that a human answered, as this pack reads it. What is not known yet is taken for one. */
export function isHumanCall(call: PastCall, pack: RulePack): boolean {
  return (
    (call.human ?? true) ||
    (call.declined && pack.declinedIsHuman) ||
    (call.voicemail && pack.voicemailIsHuman)
  );
}

function countedInstants(limit: Limit, { pack, history }: LimitFacts): readonly number[] {
  const calls = limit.channel === 'messaging' ? [] : history.calls;
  const messages = limit.channel === 'phone' || limit.scope === 'phone' ? [] : history.messages;
  return [
    ...calls.filter((call) => isInScope(call, limit) && isCounted(call, limit, pack)),
    ...messages.filter((message) => !message.requested),
  ]
    .map((contact) => contact.atMs)
    .toSorted((left, right) => left - right);
}

function isInScope(call: PastCall, limit: Limit): boolean {
  return limit.scope === 'phone' ? call.samePhone : call.samePerson;
}

function isCounted(call: PastCall, limit: Limit, pack: RulePack): boolean {
  switch (limit.countOn) {
    case 'attempt':
      return true;
    case 'ring':
      return call.rang ?? true;
    case 'human':
      return isHumanCall(call, pack);
    default: {
      const unreachable: never = limit.countOn;
      return unreachable;
    }
  }
}

function tooMany(limit: Limit, counted: readonly number[], facts: LimitFacts): Breach | undefined {
  const inPeriod = counted.filter((contactMs) => isInPeriod(limit.per, contactMs, facts));
  if (inPeriod.length < limit.max) return undefined;
  return {
    reason: reasonOf(limit.per),
    ...limitInWords(limit),
    notBeforeMs: letsGoAt(limit, inPeriod, facts),
    waivable: limit.waivedByRequest === true,
  };
}

function isInPeriod(per: LimitPeriod, contactMs: number, { zone, atMs }: LimitFacts): boolean {
  switch (per.kind) {
    case 'day':
      return localDayOf(zone, contactMs) === localDayOf(zone, atMs);
    case 'calendar_week':
      return startOfWeek(zone, contactMs) === startOfWeek(zone, atMs);
    case 'rolling_days':
      return contactMs > atMs - per.days * dayMs;
    default: {
      const unreachable: never = per;
      return unreachable;
    }
  }
}

function letsGoAt(limit: Limit, inPeriod: readonly number[], { zone, atMs }: LimitFacts): number | null {
  switch (limit.per.kind) {
    case 'day':
      return limit.max === 0 ? null : startOfDayAfter(zone, atMs, 1);
    case 'calendar_week':
      return limit.max === 0 ? null : startOfNextWeek(zone, atMs);
    case 'rolling_days': {
      // With this one out of the period there is room for one more.
      const leaving = inPeriod.at(-limit.max);
      return leaving === undefined || limit.max === 0 ? null : leaving + limit.per.days * dayMs;
    }
    default: {
      const unreachable: never = limit.per;
      return unreachable;
    }
  }
}

function tooSoon(limit: Limit, counted: readonly number[], { atMs }: LimitFacts): Breach | undefined {
  const last = counted.at(-1);
  if (limit.minGapMs === undefined || last === undefined || atMs >= last + limit.minGapMs) return undefined;
  return {
    reason: 'gap',
    rule: `${limit.minGapMs / 3_600_000} h between two ${subjects[limit.channel]}`,
    es: `${limit.minGapMs / 3_600_000} h entre ${subjectsEs[limit.channel]}`,
    notBeforeMs: last + limit.minGapMs,
    waivable: limit.waivedByRequest === true,
  };
}

function reasonOf(per: LimitPeriod): RefusalReason {
  switch (per.kind) {
    case 'day':
      return 'daily_limit';
    case 'calendar_week':
      return 'weekly_limit';
    case 'rolling_days':
      return 'rolling_limit';
    default: {
      const unreachable: never = per;
      return unreachable;
    }
  }
}

const subjects = { phone: 'calls', messaging: 'messages', any: 'contacts' } as const;
const subjectsEs = { phone: 'llamadas', messaging: 'mensajes', any: 'contactos' } as const;
const countedOn = { attempt: '', ring: ' that rang', human: ' that a human answered' } as const;
const countedOnEs = { attempt: '', ring: ' que sonaron', human: ' que alguien contestó' } as const;
const scopesEs = { person: 'a una persona', phone: 'a un teléfono' } as const;

/** '3 a day to one person', '1 calls that a human answered a week to one person'. */
export function limitInWords({ channel, countOn, max, per, scope }: Limit): Pick<Breach, 'rule' | 'es'> {
  const isPlain = channel === 'phone' && countOn === 'attempt';
  const what = isPlain ? '' : ` ${subjects[channel]}${countedOn[countOn]}`;
  const whatEs = isPlain ? '' : ` ${subjectsEs[channel]}${countedOnEs[countOn]}`;
  const [period, periodEs] = periodInWords(per);
  return {
    rule: `${max}${what} ${period} to one ${scope}`,
    es: `máximo ${max}${whatEs} ${periodEs} ${scopesEs[scope]}`,
  };
}

function periodInWords(per: LimitPeriod): readonly [en: string, es: string] {
  switch (per.kind) {
    case 'day':
      return ['a day', 'al día'];
    case 'calendar_week':
      return ['a week', 'por semana'];
    case 'rolling_days':
      return [`in ${per.days} days`, `en ${per.days} días`];
    default: {
      const unreachable: never = per;
      return unreachable;
    }
  }
}
