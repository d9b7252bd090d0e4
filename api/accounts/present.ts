import type { z } from '@hono/zod-openapi';
import type { AccountView } from '../../domain/billing/top-up.ts';
import { phraseRefusal } from '../../domain/shared/rules/refusals.ts';
import { presentMoney } from '../money.ts';
import { accountSchema } from './schemas.ts';

export type AccountJson = z.infer<typeof accountSchema>;

/** Why an account does not work, in words. */
export function presentSuspension({ suspended }: AccountView) {
  if (suspended === null) return null;
  const { reason, since } = suspended;
  return { reason, since: since.toISOString(), ...phraseRefusal('account_suspended') };
}

export function presentAccount(account: AccountView): AccountJson {
  const { id, slug, name, kind, country, zone, plan, maxLines, balances } = account;
  return {
    id,
    slug,
    name,
    kind,
    country,
    zone,
    plan,
    max_lines: maxLines,
    balances: balances.map(({ unit, availableMicros, heldMicros, consumedMicros }) => ({
      available: presentMoney(availableMicros, unit),
      held: presentMoney(heldMicros, unit),
      consumed: presentMoney(consumedMicros, unit),
    })),
  };
}
