/** Text that the agent speaks, made from normalised values. */

const MICROS_PER_UNIT = 1_000_000n;

/** '283235', '1234.50': major units, without grouping (the agent's voice reads digits; a dot would be read aloud). */
export function spokenAmount(amountMicros: bigint): string {
  const exact = Number(amountMicros);
  // Sums of money are below it, and bigints take several times as long.
  if (Number.isSafeInteger(exact) && exact % 1_000_000 === 0) return String(exact / 1_000_000);
  const units = amountMicros / MICROS_PER_UNIT;
  const rest = amountMicros % MICROS_PER_UNIT;
  if (rest === 0n) return units.toString();
  const decimals = rest.toString().padStart(6, '0').replace(/0+$/, '');
  return `${units}.${decimals.padEnd(2, '0')}`;
}

/** 'A', 'A y B', 'A, B y C', each once. */
export function spokenList(items: readonly string[]): string {
  const unique = [...new Set(items.filter((item) => item !== ''))];
  const last = unique.pop();
  if (last === undefined) return '';
  return unique.length === 0 ? last : `${unique.join(', ')} y ${last}`;
}

/** Rows of one person that are told in one call: nobody listens to more, and a switchboard has thousands. */
export const mostRowsTold = 10;

/**
 * Variables of one person with several rows: what all rows have alike once, what differs of each in its order, so that the second day belongs
 * to the second hour. `once`: keys that are of the person, not of the row.
 */
export function joinedVariables(
  [first, ...others]: readonly [
    { readonly variables: Readonly<Record<string, string>> },
    ...{ readonly variables: Readonly<Record<string, string>> }[],
  ],
  once: readonly string[],
): Record<string, string> {
  const joined = { ...first.variables };
  const rows = [first, ...others].slice(0, mostRowsTold);
  for (const key of Object.keys(joined)) {
    if (once.includes(key)) continue;
    const values = rows.map(({ variables }) => variables[key] ?? '');
    if (values.every((value) => value === values[0])) continue;
    const told = values.filter((value) => value !== '');
    const last = told.pop() ?? '';
    joined[key] = told.length === 0 ? last : `${told.join(', ')} y ${last}`;
  }
  return joined;
}

/** The earliest of days 'YYYY-MM-DD'; '' when there is none. */
export function earliestDay(days: readonly string[]): string {
  return days.filter((day) => day !== '').sort()[0] ?? '';
}
