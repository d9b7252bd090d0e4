type SomeZones = readonly [string, ...string[]];

/**
 * Zones in which a person of a country may live. When a person's region is unknown, a call is allowed only at
 * instants that every one of them allows: 20:00 in Santiago is 21:00 in Punta Arenas in winter.
 *
 * Of the United States the states, the capital and Puerto Rico. Whoever lives in Guam or Samoa needs a zone of their
 * own: with those among them no hour of the day would be left for anybody.
 */
const zonesByCountry: Readonly<Record<string, SomeZones>> = {
  CL: ['America/Santiago', 'America/Punta_Arenas', 'America/Coyhaique', 'Pacific/Easter'],
  CO: ['America/Bogota'],
  PE: ['America/Lima'],
  US: [
    'America/New_York',
    'America/Chicago',
    'America/Denver',
    'America/Phoenix',
    'America/Los_Angeles',
    'America/Anchorage',
    'America/Adak',
    'Pacific/Honolulu',
    'America/Puerto_Rico',
  ],
};

const eastern: SomeZones = ['America/New_York'];
const central: SomeZones = ['America/Chicago'];
const mountain: SomeZones = ['America/Denver'];
const pacific: SomeZones = ['America/Los_Angeles'];
const easternAndCentral: SomeZones = ['America/New_York', 'America/Chicago'];
const centralAndMountain: SomeZones = ['America/Chicago', 'America/Denver'];
const mountainAndPacific: SomeZones = ['America/Denver', 'America/Los_Angeles'];

/** United States by postal code of the state; a state across a zone's border has both. */
const zonesByState: Readonly<Record<string, SomeZones>> = {
  AK: ['America/Anchorage', 'America/Adak'],
  AL: central,
  AR: central,
  // The Navajo Nation moves its clocks, the rest of the state does not.
  AZ: ['America/Phoenix', 'America/Denver'],
  CA: pacific,
  CO: mountain,
  CT: eastern,
  DC: eastern,
  DE: eastern,
  FL: easternAndCentral,
  GA: eastern,
  HI: ['Pacific/Honolulu'],
  IA: central,
  ID: mountainAndPacific,
  IL: central,
  IN: easternAndCentral,
  KS: centralAndMountain,
  KY: easternAndCentral,
  LA: central,
  MA: eastern,
  MD: eastern,
  ME: eastern,
  MI: easternAndCentral,
  MN: central,
  MO: central,
  MS: central,
  MT: mountain,
  NC: eastern,
  ND: centralAndMountain,
  NE: centralAndMountain,
  NH: eastern,
  NJ: eastern,
  NM: mountain,
  NV: ['America/Los_Angeles', 'America/Denver'],
  NY: eastern,
  OH: eastern,
  OK: central,
  OR: ['America/Los_Angeles', 'America/Denver'],
  PA: eastern,
  PR: ['America/Puerto_Rico'],
  RI: eastern,
  SC: eastern,
  SD: centralAndMountain,
  TN: ['America/Chicago', 'America/New_York'],
  TX: centralAndMountain,
  UT: mountain,
  VA: eastern,
  VT: eastern,
  WA: pacific,
  WI: central,
  WV: eastern,
  WY: mountain,
};

/**
 * The zones to honour for one person, the first of which names the local day. Throws for a country without a list
 * when the person has no zone: guessing UTC has made night calls elsewhere.
 */
export function zonesOf(country: string, zone: string | null, region: string | null = null): SomeZones {
  if (zone !== null) return [zone];
  const ofState = country === 'US' && region !== null ? zonesOfState(region) : undefined;
  if (ofState !== undefined) return ofState;
  const zones = Object.hasOwn(zonesByCountry, country) ? zonesByCountry[country] : undefined;
  if (zones === undefined) {
    throw new Error(`the person has no time zone, and the zones of country ${country} are not known`);
  }
  return zones;
}

/** Whether a text is the postal code of a state of the United States. */
export function isKnownState(region: string): boolean {
  return zonesOfState(region) !== undefined;
}

function zonesOfState(region: string): SomeZones | undefined {
  const state = region.trim().toUpperCase();
  return Object.hasOwn(zonesByState, state) ? zonesByState[state] : undefined;
}
