import type { z } from '@hono/zod-openapi';
import { moneyOf } from '../domain/shared/rules/money.ts';
import type { moneySchema } from './schemas.ts';

export { formatMicros } from '../domain/shared/rules/money.ts';

const microsPerUnit = 1_000_000n;

/** '12.34' as 12340000n. Undefined for anything but a positive decimal with at most six places. */
export function parseMicros(amount: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(amount);
  if (match === null) return undefined;
  const micros = BigInt(match[1] ?? '0') * microsPerUnit + BigInt((match[2] ?? '').padEnd(6, '0'));
  return micros > 0n ? micros : undefined;
}

export function presentMoney(micros: bigint, unit: string): z.infer<typeof moneySchema> {
  return moneyOf(micros, unit);
}
