const microsPerUnit = 1_000_000n;
/** Currencies without cents: their amounts are whole. */
const whole: readonly string[] = ['CLP', 'COP', 'PYG'];

/** Micro-units as the number that payment APIs take. Undefined when the currency has no such coin. */
export function toProviderAmount(micros: bigint, currency: string): number | undefined {
  const smallest = whole.includes(currency) ? microsPerUnit : 10_000n;
  if (micros <= 0n || micros % smallest !== 0n) return undefined;
  return Number(micros) / Number(microsPerUnit);
}

/** A number of a payment API as exact micro-units. Undefined for what is no amount of money. */
export function fromProviderAmount(amount: unknown): bigint | undefined {
  if (typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0) return undefined;
  // Through cents: 19.99 is not a binary fraction.
  const cents = Math.round(amount * 100);
  return Number.isSafeInteger(cents) ? BigInt(cents) * 10_000n : undefined;
}
