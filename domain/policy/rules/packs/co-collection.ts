import type { MinuteWindow, RulePack } from '../pack.ts';

const weekday: readonly MinuteWindow[] = [{ from: 7 * 60, to: 19 * 60 }];

/** Colombia, debt collection: one contact a day, and in a week one channel from the first direct contact on. */
export const coCollection: RulePack = {
  key: 'co-collection',
  version: 2,
  title:
    'Colombia, cobranza: un contacto al día y, desde el primer contacto directo, un solo canal en la semana',
  country: 'CO',
  purpose: 'collection',
  source:
    'Ley 2300 de 2023 art. 3 (vigente desde 2023-10-10): lunes a viernes 07:00 a 19:00, sábados 08:00 a 15:00, ni domingos ni festivos; un contacto al día; tras un contacto directo, ningún otro canal en la misma semana (C-278 de 2024; contacto directo: de ida y vuelta, según el consejo asesor de la SFC)',
  readOn: '2026-11-28',
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
  oneChannelAWeek: true,
  declinedIsHuman: true,
  voicemailIsHuman: false,
  voicemail: { policy: 'forbidden' },
  disclosures: ['ai', 'recording', 'identity', 'creditor'],
  language: 'es',
  callerIdPrefixes: [],
  stopOn: ['do_not_call', 'paid', 'wrong_person'],
  retentionDaysMin: 731,
  needsSignOff: false,
  simulatedOnly: false,
};
