const unitMicros = 1_000_000n;

/** A share (0 to 1, to the hundredth) of a sum in micro-units, in whole units: nobody pays parts of a peso. */
export function shareOf(micros: bigint, share: number): bigint {
  return ((micros * BigInt(Math.round(share * 100))) / (100n * unitMicros)) * unitMicros;
}
