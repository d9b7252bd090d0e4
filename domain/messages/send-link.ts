import { createHash } from 'node:crypto';
import { readClearedMessage } from './queries.ts';
import { type Database, databaseNow, inAccount, type Trx } from '../../db/client.ts';
import { claimRequest, writeResult } from '../tools/queries-mcp-requests.ts';
import type { OpenMessageSender, SendAnswer } from './message-port.ts';
import { openChannel } from '../accounts/channels.ts';
import { type ChannelFault, isChannelFault } from '../shared/rules/channel-faults.ts';
import type { SecretBox } from '../../outbound/secret-box.ts';

export interface SendDeps {
  readonly app: Database;
  readonly secrets: SecretBox;
  readonly openMessageSender: OpenMessageSender;
}

export interface LinkMessage {
  /** Our id of a message that passed the gate: the key under which it is sent once. */
  readonly messageId: string;
  /** E.164; must be the number that the gate looked at. */
  readonly to: string;
  /** Of the link: what stands behind the fixed address of the template's button. */
  readonly suffix: string;
  readonly bodyValues: readonly string[];
  /** Default: the account's own. */
  readonly template: string | undefined;
  readonly language: string | undefined;
}

/** JSON-plain: it is kept, and given again to a repeated call. */
export type SendResult =
  | { readonly outcome: 'sent'; readonly provider_message_id: string }
  | {
      readonly outcome: 'refused';
      readonly code: string;
      readonly class: string;
      readonly detail: string;
      /** The channel's; absent: it speaks of the person, or of this request. */
      readonly fault?: ChannelFault;
    }
  | { readonly outcome: 'unknown'; readonly detail: string };

const tool = 'send_payment_link';

/**
 * Sends one message once, and only one that the message gate let pass: whoever holds a token of an account can write to
 * nobody past the law. A repeated call gets the first one's result.
 */
export async function sendLink(
  deps: SendDeps,
  accountId: string,
  message: LinkMessage,
  signal: AbortSignal,
): Promise<SendResult> {
  const key = { accountId, tool, key: message.messageId };
  const requestHash = createHash('sha256').update(JSON.stringify(message)).digest('hex');
  const start = await inAccount(deps.app, accountId, async (trx) => {
    const why = await whyNot(trx, message);
    const channel = await openChannel(trx, deps.secrets, accountId, 'whatsapp');
    if (channel === undefined)
      return refused('channel_missing', 'the channel whatsapp is not configured', 'not_configured');
    const claim = await claimRequest(trx, key, requestHash);
    if (claim.kind === 'before') {
      if (claim.requestHash !== requestHash) {
        return refused('idempotency_key_reused', 'the key came before with another message');
      }
      return readKept(claim.result);
    }
    // Thrown, not returned: the claim goes with it, and the key stays free.
    if (why !== undefined) throw new NotCleared(why);
    return { channel };
  }).catch((error: unknown) => {
    if (error instanceof NotCleared) return refused('not_cleared', error.message);
    throw error;
  });
  if (!('channel' in start)) return start;
  const { settings, secrets } = start.channel;
  const sender = deps.openMessageSender({
    phoneNumberId: settings['phone_number_id'] ?? '',
    accessToken: secrets['access_token'] ?? '',
  });
  const answer = await sender.sendTemplate(
    {
      to: message.to,
      template: message.template ?? settings['template'] ?? '',
      language: message.language ?? settings['language'] ?? 'es',
      bodyValues: message.bodyValues,
      buttonSuffix: message.suffix,
      callbackData: message.messageId,
    },
    signal,
  );
  const result = resultOf(answer);
  await inAccount(deps.app, accountId, (trx) => writeResult(trx, key, { ...result }));
  return result;
}

class NotCleared extends Error {}

/** The gate's own row, read again in the instant of the sending. */
async function whyNot(trx: Trx, { messageId, to }: LinkMessage): Promise<string | undefined> {
  const row = await readClearedMessage(trx, messageId);
  if (row === undefined) return 'no message of this account has that idempotency_key';
  if (row.e164 !== to) return 'the message is for another number';
  if (row.state !== 'sending') return `the message is ${row.state}`;
  if (row.deadline_at.getTime() <= (await databaseNow(trx)).getTime()) return 'the message is too late';
  return undefined;
}

function resultOf(answer: SendAnswer): SendResult {
  switch (answer.kind) {
    case 'accepted':
      return { outcome: 'sent', provider_message_id: answer.providerMessageId };
    case 'refused':
      return {
        outcome: 'refused',
        code: answer.code,
        class: answer.class,
        detail: answer.detail,
        ...(answer.fault === null ? {} : { fault: answer.fault }),
      };
    case 'unknown':
      return { outcome: 'unknown', detail: answer.detail };
    default: {
      const unreachable: never = answer;
      return unreachable;
    }
  }
}

function refused(code: string, detail: string, fault?: ChannelFault): SendResult {
  return { outcome: 'refused', code, class: 'stop', detail, ...(fault === undefined ? {} : { fault }) };
}

function readKept(result: Readonly<Record<string, unknown>> | null): SendResult {
  const id = result?.['provider_message_id'];
  if (result?.['outcome'] === 'sent' && typeof id === 'string') {
    return { outcome: 'sent', provider_message_id: id };
  }
  const [code, kind, detail] = [result?.['code'], result?.['class'], result?.['detail']];
  if (result?.['outcome'] === 'refused' && typeof code === 'string' && typeof kind === 'string') {
    const fault = result?.['fault'];
    return {
      outcome: 'refused',
      code,
      class: kind,
      detail: typeof detail === 'string' ? detail : '',
      ...(isChannelFault(fault) ? { fault } : {}),
    };
  }
  return { outcome: 'unknown', detail: 'an earlier call with this key has not said what became of it' };
}
