import { InvalidWebhookSignatureError, WebhookSignatureValidator } from 'mercadopago';

export interface SignedNotification {
  /** `data.id` of the query: the signature covers it, and not the body. */
  readonly dataId: string | undefined;
  readonly requestId: string | undefined;
  readonly signature: string | undefined;
}

/**
 * Whether Mercado Pago signed it, by its own SDK's check. Age is not looked at (its `ts` comes in seconds or in
 * milliseconds): an old notification only makes us ask for the payment once more.
 */
export function isSignedByMercadoPago(notification: SignedNotification, secret: string): boolean {
  // Without an id nothing would tie the signature to a payment.
  if (notification.dataId === undefined || secret === '') return false;
  try {
    WebhookSignatureValidator.validate({
      xSignature: notification.signature,
      xRequestId: notification.requestId,
      // Mercado Pago signs ids in lower case.
      dataId: notification.dataId.toLowerCase(),
      secret,
    });
    return true;
  } catch (error) {
    if (error instanceof InvalidWebhookSignatureError) return false;
    throw error;
  }
}
