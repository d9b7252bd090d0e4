import Holidays from 'date-holidays';
import { DateTime } from 'luxon';

/** One correction of the library's calendar. */
interface Overlay {
  readonly day: string;
  readonly name: string;
}

/**
 * Days that date-holidays 3.37 does not know: for Chile the days of general elections (Ley 18.700 art. 180, legal
 * holidays). Sábado Santo is computed below. Extend the list when a decree names a new day.
 */
const overlays: Readonly<Record<string, readonly Overlay[]>> = {
  CL: [
    { day: '2025-11-16', name: 'Elecciones generales' },
    { day: '2025-12-14', name: 'Segunda vuelta presidencial' },
  ],
};

const perCountryYear = new Map<string, ReadonlyMap<string, string>>();

/**
 * Public holidays of a country in a year: local day 'YYYY-MM-DD' to its name. Bank holidays are not public ones.
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
  for (const { day, name } of overlays[country] ?? []) {
    if (day.startsWith(String(year))) found.set(day, name);
  }
  perCountryYear.set(key, found);
  return found;
}
