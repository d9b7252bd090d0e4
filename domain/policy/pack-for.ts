import type { StoredHoliday } from './queries-holidays.ts';
import { type HolidayChange, holdingIn } from './rules/holidays.ts';
import { withOverlays } from './rules/overlays.ts';
import type { RulePack } from './rules/pack.ts';

/** Where a person lives, as far as is known. */
export interface Whereabouts {
  readonly country: string;
  readonly region: string | null;
}

/** A pack with the stricter limits and the corrections of the calendar that hold for one person: what every judgement is made with. */
export function packHolding(
  pack: RulePack,
  changes: readonly HolidayChange[],
  person: Whereabouts,
): RulePack {
  const local = withOverlays(pack, person.region);
  const { closedOnHolidays, country } = local;
  if (!closedOnHolidays || country === null) return local;
  const own = changes.filter((change) => change.country === country);
  return { ...local, holidayChanges: holdingIn(own, person) };
}

export function asChange(row: StoredHoliday): HolidayChange {
  const { country, region, day, every_year: everyYear, name, kind, source } = row;
  return { country, region, day, everyYear, name, kind, source };
}
