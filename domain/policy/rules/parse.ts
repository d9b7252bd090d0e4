import { DEBTOR_DISCLOSURES, OPENING_DISCLOSURES, type RulePack } from './pack.ts';
import {
  type Check,
  list,
  map,
  nullable,
  number,
  oneOf,
  optional,
  record,
  text,
  union,
  yesOrNo,
} from './shape.ts';
import type { Negotiation } from '../../negotiation/rules/types.ts';
import type { Policy } from './policy.ts';

/**
 * Parsers of definitions that were stored as JSON, checked whole: a field that is missing or of another kind is told by
 * its path. A policy without `ringMs` would make a lease that ends at NaN, and a line that is never free.
 */

const positive = number({ min: 0, above: true });
const whole = number({ min: 0, whole: true });
const minuteOfDay = number({ min: 0, max: 1440 });

const schedule: Check = union('mode', {
  waves: record({ mode: text, startMinutes: list(minuteOfDay), windowMinutes: positive }),
  ladder: record({ mode: text }),
  interval: record({
    mode: text,
    firstAfterMs: number({ min: 0 }),
    everyMs: positive,
    windowMs: positive,
  }),
});

const policy = record({
  key: text,
  version: whole,
  title: text,
  schedule,
  maxAttempts: whole,
  callsPerDay: whole,
  silentDaysToExclude: whole,
  noAnswerRetryMs: number({ min: 0 }),
  technicalRetryMs: number({ min: 0 }),
  ringMs: positive,
  maxCallMs: positive,
  groupSize: positive,
  maxDays: number({ min: 0 }),
  agreementDayMs: optional(positive),
});

const windows = optional(map(/^[1-7]$/, list(record({ from: minuteOfDay, to: minuteOfDay }))));

/** The history that is read goes back `lookBackDays`: a rule that counts over more would count too little. */
export const lookBackDays = 40;
const countedDays = number({ min: 0, max: lookBackDays - 1 });

const limit = record({
  channel: oneOf('phone', 'messaging', 'any'),
  countOn: oneOf('attempt', 'ring', 'human'),
  max: whole,
  per: union('kind', {
    day: record({ kind: text }),
    calendar_week: record({ kind: text }),
    rolling_days: record({ kind: text, days: countedDays }),
  }),
  minGapMs: optional(number({ min: 0, max: (lookBackDays - 1) * 86_400_000 })),
  scope: oneOf('person', 'phone'),
  waivedByRequest: optional(yesOrNo),
});

const pack = record({
  key: text,
  version: whole,
  title: text,
  country: nullable(text),
  source: text,
  readOn: text,
  confidence: oneOf('high', 'medium', 'low', 'none'),
  windows,
  closedOnHolidays: yesOrNo,
  callerIdPrefixes: list(text),
  needsSignOff: yesOrNo,
  simulatedOnly: yesOrNo,
  purpose: oneOf('collection', 'commercial', 'service'),
  messageWindows: windows,
  limits: list(limit),
  coolDown: record({ days: countedDays, otherChannelsInWeek: yesOrNo }),
  declinedIsHuman: yesOrNo,
  voicemailIsHuman: yesOrNo,
  voicemail: union('policy', {
    forbidden: record({ policy: text }),
    limited: record({ policy: text, text }),
    full: record({ policy: text }),
  }),
  oneChannelAWeek: optional(yesOrNo),
  disclosures: list(oneOf(...OPENING_DISCLOSURES, ...DEBTOR_DISCLOSURES)),
  overlays: optional(
    list(record({ title: text, places: list(text, 1), source: text, limits: list(limit, 1) })),
  ),
  language: oneOf('es', 'en'),
  stopOn: list(text),
  retentionDaysMin: whole,
});

const stage = record({
  key: text,
  title: text,
  fromDays: number({}),
  toDays: nullable(number({})),
  fromMicros: number({}),
  toMicros: nullable(number({})),
  script: text,
  agentId: nullable(text),
  offers: record({
    discountLadder: list(number({ min: 0, max: 100 })),
    floorPercent: number({ min: 0, max: 100 }),
    instalments: nullable(record({ min: whole, max: whole, minMicros: number({}), longestGapDays: whole })),
    longestPromiseDays: whole,
    leastPartPercent: number({ min: 0, max: 100 }),
  }),
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the stored JSON
  broken: record({ then: oneOf('call_again', 'hand_over', 'close'), handOverAt: whole }),
  // oxlint-disable-next-line unicorn/no-thenable -- a field of the stored JSON
  refusal: record({ then: oneOf('close', 'call_again'), pauseDays: whole }),
  verificationDays: whole,
  graceDays: whole,
  handOverFromMicros: nullable(number({})),
});

const negotiation = record({
  key: text,
  version: whole,
  title: text,
  identityFirst: yesOrNo,
  stages: list(stage, 1),
});

export function parsePolicy(definition: unknown): Policy {
  policy(definition, 'policy');
  return definition as Policy;
}

export function parsePack(definition: unknown): RulePack {
  pack(definition, 'rule pack');
  return definition as RulePack;
}

export function parseNegotiation(definition: unknown): Negotiation {
  negotiation(definition, 'negotiation');
  return definition as Negotiation;
}
