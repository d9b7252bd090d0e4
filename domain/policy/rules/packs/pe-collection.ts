import type { MinuteWindow, RulePack } from '../pack.ts';

const weekday: readonly MinuteWindow[] = [{ from: 7 * 60, to: 20 * 60 }];

/** Peru, debt collection: hours and days. The law sets no number of calls; the policy's own holds. */
export const peCollection: RulePack = {
  key: 'pe-collection',
  version: 2,
  title: 'Perú, cobranza: lunes a viernes de 07:00 a 20:00',
  country: 'PE',
  purpose: 'collection',
  source:
    'Ley 29571 art. 62 b: ni sábados, ni domingos, ni feriados, ni entre las 20:00 y las 07:00; sin límite numérico',
  readOn: '2026-11-28',
  confidence: 'high',
  windows: { 1: weekday, 2: weekday, 3: weekday, 4: weekday, 5: weekday },
  closedOnHolidays: true,
  limits: [],
  coolDown: { days: 0, otherChannelsInWeek: false },
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
