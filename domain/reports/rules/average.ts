/** Micro-units for each of some calls, half up; nothing of none. */
export function averageMicros(total: bigint, calls: number): bigint {
  return calls === 0 ? 0n : (2n * total + BigInt(calls)) / (2n * BigInt(calls));
}
