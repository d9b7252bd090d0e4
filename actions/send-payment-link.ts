import type { AgreementInput } from '../activities/contact/types.ts';

export type PaymentLinkAnswer =
  | { readonly kind: 'sent'; readonly messageId: string }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly rule: string;
      readonly notBeforeMs: number | null;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly messageId: string };

/** Helper B replaces this file: no channel is configured yet. */
export function sendPaymentLink(_deps: object, _input: AgreementInput): Promise<PaymentLinkAnswer> {
  return Promise.resolve({ kind: 'failed', reason: 'no channel is configured' });
}
