import type { Db } from '../../db/client.ts';
import { readHolidays, type StoredHoliday } from './queries-holidays.ts';
import { type HolidayChange, holdingIn } from './rules/holidays.ts';
import type { RulePack } from './rules/pack.ts';
import { parsePack } from './rules/parse.ts';

/** Where a person lives, as far as is known. */
export interface Whereabouts {
  readonly country: string;
  readonly region: string | null;
}

/** A stored pack with the corrections of the calendar that hold for one person: what every judgement is made with. */
export async function packFor(db: Db, definition: unknown, person: Whereabouts): Promise<RulePack> {
  const pack = parsePack(definition);
  if (!pack.closedOnHolidays || pack.country === null) return pack;
  const changes = await readHolidays(db, pack.country);
  return { ...pack, holidayChanges: holdingIn(changes.map(asChange), person) };
}

export function asChange(row: StoredHoliday): HolidayChange {
  const { country, region, day, every_year: everyYear, name, kind, source } = row;
  return { country, region, day, everyYear, name, kind, source };
}
