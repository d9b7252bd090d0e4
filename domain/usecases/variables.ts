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

/** The earliest of days 'YYYY-MM-DD'; '' when there is none. */
export function earliestDay(days: readonly string[]): string {
  return days.filter((day) => day !== '').sort()[0] ?? '';
}
