/**
 * Zones in which a person of a country may live. When a person's region is unknown, a call is allowed only at
 * instants that every one of them allows: 20:00 in Santiago is 21:00 in Punta Arenas in winter.
 */
const zonesByCountry: Readonly<Record<string, readonly [string, ...string[]]>> = {
  CL: ['America/Santiago', 'America/Punta_Arenas', 'America/Coyhaique', 'Pacific/Easter'],
};

/**
 * The zones to honour for one person, the first of which names the local day. Throws for a country without a list
 * when the person has no zone: guessing UTC has made night calls elsewhere.
 */
export function zonesOf(country: string, zone: string | null): readonly [string, ...string[]] {
  if (zone !== null) return [zone];
  const zones = zonesByCountry[country];
  if (zones === undefined) {
    throw new Error(`the person has no time zone, and the zones of country ${country} are not known`);
  }
  return zones;
}
