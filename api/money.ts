import type { z } from '@hono/zod-openapi';
import type { moneySchema } from './schemas.ts';

const microsPerUnit = 1_000_000n;

/** Micro-units as an exact decimal: 40000n is '0.04'. */
export function formatMicros(micros: bigint): string {
  const sign = micros < 0n ? '-' : '';
  const absolute = micros < 0n ? -micros : micros;
  const fraction = (absolute % microsPerUnit).toString().padStart(6, '0').replace(/0+$/, '');
  return `${sign}${absolute / microsPerUnit}${fraction === '' ? '' : `.${fraction}`}`;
}

/** '12.34' as 12340000n. Undefined for anything but a positive decimal with at most six places. */
export function parseMicros(amount: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(amount);
  if (match === null) return undefined;
  const micros = BigInt(match[1] ?? '0') * microsPerUnit + BigInt((match[2] ?? '').padEnd(6, '0'));
  return micros > 0n ? micros : undefined;
}

export function presentMoney(micros: bigint, unit: string): z.infer<typeof moneySchema> {
  return { amount: formatMicros(micros), unit };
}
