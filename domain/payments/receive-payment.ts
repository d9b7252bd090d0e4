import { personOfAgreement } from './queries-links.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { bringToNet } from './corrections.ts';
import { findLinkByReference } from './queries-links.ts';
import type { ProviderPayment, ReceivedPayment } from './payment-port.ts';
import { recordPayment } from './payments.ts';
import { OperationRefused } from '../shared/refused.ts';

export type PaymentReceipt =
  'recorded' | 'reversed' | 'restored' | 'nothing_yet' | 'foreign' | 'refused' | 'unknown';

/** Two webhooks of one payment at once correct each other; each asks again after it changed something, at most so often. */
const mostQuestions = 3;

/**
 * Takes what the provider says of a payment. What our own rules refuse (another currency, another amount under the same
 * number) would be refused again every time that the provider sends it, so it is kept for an operator and answered.
 *
 * Whoever corrected a recorded payment asks once more: the answer that was acted on may be older than one that another
 * webhook has acted on in between, and the last one to ask sees what holds.
 */
export async function takePayment(
  app: Database,
  accountId: string,
  ask: () => Promise<ProviderPayment | undefined>,
): Promise<PaymentReceipt> {
  let result: PaymentReceipt = 'unknown';
  for (let questions = 0; questions < mostQuestions; questions += 1) {
    const payment = await ask();
    if (payment === undefined) return result;
    const received = await takeOnce(app, accountId, payment);
    const isFirst = questions === 0;
    // Asked again, and it stands as it was brought to.
    if (!isFirst && received === 'recorded') return result;
    result = received;
    if (received !== 'reversed' && received !== 'restored') return result;
  }
  return result;
}

async function takeOnce(app: Database, accountId: string, payment: ProviderPayment): Promise<PaymentReceipt> {
  try {
    return await inAccount(app, accountId, (trx) => receivePayment(trx, accountId, payment));
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error;
    const { code, message } = error;
    await inAccount(app, accountId, (trx) =>
      writeAudit(trx, {
        accountId,
        actor: 'mercadopago',
        action: 'payment.refused',
        subject: `mercadopago:${payment.id}`,
        detail: { code, message },
      }),
    );
    return 'refused';
  }
}

/**
 * A payment as the provider's API told it, recorded under the person of its link and for what was agreed, and brought to
 * what stands of it: a part that was given back is owed again, a chargeback that was won is paid again. Repeating it
 * changes nothing.
 */
export async function receivePayment(
  trx: Trx,
  accountId: string,
  payment: ProviderPayment,
): Promise<PaymentReceipt> {
  const received = await asReceived(trx, payment);
  if (received === 'nothing_yet') return received;
  if (received.personId === null) {
    // Money that nobody is credited with: an operator must hear of it.
    await writeAudit(trx, {
      accountId,
      actor: 'mercadopago',
      action: 'payment.without_person',
      subject: received.externalId,
      detail: { reference: received.externalReference, amountMicros: received.amountMicros.toString() },
    });
    return 'foreign';
  }
  const base = { accountId, externalId: received.externalId, source: received.source };
  // Also before a reversal: its payment's own webhook may have been lost.
  await recordPayment(trx, {
    ...base,
    personId: received.personId,
    kind: 'payment',
    amountMicros: received.amountMicros,
    currency: received.currency,
    paidAt: received.paidAt,
    reference: null,
    agreementId: received.agreementId,
  });
  const netMicros = received.status === 'approved' ? received.amountMicros - received.refundedMicros : 0n;
  return (await bringToNet(trx, { ...base, netMicros, at: new Date() })) ?? 'recorded';
}

async function asReceived(trx: Trx, payment: ProviderPayment): Promise<ReceivedPayment | 'nothing_yet'> {
  const { status, externalReference = '' } = payment;
  if (status === 'open' || status === 'rejected') return 'nothing_yet';
  const link = externalReference === '' ? undefined : await findLinkByReference(trx, externalReference);
  const agreementId = link?.agreement_id ?? null;
  const personId = agreementId === null ? undefined : await personOfAgreement(trx, agreementId);
  return {
    source: 'mercadopago',
    externalId: `mercadopago:${payment.id}`,
    externalReference,
    status,
    amountMicros: payment.amountMicros,
    refundedMicros: payment.refundedMicros,
    currency: payment.currency,
    paidAt: new Date(payment.paidAtMs ?? Date.now()),
    personId: personId ?? null,
    agreementId,
    instalmentNo: link?.instalment_no ?? null,
  };
}
