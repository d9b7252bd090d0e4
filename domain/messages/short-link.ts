import { inAccount } from '../../db/client.ts';
import { findLinkByKey, insertLink } from '../payments/queries-links.ts';
import { newCode, type PaymentLinkDeps } from '../payments/links.ts';
import type { ClearedMessage, SendLinkInput } from './clear-message.ts';
import type { Values } from '../tools/arguments.ts';

/** A link as the person sees it: our own short address. */
export interface ShortLink {
  readonly id: string;
  readonly url: string;
  /** Behind the fixed address of a message's button. */
  readonly suffix: string;
}

/**
 * The short address in front of what a tool made: the bundled server has made one already; another tool's link gets
 * ours, so that clicks are counted and its time ends whatever its provider does. A text: why there is none.
 */
export async function adoptLink(
  deps: PaymentLinkDeps,
  input: SendLinkInput,
  message: ClearedMessage,
  values: Values,
  made: { readonly serverName: string; readonly result: Readonly<Record<string, unknown>> },
): Promise<ShortLink | string> {
  const { result, serverName } = made;
  if (result['outcome'] === 'unknown') return 'the payment provider gave no answer';
  const target = ['url', 'init_point', 'link', 'payment_url']
    .map((name) => result[name])
    .find((value) => typeof value === 'string');
  if (typeof target !== 'string' || !/^https?:\/\//.test(target) || !URL.canParse(target)) {
    return 'the tool gave no address of a payment';
  }
  const { accountId } = input;
  const row = await inAccount(deps.app, accountId, async (trx) => {
    const before = await findLinkByKey(trx, message.messageId);
    if (before !== undefined) return before;
    const made = await insertLink(trx, {
      accountId,
      code: newCode(),
      targetUrl: target,
      provider: serverName,
      providerId: typeof result['id'] === 'string' ? result['id'] : '',
      agreementId: input.agreementId,
      instalmentNo: message.instalment.number,
      amountMicros: message.amountMicros,
      currency: message.currency,
      title: String(values['link.title']),
      reference: String(values['link.reference']),
      expiresAt: new Date(String(values['link.expires_at'])),
      idempotencyKey: message.messageId,
      requestHash: '',
    });
    return made ?? (await findLinkByKey(trx, message.messageId));
  });
  if (row === undefined) throw new Error('a payment link was neither stored nor there');
  const suffix = `p/${row.code}`;
  return { id: row.id, url: `${deps.publicUrl}/${suffix}`, suffix };
}
