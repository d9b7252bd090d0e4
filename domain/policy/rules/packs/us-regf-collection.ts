import type { MinuteWindow, RulePack } from '../pack.ts';

const everyDay: readonly MinuteWindow[] = [{ from: 8 * 60, to: 21 * 60 }];

/**
 * United States, debt collection by Regulation F. The rule counts by debt; here it is counted by person. Signed off
 * because an artificial voice needs the person's prior consent (47 CFR 64.1200), which only the account can vouch for.
 */
export const usRegfCollection: RulePack = {
  key: 'us-regf-collection',
  version: 2,
  title: 'Estados Unidos, cobranza (Reg F): siete llamadas en siete días, y siete días tras hablar',
  country: 'US',
  purpose: 'collection',
  source:
    '12 CFR 1006.6(b)(1)(i): 08:00 to 21:00 at the consumer’s location; 12 CFR 1006.14(b)(2): no more than 7 calls in 7 days, none within 7 days after a conversation; 12 CFR 1006.18(e): a debt collector says so; 12 CFR 1006.38: none while a dispute is not answered; FCC 24-17: an AI voice is an artificial voice',
  readOn: '2026-11-28',
  confidence: 'high',
  windows: {
    1: everyDay,
    2: everyDay,
    3: everyDay,
    4: everyDay,
    5: everyDay,
    6: everyDay,
    7: everyDay,
  },
  closedOnHolidays: false,
  limits: [
    {
      channel: 'phone',
      countOn: 'attempt',
      max: 7,
      per: { kind: 'rolling_days', days: 7 },
      scope: 'person',
      // Calls with direct prior consent are not counted, for seven days.
      waivedByRequest: true,
    },
  ],
  coolDown: { days: 7, otherChannelsInWeek: false },
  declinedIsHuman: false,
  voicemailIsHuman: false,
  // A limited-content message names a person to ask for, and no pack knows one.
  voicemail: { policy: 'forbidden' },
  disclosures: ['ai', 'recording', 'identity', 'creditor', 'collector'],
  language: 'en',
  callerIdPrefixes: [],
  stopOn: ['do_not_call', 'paid', 'dispute', 'represented', 'wrong_person'],
  // 12 CFR 1006.100: three years after the last activity.
  retentionDaysMin: 1_096,
  needsSignOff: true,
  simulatedOnly: false,
};
