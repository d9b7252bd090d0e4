import { createHash, randomInt } from 'node:crypto';
import { personOfAgreement } from './queries-links.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { findLinkByKey, insertLink, type LinkRow, type NewLink } from './queries-links.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';
import type { OpenPaymentProvider, PaymentProvider } from './payment-port.ts';
import { openChannel } from '../accounts/channels.ts';
import type { ChannelFault } from '../shared/rules/channel-faults.ts';

export interface PaymentLinkDeps {
  readonly app: Database;
  readonly secrets: SecretBox;
  /** Where our short links and webhooks are reached from outside, without a slash at its end. */
  readonly publicUrl: string;
  readonly openPaymentProvider: OpenPaymentProvider;
}

export interface WantedLink {
  readonly accountId: string;
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly title: string;
  /** Comes back with the payment: `<agreement>:<instalment>`, or whatever the account's own tools use. */
  readonly reference: string;
  readonly expiresAtMs: number;
  readonly idempotencyKey: string;
}

export interface MadeLink {
  readonly id: string;
  readonly url: string;
  /** Behind the fixed address of a WhatsApp template's button. */
  readonly suffix: string;
}

export type MakeLinkAnswer =
  | { readonly kind: 'made'; readonly link: MadeLink }
  | { readonly kind: 'refused'; readonly detail: string; readonly fault: ChannelFault | null }
  | { readonly kind: 'unknown'; readonly detail: string; readonly fault: ChannelFault };

/**
 * Makes a payment link and the short address in front of it. The same key gives the same link, whatever became of the
 * first answer; with another request it is refused.
 */
export async function makePaymentLink(
  deps: PaymentLinkDeps,
  wanted: WantedLink,
  signal: AbortSignal,
): Promise<MakeLinkAnswer> {
  const { accountId, idempotencyKey } = wanted;
  const requestHash = hashOf(wanted);
  const ready = await inAccount(deps.app, accountId, async (trx) => ({
    before: await findLinkByKey(trx, idempotencyKey),
    provider: await openProvider(trx, deps, accountId),
  }));
  if (ready.before !== undefined) return answerWith(deps, ready.before, requestHash);
  if (ready.provider === undefined) {
    const detail = 'the account has not configured the channel mercadopago';
    return { kind: 'refused', detail, fault: 'not_configured' };
  }
  const answer = await ready.provider.createLink(
    {
      amountMicros: wanted.amountMicros,
      currency: wanted.currency,
      title: wanted.title,
      reference: wanted.reference,
      expiresAtMs: wanted.expiresAtMs,
      notificationUrl: `${deps.publicUrl}/api/v1/webhooks/mercadopago/${accountId}`,
      idempotencyKey: `${accountId}:${idempotencyKey}`,
    },
    signal,
  );
  if (answer.kind !== 'made') return answer;
  const row = await inAccount(deps.app, accountId, async (trx) => {
    const link: NewLink = {
      ...wanted,
      ...(await agreementOf(trx, wanted.reference)),
      code: newCode(),
      targetUrl: answer.url,
      provider: 'mercadopago',
      providerId: answer.providerId,
      expiresAt: new Date(wanted.expiresAtMs),
      requestHash,
    };
    return (await insertLink(trx, link)) ?? (await findLinkByKey(trx, idempotencyKey));
  });
  if (row === undefined) throw new Error('a payment link was neither stored nor there');
  return answerWith(deps, row, requestHash);
}

/** The payment provider of an account; undefined when it has configured none. */
export async function openProvider(
  trx: Trx,
  { secrets, openPaymentProvider }: Pick<PaymentLinkDeps, 'secrets' | 'openPaymentProvider'>,
  accountId: string,
): Promise<PaymentProvider | undefined> {
  const channel = await openChannel(trx, secrets, accountId, 'mercadopago');
  const accessToken = channel?.secrets['access_token'];
  return accessToken === undefined ? undefined : openPaymentProvider(accessToken);
}

function answerWith(deps: PaymentLinkDeps, row: LinkRow, requestHash: string): MakeLinkAnswer {
  if (row.request_hash !== requestHash) {
    return { kind: 'refused', detail: 'the idempotency key came before with another request', fault: null };
  }
  const suffix = `p/${row.code}`;
  return { kind: 'made', link: { id: row.id, url: `${deps.publicUrl}/${suffix}`, suffix } };
}

/** What our own pipeline writes as reference; anything else belongs to no agreement. */
export function referenceOf(agreementId: string, instalmentNo: number): string {
  return `${agreementId}:${instalmentNo}`;
}

const referenceShape = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([1-9]\d{0,3})$/;

async function agreementOf(
  trx: Trx,
  reference: string,
): Promise<{ readonly agreementId: string | null; readonly instalmentNo: number | null }> {
  const [, agreementId, instalment] = referenceShape.exec(reference) ?? [];
  const none = { agreementId: null, instalmentNo: null };
  if (agreementId === undefined) return none;
  const known = await personOfAgreement(trx, agreementId);
  return known === undefined ? none : { agreementId, instalmentNo: Number(instalment) };
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^12 is 71 bits: nobody finds another person's link by trying. */
const codeLength = 12;

export function newCode(): string {
  return Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function hashOf({ amountMicros, currency, title, reference }: WantedLink): string {
  // Without the expiry: a repeated call a second later may have computed another one.
  const content = JSON.stringify([amountMicros.toString(), currency, title, reference]);
  return createHash('sha256').update(content).digest('hex');
}
