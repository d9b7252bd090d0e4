import { DateTime } from 'luxon';
import { collectionStandard } from '../negotiation/rules/standard.ts';
import { findPack } from '../policy/rules/packs/index.ts';
import { policies } from '../policy/rules/policy.ts';
import { zonesOf } from '../policy/rules/zones.ts';
import { population } from '../rehearsal/rules/person.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import { ZoneCalendar } from './calendar.ts';
import { forecast } from './forecast.ts';
import { inventContacts } from './invented.ts';
import { type ForecastSummary, summarise } from './summary.ts';

/** What a forecast is of, as plain data: it goes to a thread, and into a row. */
export interface ForecastTerms {
  readonly contacts: number;
  readonly lines: number;
  readonly policy: string;
  readonly pack: string;
  /** People a day; null: all of them. */
  readonly group: number | null;
  readonly days: number;
  /** The first day, on the clock of the first zone. */
  readonly start: string;
  /** Null: the zones of the pack's country. */
  readonly zone: string | null;
  readonly usdPerMinute: number;
  readonly seed: string;
}

export interface ForecastResult {
  readonly summary: ForecastSummary;
  readonly decisions: number;
}

/** The zones in which its people live: the one that is named, or those of the pack's country. Undefined: there is no such pack. */
export function zonesOfTerms({
  pack: key,
  zone,
}: Pick<ForecastTerms, 'pack' | 'zone'>): readonly [string, ...string[]] | undefined {
  const pack = findPack(key);
  if (pack === undefined) return undefined;
  return zone === null ? zonesOf(pack.country ?? 'CL', 'America/Santiago') : [zone];
}

/** Lives the decisions of so many invented people. Throws for a policy or pack that is not there. */
export function forecastOf(terms: ForecastTerms): ForecastResult {
  const policy = policies.find(({ key }) => key === terms.policy);
  const pack = findPack(terms.pack);
  const useCase = useCaseByKey('debt_collection');
  const zones = zonesOfTerms(terms);
  if (policy === undefined || pack === undefined || useCase === undefined || zones === undefined)
    throw new Error(`no policy ${terms.policy}, or no pack ${terms.pack}`);
  // Before the first wave of any policy.
  const startsAt = DateTime.fromISO(terms.start, { zone: zones[0] }).startOf('day').plus({ hours: 6 });
  if (!startsAt.isValid) throw new Error(`${terms.start} is no day`);
  const { seed, lines } = terms;
  const today = startsAt.toISODate() ?? '';
  const contacts = inventContacts({ count: terms.contacts, seed, zones, currency: 'CLP', today });
  const startMs = startsAt.toMillis();
  const lived = forecast({
    contacts,
    policy,
    pack,
    useCase,
    negotiation: collectionStandard,
    people: population(seed),
    startMs,
    lines,
    groupSize: terms.group ?? terms.contacts,
    untilMs: startsAt.plus({ days: terms.days }).toMillis(),
  });
  const calendar = new ZoneCalendar(policy, pack, zones, startMs);
  const { usdPerMinute } = terms;
  return { summary: summarise(lived, { seed, usdPerMinute, lines, calendar }), decisions: lived.decisions };
}
