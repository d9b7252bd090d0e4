import type { MinuteWindow, RulePack } from '../pack.ts';

const weekday: readonly MinuteWindow[] = [{ from: 7 * 60, to: 19 * 60 }];

/** Colombia, debt collection: one contact a day, and one channel in the week in which somebody was reached. */
export const coCollection: RulePack = {
  key: 'co-collection',
  version: 1,
  title: 'Colombia, cobranza: un contacto al día y un solo canal en la semana en que alguien contestó',
  country: 'CO',
  purpose: 'collection',
  source:
    'Ley 2300 de 2023 art. 3 (vigente desde 2023-10-10): lunes a viernes 07:00 a 19:00, sábados 08:00 a 15:00, ni domingos ni festivos; un contacto al día; tras un contacto directo, ningún otro canal en la misma semana',
  readOn: '2026-11-21',
  confidence: 'high',
  windows: {
    1: weekday,
    2: weekday,
    3: weekday,
    4: weekday,
    5: weekday,
    6: [{ from: 8 * 60, to: 15 * 60 }],
  },
  closedOnHolidays: true,
  limits: [
    // Calls and messages together; an unanswered ring counts, which is the stricter reading.
    { channel: 'any', countOn: 'attempt', max: 1, per: { kind: 'day' }, scope: 'person' },
    { channel: 'phone', countOn: 'attempt', max: 1, per: { kind: 'day' }, scope: 'phone' },
  ],
  coolDown: { days: 0, otherChannelsInWeek: true },
  declinedIsHuman: true,
  voicemailIsHuman: false,
  voicemail: { policy: 'forbidden' },
  disclosures: ['ai', 'identity', 'creditor'],
  language: 'es',
  callerIdPrefixes: [],
  stopOn: ['do_not_call', 'paid', 'wrong_person'],
  retentionDaysMin: 731,
  needsSignOff: false,
  simulatedOnly: false,
};
