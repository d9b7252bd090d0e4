import type { RulePack } from '../pack.ts';
import { clCollectionStrict } from './cl-collection-strict.ts';

/**
 * Chile, debt collection, on the reading that an unanswered ring is not a "contacto": three dials a day while nobody
 * answers, and silence for a week after a human did. The law's wording leaves that open, hence the sign-off.
 */
export const clCollectionWaves: RulePack = {
  ...clCollectionStrict,
  key: 'cl-collection-waves',
  version: 3,
  title: 'Chile, cobranza: tres olas al día mientras nadie contesta',
  limits: [
    { channel: 'phone', countOn: 'attempt', max: 3, per: { kind: 'day' }, scope: 'person' },
    { channel: 'phone', countOn: 'attempt', max: 3, per: { kind: 'day' }, scope: 'phone' },
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
  // The agent hangs up on a machine: nothing is left that anybody could hear.
  voicemailIsHuman: false,
  needsSignOff: true,
};
