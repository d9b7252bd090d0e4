import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';
import type { EventType } from '../shared/rules/events.ts';
import { postHold, releaseHold, trueUp } from '../billing/queries-ledger.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { type ChannelFault, type Fault, faultOfMessage } from '../shared/rules/channel-faults.ts';
import { uncountMessage } from '../policy/queries-limits.ts';
import { lockPerson } from '../people/queries.ts';
import {
  findMessage,
  type LockedMessage,
  lockMessage,
  type MessageRef,
  recountMessage,
  writeMessageEvent,
  writeMessageState,
} from './queries.ts';
import { leaveByFailure } from './leave-channel.ts';
import { isProvenUnsent, isSent, mergeState, type MessageState } from './rules/status.ts';

/** One word about a message: of its sender, of the channel, or of the sweeper that gave up waiting. */
export interface MessageWord {
  readonly kind: Exclude<MessageState, 'sending'>;
  readonly at: Date;
  readonly providerMessageId?: string | undefined;
  /** Of a failure: the channel's code, and what may be done about it. */
  readonly failure?: string | undefined;
  readonly failureClass?: string | undefined;
  /** Of a failure: the channel's; null: it speaks of the person. */
  readonly fault?: ChannelFault | null | undefined;
}

/**
 * Everything that a word about a message changes, in the caller's transaction: state, hold, what counts against the
 * person's limits, and what the account's own systems are told. In any order and any number of times. Returns the
 * state as it is now; undefined when the account has no such message.
 */
export async function settleMessage(
  trx: Trx,
  ref: MessageRef,
  word: MessageWord,
): Promise<{ readonly messageId: string; readonly state: MessageState } | undefined> {
  const found = await findMessage(trx, ref);
  if (found === undefined) return undefined;
  // The person before the message, as its gate takes them.
  await lockPerson(trx, found.person_id);
  const before = await lockMessage(trx, found.id);
  const { failure, failureClass } = word;
  const fault = faultOfMessage(word.fault ?? null, failureClass);
  const isNew = await writeMessageEvent(trx, {
    accountId: before.account_id,
    messageId: before.id,
    kind: word.kind,
    occurredAt: word.at,
    detail: {
      ...(failure === undefined ? {} : { failure, class: failureClass ?? null, fault }),
      ...(word.providerMessageId === undefined ? {} : { providerMessageId: word.providerMessageId }),
    },
  });
  const state = mergeState(before.state, word.kind);
  if (!isNew && state === before.state) return { messageId: before.id, state };
  if (word.kind === 'failed') await leaveByFailure(trx, before, failure, word.at);
  const charged = await charge(trx, before, state);
  await writeMessageState(trx, before.id, {
    state,
    providerMessageId: before.provider_message_id ?? word.providerMessageId ?? null,
    // Of the word that said so, not of a late one that says nothing about it.
    failure: state !== 'failed' ? null : word.kind === 'failed' ? (failure ?? null) : before.failure,
    failureClass:
      state !== 'failed' ? null : word.kind === 'failed' ? (failureClass ?? null) : before.failure_class,
    charged,
    at: word.at,
  });
  if (isProvenUnsent(state) && !isProvenUnsent(before.state)) await uncountMessage(trx, before.id, word.at);
  if (!isProvenUnsent(state) && isProvenUnsent(before.state)) await recountMessage(trx, before.id);
  if (state === 'failed' && before.state !== 'failed') await tellStory(trx, before, word, fault);
  await emitEvent(trx, before, state, word);
  return { messageId: before.id, state };
}

/** The contact's history has it: without this a link that could not be sent is nowhere where an operator looks. */
async function tellStory(
  trx: Trx,
  message: LockedMessage,
  { failure = 'unknown' }: MessageWord,
  fault: Fault | null,
): Promise<void> {
  await writeAudit(trx, {
    accountId: message.account_id,
    actor: 'whatsapp',
    action: 'message.failed',
    subject: message.contact_id,
    // The code alone: what a provider adds may name the person.
    detail: { message_id: message.id, failure: failure.split(':')[0], fault },
  });
}

/** Posts the hold for what was sent and gives it back for what was not; what is learnt later is a difference. */
async function charge(
  trx: Trx,
  message: LockedMessage,
  state: MessageState,
): Promise<{ readonly micros: bigint; readonly unit: 'USD' | 'SEC' } | null> {
  const { hold_id: holdId, hold_unit: unit, hold_micros: price } = message;
  if (holdId === null || unit === null || price === null) return null;
  if (!isSent(state) && !isProvenUnsent(state)) return null;
  const due = isSent(state) ? price : 0n;
  if (message.charged_micros === due) return null;
  const resolution = isSent(state)
    ? await postHold(trx, holdId, due, 'message')
    : await releaseHold(trx, holdId, state === 'absent' ? 'expired' : 'voided', 'message');
  if (resolution !== 'done') {
    const difference = due - (message.charged_micros ?? 0n);
    const reference = `${message.id}:${state}`;
    if (difference !== 0n) {
      await trueUp(trx, {
        accountId: message.account_id,
        unit,
        amountMicros: difference,
        reference,
        hold: { id: holdId, purpose: 'message' },
      });
    }
  }
  return { micros: due, unit };
}

/** Each at most once, because the state never goes back; a message that is read was sent, and that is told first. */
async function emitEvent(
  trx: Trx,
  before: LockedMessage,
  state: MessageState,
  word: MessageWord,
): Promise<void> {
  for (const type of newsOf(before.state, state)) {
    await writeEvent(trx, {
      accountId: before.account_id,
      type,
      subject: before.id,
      occurredAt: word.at,
      data: {
        contact_id: before.contact_id,
        batch_id: before.batch_id,
        agreement_id: before.agreement_id,
        channel: 'whatsapp',
        ...(type === 'message.failed' ? { failure: word.failure ?? null } : {}),
      },
    });
  }
}

type MessageNews = Extract<EventType, `message.${string}`>;

export function newsOf(before: MessageState, after: MessageState): readonly MessageNews[] {
  const news: MessageNews[] = [];
  const wasTaken = isSent(before) || before === 'failed';
  if (!wasTaken && isSent(after)) news.push('message.sent');
  if (before === after) return news;
  if (after === 'failed') news.push('message.failed');
  if (after === 'delivered') news.push('message.delivered');
  if (after === 'read') news.push('message.read');
  return news;
}
