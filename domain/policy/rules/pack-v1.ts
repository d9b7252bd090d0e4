import type { Confidence, Limit, RulePack, Windows } from './pack.ts';

/**
 * A pack as releases before 0.2 stored it. Such versions are immutable, and batches still run under them: they are read
 * as what they meant then.
 */
export interface RulePackV1 {
  readonly key: string;
  readonly version: number;
  readonly title: string;
  readonly country: string | null;
  readonly source: string;
  readonly readOn: string;
  readonly confidence: Confidence;
  readonly windows: Windows;
  readonly closedOnHolidays: boolean;
  /** Most dials to one person, and to one phone, on one local day. */
  readonly callsPerDay: number;
  readonly cooldownDays: number;
  readonly callerIdPrefixes: readonly string[];
  readonly needsSignOff: boolean;
  readonly simulatedOnly: boolean;
}

/** Messages were not thought of then: the country's own limit holds for them. */
const chileanMessages: Limit = {
  channel: 'messaging',
  countOn: 'attempt',
  max: 2,
  per: { kind: 'calendar_week' },
  minGapMs: 48 * 3_600_000,
  scope: 'person',
};

export function upgradePack(old: RulePackV1): RulePack {
  const { callsPerDay, cooldownDays, ...kept } = old;
  const perDay = { channel: 'phone', countOn: 'attempt', max: callsPerDay, per: { kind: 'day' } } as const;
  return {
    ...kept,
    purpose: 'collection',
    limits: [
      { ...perDay, scope: 'person' },
      { ...perDay, scope: 'phone' },
      ...(old.country === 'CL' ? [chileanMessages] : []),
    ],
    coolDown: { days: cooldownDays, otherChannelsInWeek: false },
    declinedIsHuman: false,
    voicemailIsHuman: false,
    // The agent's own settings decided what it said, and to whom.
    voicemail: { policy: 'full' },
    disclosures: [],
    language: 'es',
    stopOn: ['do_not_call'],
    retentionDaysMin: 731,
  };
}
