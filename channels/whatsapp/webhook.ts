import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { storableText } from '../../domain/shared/rules/storable.ts';
import { channelFault, failureClass } from './errors.ts';
import type { ChannelPreference, InboundMessage, StatusReport } from '../../domain/messages/message-port.ts';
import type { MessageStatus } from '../../domain/messages/rules/status.ts';

/**
 * Whether `X-Hub-Signature-256` is the HMAC of these very bytes. A missing header is a refusal: whoever leaves it out
 * must not be let in by that.
 */
export function isSignedByMeta(rawBody: Uint8Array, header: string | undefined, appSecret: string): boolean {
  const [, stated] = /^sha256=([0-9a-f]{64})$/i.exec(header ?? '') ?? [];
  if (stated === undefined || appSecret === '') return false;
  const computed = createHmac('sha256', appSecret).update(rawBody).digest();
  return timingSafeEqual(computed, Buffer.from(stated, 'hex'));
}

/** Whether a handshake has the account's own token. Digests are compared: the time says nothing of how much was right. */
export function isTokenOfAccount(stated: string | undefined, token: string | undefined): boolean {
  if (stated === undefined || token === undefined || token === '') return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(stated), digest(token));
}

/** The header for these bytes; for the simulated channel and tests. */
export function signAsMeta(rawBody: Uint8Array | string, appSecret: string): string {
  return `sha256=${createHmac('sha256', appSecret).update(rawBody).digest('hex')}`;
}

/** Of the year 2100: a later one is no time, and some are no date. */
const latestSeconds = 4_102_444_800;

/** Meta's own bound of a text is 4,096. */
const longestMessage = 4_096;

const statuses: readonly MessageStatus[] = ['sent', 'delivered', 'read', 'failed'];

/**
 * The statuses of a webhook. Kinds of status that we do not know are passed over:
 * Meta adds fields without notice, and a body that is refused comes again for a week.
 */
export function readStatuses(body: unknown): readonly StatusReport[] {
  return changesOf(body, 'statuses').flatMap((one) => {
    const report = readStatus(one);
    return report === undefined ? [] : [report];
  });
}

/** Fields of this name of every change. */
function changesOf(body: unknown, name: string): readonly unknown[] {
  return list(get(body, 'entry'))
    .flatMap((entry) => list(get(entry, 'changes')))
    .flatMap((change) => list(get(get(change, 'value'), name)));
}

/** Kinds of message that somebody sends themselves and that have no words of theirs; an answer to us all the same. */
const wordless: ReadonlySet<unknown> = new Set([
  'audio',
  'image',
  'video',
  'document',
  'sticker',
  'location',
  'contacts',
]);

/** What people wrote, and the buttons that they pressed. A picture or a voice is a message without words. */
export function readMessages(body: unknown): readonly InboundMessage[] {
  return changesOf(body, 'messages').flatMap((one) => {
    const id = text(get(one, 'id'));
    const words = [
      get(get(one, 'text'), 'body'),
      get(get(one, 'button'), 'text'),
      get(get(one, 'button'), 'payload'),
      get(get(get(one, 'interactive'), 'button_reply'), 'title'),
      get(get(get(one, 'interactive'), 'list_reply'), 'title'),
    ].flatMap((said) => (typeof said === 'string' ? [storableText(said.slice(0, longestMessage))] : []));
    if (id === undefined || (words.length === 0 && !wordless.has(get(one, 'type')))) return [];
    const from = numberOf(get(one, 'from'));
    return [
      {
        providerMessageId: id,
        from,
        text: words.join('\n'),
        repliesTo: text(get(get(one, 'context'), 'id')),
      },
    ];
  });
}

/** Whether people want marketing messages at all, as they set it in the app. */
export function readPreferences(body: unknown): readonly ChannelPreference[] {
  return changesOf(body, 'user_preferences').flatMap((one) => {
    const value = get(one, 'value');
    const from = numberOf(get(one, 'wa_id'));
    const seconds = Number(get(one, 'timestamp'));
    if ((value !== 'stop' && value !== 'resume') || from === undefined || !Number.isSafeInteger(seconds))
      return [];
    return [{ from, wants: value, key: String(seconds) }];
  });
}

/** A person's number as E.164; the 1 that WhatsApp keeps in mobiles of Mexico has not been dialled since 2019. */
function numberOf(waId: unknown): string | undefined {
  if (typeof waId !== 'string' || !/^\d{8,15}$/.test(waId)) return undefined;
  return `+${waId.replace(/^521(?=\d{10}$)/, '52')}`;
}

function readStatus(one: unknown): StatusReport | undefined {
  const id = text(get(one, 'id'));
  const status = statuses.find((known) => known === get(one, 'status'));
  const seconds = Number(get(one, 'timestamp'));
  if (
    id === undefined ||
    status === undefined ||
    !Number.isSafeInteger(seconds) ||
    seconds <= 0 ||
    seconds > latestSeconds
  ) {
    return undefined;
  }
  const [error] = list(get(one, 'errors'));
  const said = get(error, 'code');
  const code =
    typeof said === 'number' || typeof said === 'string'
      ? storableText(String(said).slice(0, 100))
      : undefined;
  return {
    providerMessageId: id,
    status,
    atMs: seconds * 1000,
    callbackData: text(get(one, 'biz_opaque_callback_data')),
    code,
    failureClass: status === 'failed' ? failureClass(code ?? '', 0) : undefined,
    fault: status === 'failed' ? channelFault(code ?? '', 0) : null,
    detail: text(get(error, 'title')) ?? text(get(error, 'message')),
  };
}

function get(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, key);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return storableText(value.slice(0, 500)) || undefined;
}
