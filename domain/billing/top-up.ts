import { bookedTopUp, readAccountRow, readBalances } from './queries-accounts.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { topUp } from './queries-ledger.ts';
import { wakeDispatchers } from '../shared/queries-notify.ts';
import type { AccountKind } from '../../db/schema/columns.ts';
import type { Plan, Unit } from '../../db/schema/schema.ts';
import { refuse } from '../shared/refused.ts';

export interface TopUpRequest {
  readonly accountId: string;
  /** Micro-units of `unit`, above 0. */
  readonly amountMicros: bigint;
  readonly unit: Unit;
  /** The payment's own number: the same one again is the same top-up. */
  readonly reference: string;
  readonly actor: string;
}

/**
 * Credits an account, in the caller's transaction, and wakes the dispatchers: who waits suspended goes on. A repeated
 * reference moves nothing; with another amount it is refused. Throws `OperationRefused`.
 */
export async function topUpAccount(trx: Trx, request: TopUpRequest): Promise<{ readonly isNew: boolean }> {
  const { accountId, unit, amountMicros, reference, actor } = request;
  const account = await readAccountRow(trx, accountId);
  if (account === undefined) throw refuse('account_not_found');
  const own: Unit = account.plan === 'minutes_based' ? 'SEC' : 'USD';
  if (unit !== own) {
    throw refuse('unit_of_other_plan', { plan: account.plan, own, unit }, { field: 'unit' });
  }
  const isNew = await topUp(trx, { accountId, unit, amountMicros, reference });
  if (!isNew) {
    await requireSameAmount(trx, request);
    return { isNew };
  }
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'account.topped_up',
    subject: accountId,
    detail: { unit, amountMicros: amountMicros.toString(), reference },
  });
  await wakeDispatchers(trx);
  return { isNew };
}

/** Silence here would tell whoever corrects an amount that the correction was booked. */
async function requireSameAmount(trx: Trx, { unit, amountMicros, reference }: TopUpRequest): Promise<void> {
  const booked = await bookedTopUp(trx, reference);
  if (booked?.available_micros === amountMicros && booked.unit === unit) return;
  throw refuse('reference_reused', {}, { field: 'reference' });
}

export interface AccountView {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly kind: AccountKind;
  readonly country: string;
  readonly zone: string;
  /** Of its people's debts. */
  readonly debtCurrency: string;
  readonly plan: Plan;
  readonly maxLines: number | null;
  /** Nothing new is held for it, and why; null: it works. */
  readonly suspended: { readonly reason: 'subscription'; readonly since: Date } | null;
  readonly balances: readonly {
    readonly unit: Unit;
    readonly availableMicros: bigint;
    readonly heldMicros: bigint;
    readonly consumedMicros: bigint;
  }[];
}

/** The account of the transaction, with its balances. Throws `OperationRefused` when there is none. */
export async function readAccount(trx: Trx, accountId: string): Promise<AccountView> {
  const row = await readAccountRow(trx, accountId);
  if (row === undefined) throw refuse('account_not_found');
  const balances = await readBalances(trx, accountId);
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    kind: row.kind,
    country: row.country,
    zone: row.zone,
    debtCurrency: row.debt_currency,
    plan: row.plan,
    maxLines: row.max_lines,
    suspended:
      row.suspended_for === null || row.suspended_at === null
        ? null
        : { reason: row.suspended_for, since: row.suspended_at },
    balances: balances.map((balance) => ({
      unit: balance.unit,
      availableMicros: balance.available_micros,
      heldMicros: balance.held_micros,
      consumedMicros: balance.consumed_micros,
    })),
  };
}
