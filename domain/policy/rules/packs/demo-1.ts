import type { MinuteWindow } from '../pack.ts';
import type { RulePackV1 } from '../pack-v1.ts';

const wholeDay: readonly MinuteWindow[] = [{ from: 0, to: 24 * 60 }];

/** For the demo and for tests: any hour of any day. A pool that can ring a real phone refuses it. */
export const demoPack1: RulePackV1 = {
  key: 'demo',
  version: 1,
  title: 'Demostración: a cualquier hora, solo con el proveedor simulado',
  country: null,
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
  callsPerDay: 3,
  cooldownDays: 7,
  callerIdPrefixes: [],
  needsSignOff: false,
  simulatedOnly: true,
};
