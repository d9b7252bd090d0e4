const microsPerUnit = 1_000_000n;

/** An amount as everything outside reads it: whole units as an exact decimal, and what it is an amount of. */
export interface Money {
  readonly amount: string;
  /** ISO 4217, or SEC for seconds of an allotment. */
  readonly unit: string;
}

/** Micro-units as an exact decimal: 40000n is '0.04'. */
export function formatMicros(micros: bigint): string {
  const sign = micros < 0n ? '-' : '';
  const absolute = micros < 0n ? -micros : micros;
  const fraction = (absolute % microsPerUnit).toString().padStart(6, '0').replace(/0+$/, '');
  return `${sign}${absolute / microsPerUnit}${fraction === '' ? '' : `.${fraction}`}`;
}

export function moneyOf(micros: bigint, unit: string): Money {
  return { amount: formatMicros(micros), unit };
}
