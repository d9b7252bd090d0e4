import { personOfAgreement } from './queries-links.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { findLinkByReference } from './queries-links.ts';
import type { ProviderPayment, ReceivedPayment } from './payment-port.ts';
import { recordPayment, reversePayment } from './payments.ts';
import { OperationRefused } from '../shared/refused.ts';

export type PaymentReceipt = 'recorded' | 'reversed' | 'nothing_yet' | 'foreign' | 'refused';

/**
 * The same for a webhook: what our own rules refuse (another currency, another amount under the same number) would be
 * refused again every time that the provider sends it, so it is kept for an operator and answered.
 */
export async function takePayment(
  app: Database,
  accountId: string,
  payment: ProviderPayment,
): Promise<PaymentReceipt> {
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

/** A payment as the provider's API told it, recorded under the person of its link. Repeating it changes nothing. */
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
  });
  if (received.status === 'approved') {
    if (received.refundedMicros > 0n) {
      await writeAudit(trx, {
        accountId,
        actor: 'mercadopago',
        action: 'payment.partly_refunded',
        subject: received.externalId,
        detail: { refundedMicros: received.refundedMicros.toString() },
      });
    }
    return 'recorded';
  }
  await reversePayment(trx, { ...base, amountMicros: null, at: new Date() });
  return 'reversed';
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
