import type { Trx } from '../../db/client.ts';
import { sayAmount } from '../contacts/rules/spoken.ts';
import { refuse } from '../shared/refused.ts';
import { judgePayment, type SaidPayment } from './rules/plausible.ts';
import { currentDebts } from './queries-debts.ts';
import { findPayment } from './queries.ts';

/**
 * What a file, the API and a webhook of the account's own systems say of a payment, before it is believed: a slip of the
 * hand must not tell somebody's creditor that they have paid. Throws `OperationRefused`, which names the field. What
 * a provider moved, and told us when we asked, is no slip.
 */
export async function requirePlausible(
  trx: Trx,
  said: SaidPayment & { readonly personId: string; readonly externalId: string },
  now: Date,
): Promise<void> {
  // Told again: it was believed then, and what is asked for may have become less since.
  if ((await findPayment(trx, said.externalId)) !== undefined) return;
  const askedMicros = (await currentDebts(trx, said.personId))
    .filter(({ currency }) => currency === said.currency)
    .reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
  const code = judgePayment(said, { askedMicros, now });
  if (code === undefined) return;
  if (code === 'amount_implausible') {
    const [amount, owed] = [said.amountMicros, askedMicros].map((micros) => sayAmount(micros, said.currency));
    const words = { amountEn: amount?.en ?? '', amountEs: amount?.es ?? '' };
    const values = { ...words, owedEn: owed?.en ?? '', owedEs: owed?.es ?? '' };
    throw refuse(code, values, { field: 'amount' });
  }
  throw refuse(code, { day: said.paidAt?.toISOString().slice(0, 10) ?? '' }, { field: 'paid_at' });
}
