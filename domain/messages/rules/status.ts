/** What a channel reports of a message, in no order and any number of times. */
export type MessageStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** A message as it stands, from under way to read. */
export type MessageState =
  'sending' | 'unknown' | 'absent' | 'accepted' | 'sent' | 'failed' | 'delivered' | 'read';

/**
 * How much each state knows. Statuses come out of order and repeated, `delivered` may never come when `read` does, and
 * may come after `failed`: a message that was on the phone was not lost. The higher one holds, so that the order of
 * their coming never matters.
 */
const rank: Readonly<Record<MessageState, number>> = {
  sending: 0,
  unknown: 1,
  absent: 2,
  accepted: 3,
  sent: 4,
  failed: 5,
  delivered: 6,
  read: 7,
};

/** The state after one more word of the channel. Never goes back. */
export function mergeState(state: MessageState, word: MessageStatus | MessageState): MessageState {
  return rank[word] > rank[state] ? word : state;
}

/** The channel has taken it, and has not said that it failed: it is paid for. */
export function isSent(state: MessageState): boolean {
  return state === 'accepted' || state === 'sent' || state === 'delivered' || state === 'read';
}

/** Known never to have reached anybody: it counts against no limit. */
export function isProvenUnsent(state: MessageState): boolean {
  return state === 'failed' || state === 'absent';
}
