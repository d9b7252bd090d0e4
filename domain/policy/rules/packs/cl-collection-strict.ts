import type { MinuteWindow, RulePack } from '../pack.ts';

const businessHours: readonly MinuteWindow[] = [{ from: 8 * 60, to: 20 * 60 }];

/**
 * Chile, debt collection, by the strict reading: one call a week that reaches anybody, a machine included, and one
 * attempt a day until then. A call or a message that the person asked for is not the collector's own.
 */
export const clCollectionStrict: RulePack = {
  key: 'cl-collection-strict',
  version: 2,
  title: 'Chile, cobranza: lectura estricta, un contacto por semana y un intento al día',
  country: 'CL',
  purpose: 'collection',
  source:
    'Ley 19.496 art. 37 (Ley 21.320, D.O. 2021-04-20): lunes a sábado no feriados, 08:00 a 20:00, un contacto telefónico por semana, otros medios dos por semana con dos días entre ellos, registro por dos años; Subtel, Res. Ex. 286 (D.O. 2025-02-13, vigente desde 2025-08-13): la cobranza llama desde el prefijo 600, el 809 es de la oferta no solicitada; Ley 21.062: al inicio de cada gestión, acreedor, origen, intereses y gastos, forma de pago, derechos, y que no es un procedimiento de embargo',
  readOn: '2026-11-28',
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
  limits: [
    { channel: 'phone', countOn: 'attempt', max: 1, per: { kind: 'day' }, scope: 'person' },
    { channel: 'phone', countOn: 'attempt', max: 1, per: { kind: 'day' }, scope: 'phone' },
    {
      channel: 'phone',
      countOn: 'human',
      max: 1,
      per: { kind: 'calendar_week' },
      scope: 'person',
      waivedByRequest: true,
    },
    {
      channel: 'messaging',
      countOn: 'attempt',
      max: 2,
      per: { kind: 'calendar_week' },
      minGapMs: 48 * 3_600_000,
      scope: 'person',
    },
  ],
  coolDown: { days: 7, otherChannelsInWeek: false },
  declinedIsHuman: true,
  voicemailIsHuman: true,
  // Whoever hears the machine need not be the debtor.
  voicemail: { policy: 'forbidden' },
  disclosures: ['ai', 'recording', 'identity', 'creditor', 'debt'],
  language: 'es',
  callerIdPrefixes: ['+56600'],
  stopOn: ['do_not_call', 'paid', 'lawsuit', 'insolvency', 'wrong_person'],
  // Two years, of which one may be a leap year.
  retentionDaysMin: 731,
  needsSignOff: false,
  simulatedOnly: false,
};
