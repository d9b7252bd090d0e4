/** The days of rest of whole countries, from their laws: the second reading's own (`brute-calendar.ts`). */

/** 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (day + 4) % 7;
export const dayNumber = (year: number, month: number, day: number): number =>
  Date.UTC(year, month - 1, day) / 86_400_000;

/** Easter Sunday, by the anonymous Gregorian computus. */
function easter(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const month = Math.floor((h + l - 7 * m + 114) / 31);
  return dayNumber(year, month, ((h + l - 7 * m + 114) % 31) + 1);
}

type MonthDay = readonly [month: number, day: number];
const fixed = (year: number, days: readonly MonthDay[]): number[] =>
  days.map(([month, day]) => dayNumber(year, month, day));

/** Ley 19.668: 29 June and 12 October go to the Monday of their week from Tuesday to Thursday, and from Friday to the next. */
function toMondayOfChile(day: number): number {
  const weekday = weekdayOf(day);
  if (weekday >= 2 && weekday <= 4) return day - (weekday - 1);
  return weekday === 5 ? day + 3 : day;
}

/** Ley 21.357: the day of the winter solstice. */
const solstice: Readonly<Record<number, number>> = { 2026: 21, 2027: 21, 2028: 20 };

function chileanHolidays(year: number): number[] {
  const list = fixed(year, [
    [1, 1],
    [5, 1],
    [5, 21],
    [6, solstice[year] ?? 21],
    [7, 16],
    [8, 15],
    [9, 18],
    [9, 19],
    [11, 1],
    [12, 8],
    [12, 25],
  ]);
  list.push(easter(year) - 2, easter(year) - 1);
  list.push(toMondayOfChile(dayNumber(year, 6, 29)), toMondayOfChile(dayNumber(year, 10, 12)));
  // Ley 20.299: 31 October from Tuesday to the Friday before, from Wednesday to the Friday after.
  const reform = dayNumber(year, 10, 31);
  list.push(reform + (weekdayOf(reform) === 2 ? -4 : weekdayOf(reform) === 3 ? 2 : 0));
  // Leyes 20.215 and 20.983: the days that would stand alone beside the national ones.
  for (const [month, day, weekdays] of [
    [1, 2, [1]],
    [9, 17, [1, 5]],
    [9, 20, [5]],
  ] as const) {
    const candidate = dayNumber(year, month, day);
    if ((weekdays as readonly number[]).includes(weekdayOf(candidate))) list.push(candidate);
  }
  return list;
}

/** Ley 51 de 1983: most go to the Monday that follows. 9 July since 2026. */
function colombianHolidays(year: number): number[] {
  const moved = fixed(year, [
    [1, 6],
    [3, 19],
    [6, 29],
    [7, 9],
    [8, 15],
    [10, 12],
    [11, 1],
    [11, 11],
  ]).map((day) => day + ((8 - weekdayOf(day)) % 7));
  const kept = fixed(year, [
    [1, 1],
    [5, 1],
    [7, 20],
    [8, 7],
    [12, 8],
    [12, 25],
  ]);
  const sunday = easter(year);
  // Ascension, Corpus Christi and Sagrado Corazón, each on its Monday.
  return [...moved, ...kept, sunday - 3, sunday - 2, sunday + 43, sunday + 64, sunday + 71];
}

/** D. Leg. 713 and the laws that added to it. */
function peruvianHolidays(year: number): number[] {
  const list = fixed(year, [
    [1, 1],
    [5, 1],
    [6, 7],
    [6, 29],
    [7, 23],
    [7, 28],
    [7, 29],
    [8, 6],
    [8, 30],
    [10, 8],
    [11, 1],
    [12, 8],
    [12, 9],
    [12, 25],
  ]);
  return [...list, easter(year) - 3, easter(year) - 2];
}

export const years = [2026, 2027, 2028];
export const holidays = {
  CL: new Set(years.flatMap(chileanHolidays)),
  CO: new Set(years.flatMap(colombianHolidays)),
  PE: new Set(years.flatMap(peruvianHolidays)),
};
