import type { Limit, RulePack } from '../pack.ts';
import { usRegfCollection } from './us-regf-collection.ts';

/** Attempts count, by whatever channel, over any seven days. */
const contactsInSevenDays = (max: number): Limit => ({
  channel: 'any',
  countOn: 'attempt',
  max,
  per: { kind: 'rolling_days', days: 7 },
  scope: 'person',
});

/**
 * United States, debt collection by Regulation F and by what cities and states have made stricter. Where a person lives
 * decides; whoever's state is not known may live in each of them.
 */
export const usStrictCollection: RulePack = {
  ...usRegfCollection,
  key: 'us-strict-collection',
  version: 1,
  title: 'Estados Unidos, cobranza (Reg F y reglas de estados y ciudades): la más estricta de donde vive',
  source: `${usRegfCollection.source}; each state's and city's own rule with its limits`,
  overlays: [
    {
      title: 'New York City',
      // A state does not say whether it is the city; a postal address says it by the borough.
      places: ['NY', 'New York', 'NYC', 'Manhattan', 'Brooklyn', 'Bronx', 'Queens', 'Staten Island'],
      source:
        'NYC DCWP, final rule of 2026-02-26, in force 2026-09-01: three contacts or attempts in seven days for an account, by all channels, creditors too',
      limits: [contactsInSevenDays(3)],
    },
    {
      title: 'Massachusetts',
      places: ['MA', 'Massachusetts', 'Boston'],
      source: '940 CMR 7.04: two calls or texts in seven days, creditors too',
      limits: [contactsInSevenDays(2)],
    },
  ],
};
