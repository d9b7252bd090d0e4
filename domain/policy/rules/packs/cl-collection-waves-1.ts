import type { MinuteWindow } from '../pack.ts';
import type { RulePackV1 } from '../pack-v1.ts';

const businessHours: readonly MinuteWindow[] = [{ from: 8 * 60, to: 20 * 60 }];

/**
 * Chile, debt collection, on the reading that an unanswered ring is not a "contacto": three dials a day while nobody
 * answers, and silence for a week after a human did. The law's wording leaves that open, hence the sign-off.
 */
export const clCollectionWaves1: RulePackV1 = {
  key: 'cl-collection-waves',
  version: 1,
  title: 'Chile, cobranza: tres olas al día mientras nadie contesta',
  country: 'CL',
  source:
    'Ley 19.496 art. 37 (Ley 21.320, D.O. 2021-04-20): lunes a sábado no feriados, 08:00 a 20:00, un contacto telefónico por semana; Subtel, D.O. 2025-02-13: prefijos 600 y 809 para llamadas masivas o automáticas',
  readOn: '2026-11-21',
  confidence: 'high',
  windows: {
    1: businessHours,
    2: businessHours,
    3: businessHours,
    4: businessHours,
    5: businessHours,
    6: businessHours,
  },
  closedOnHolidays: true,
  callsPerDay: 3,
  cooldownDays: 7,
  callerIdPrefixes: ['+56600', '+56809'],
  needsSignOff: true,
  simulatedOnly: false,
};
