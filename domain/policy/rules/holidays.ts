import Holidays from 'date-holidays';
import { DateTime } from 'luxon';
import { zoneOfPlace } from '../../people/rules/place.ts';
import { isIn, plainWords } from '../../shared/rules/plain-text.ts';

/** One correction of the library's calendar, from the catalogue (`catalogue.holiday`) or from the list below. */
export interface HolidayChange {
  readonly country: string;
  /** A region, province or commune as people's files spell it; null: the whole country. */
  readonly region: string | null;
  /** 'YYYY-MM-DD'; with `everyYear` the year is the first one's, and only month and day count. */
  readonly day: string;
  readonly everyYear: boolean;
  readonly name: string;
  /** 'closed': a holiday that the library does not know. 'open': one that it lists and no law does. */
  readonly kind: 'closed' | 'open';
  /** Law and article. */
  readonly source: string;
}

const yearly = { country: 'CL', everyYear: true, kind: 'closed' } as const;
const once = { country: 'CL', everyYear: false, kind: 'closed' } as const;
const natalicio = {
  ...yearly,
  day: '2014-08-20',
  name: "Natalicio de Bernardo O'Higgins (Chillán y Chillán Viejo)",
  source: 'Ley 20.768',
} as const;
const morro = {
  ...yearly,
  day: '2013-06-07',
  name: 'Asalto y Toma del Morro de Arica (Arica y Parinacota)',
  source: 'Ley 20.663',
} as const;
const elections = { ...once, region: null, source: 'Ley 18.700 art. 180' } as const;
const antofagastaAndCoquimbo = {
  ...once,
  source: 'Ley 21.609 (D.O. 2023-09-07)',
} as const;
const southOf2024 = {
  ...once,
  day: '2024-09-21',
  name: 'Feriado regional',
  source: 'Ley 21.704 (D.O. 2024-09-14)',
} as const;

/**
 * What date-holidays 3.37 does not give for a country as a whole and ships with the product; `registerCatalogue` writes it
 * into the catalogue, where an administrator can remove it and add what a law or a decree names later. A region is here by
 * its name, its number and its comunas, because files say where people live in any of these. Whoever's file says only the
 * region of Ñuble may live in Chillán.
 */
export const shippedHolidayChanges: readonly HolidayChange[] = [
  { ...elections, day: '2025-11-16', name: 'Elecciones generales' },
  { ...elections, day: '2025-12-14', name: 'Segunda vuelta presidencial' },
  ...['Chillán', 'Ñuble', 'XVI', '16'].map((region) => ({ ...natalicio, region })),
  ...['Arica', 'Parinacota', 'XV', '15', 'Camarones', 'Putre', 'General Lagos'].map((region) => ({
    ...morro,
    region,
  })),
  // Laws of one year. They are over, and say how the next one is entered: by its regions, with its law.
  { ...antofagastaAndCoquimbo, day: '2023-09-08', region: 'Antofagasta', name: 'Virgen de Ayquina' },
  { ...antofagastaAndCoquimbo, day: '2023-09-20', region: 'Coquimbo', name: 'La Pampilla' },
  { ...southOf2024, region: 'Magallanes' },
  { ...southOf2024, region: 'Chiloé' },
];

/** The changes that hold for a person: those of the country, and of the region as far as it is known. */
export function holdingIn(
  changes: readonly HolidayChange[],
  person: { readonly country: string; readonly region: string | null },
): readonly HolidayChange[] {
  const { country, region } = person;
  // A word that names no place that is known ('VIGENTE', a village) says as little as an empty cell.
  const isPlace = region !== null && zoneOfPlace(region, country) !== undefined;
  const said = plainWords(region ?? '');
  return changes.filter((change) => {
    if (change.country !== country) return false;
    if (change.region === null) return true;
    if (isIn(plainWords(change.region), said)) return true;
    // Whoever's region is not known may live in that one: a day that closes there closes, one that opens does not open.
    return !isPlace && change.kind === 'closed';
  });
}

/** Why this local day is a holiday: its name. Undefined when it is none. A day that closes wins over one that opens. */
export function holidayNameOn(
  country: string,
  changes: readonly HolidayChange[],
  localDay: string,
): string | undefined {
  const today = changes.filter(
    (change) =>
      change.day === localDay ||
      (change.everyYear && change.day.slice(4) === localDay.slice(4) && change.day < localDay),
  );
  const closed = today.find((change) => change.kind === 'closed');
  if (closed !== undefined) return closed.name;
  if (today.length > 0) return undefined;
  return publicHolidays(country, Number(localDay.slice(0, 4))).get(localDay);
}

const perCountryYear = new Map<string, ReadonlyMap<string, string>>();

/**
 * Public holidays of a whole country in a year: local day 'YYYY-MM-DD' to its name. Bank holidays are not public ones.
 * Throws for a country that the calendar does not know: "no holidays" would be a guess at the law.
 */
export function publicHolidays(country: string, year: number): ReadonlyMap<string, string> {
  const key = `${country}/${year}`;
  const known = perCountryYear.get(key);
  if (known !== undefined) return known;
  const calendar = new Holidays(country);
  const found = new Map<string, string>();
  const days = calendar.getHolidays(year);
  if (days.length === 0) throw new Error(`no holiday calendar for country ${country}`);
  for (const holiday of days) {
    // Easter Sunday is in the library's list and in no Chilean law.
    const isListed = holiday.type === 'public' && !(country === 'CL' && holiday.rule === 'easter');
    if (isListed) found.set(holiday.date.slice(0, 10), holiday.name);
    // The library misses Chile's Sábado Santo (a legal holiday by Ley 2.977), the day after Good Friday.
    if (country === 'CL' && holiday.rule === 'easter -2') {
      found.set(
        DateTime.fromISO(holiday.date.slice(0, 10)).plus({ days: 1 }).toISODate() ?? '',
        'Sábado Santo',
      );
    }
  }
  perCountryYear.set(key, found);
  return found;
}
