/** Currencies whose amounts are written, spoken and paid in whole units; the centavo of the Colombian peso is not paid any more. */
const wholeOnly: ReadonlySet<string> = new Set(['CLP', 'COP', 'PYG', 'JPY', 'KRW', 'ISK', 'VND']);

/** Decimals in which people write and pay a currency (ISO 4217): none in pesos of Chile, else two. */
export function decimalsOf(currency: string): 0 | 2 {
  return wholeOnly.has(currency) ? 0 : 2;
}
