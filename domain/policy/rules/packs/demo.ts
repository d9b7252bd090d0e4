import type { MinuteWindow, RulePack } from '../pack.ts';

const wholeDay: readonly MinuteWindow[] = [{ from: 0, to: 24 * 60 }];

/** For the demo and for tests: any hour of any day. A pool that can ring a real phone refuses it. */
export const demoPack: RulePack = {
  key: 'demo',
  version: 2,
  title: 'Demostración: a cualquier hora, solo con el proveedor simulado',
  country: null,
  purpose: 'collection',
  source: 'none: no law allows this; for a provider that rings nobody',
  readOn: '2026-11-21',
  confidence: 'none',
  windows: {
    1: wholeDay,
    2: wholeDay,
    3: wholeDay,
    4: wholeDay,
    5: wholeDay,
    6: wholeDay,
    7: wholeDay,
  },
  closedOnHolidays: false,
  limits: [
    { channel: 'phone', countOn: 'attempt', max: 3, per: { kind: 'day' }, scope: 'person' },
    { channel: 'phone', countOn: 'attempt', max: 3, per: { kind: 'day' }, scope: 'phone' },
    { channel: 'messaging', countOn: 'attempt', max: 3, per: { kind: 'day' }, scope: 'person' },
  ],
  coolDown: { days: 7, otherChannelsInWeek: false },
  declinedIsHuman: false,
  voicemailIsHuman: false,
  voicemail: { policy: 'forbidden' },
  disclosures: ['ai', 'identity', 'creditor'],
  language: 'es',
  callerIdPrefixes: [],
  stopOn: ['do_not_call', 'paid', 'lawsuit', 'insolvency', 'wrong_person'],
  retentionDaysMin: 1,
  needsSignOff: false,
  simulatedOnly: true,
};
