import type { ChannelFault } from '../shared/rules/channel-faults.ts';
import type { MessageStatus } from './rules/status.ts';
/** The port to a channel that carries written messages; WhatsApp's Cloud API is behind it. */

export interface TemplateMessage {
  /** E.164. */
  readonly to: string;
  readonly template: string;
  /** As the template was approved, e.g. `es_CL`. */
  readonly language: string;
  /** Values of the body's placeholders, in their order. */
  readonly bodyValues: readonly string[];
  /** What is put behind the fixed address of the template's button; undefined: it has none. */
  readonly buttonSuffix?: string;
  /** Comes back in every status of this message: our own id for it. */
  readonly callbackData: string;
}

/**
 * What may be done about an error of the channel. `retry`: again soon. `tomorrow`: not before the next day.
 * `change_channel`: this person cannot be reached here. `stop`: our account or template is at fault; an operator acts.
 */
export type FailureClass = 'retry' | 'tomorrow' | 'change_channel' | 'stop';

export type SendAnswer =
  | { readonly kind: 'accepted'; readonly providerMessageId: string }
  /** The channel's own no: nothing was sent. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly class: FailureClass;
      readonly detail: string;
      /** The channel's; null: it speaks of the person. */
      readonly fault: ChannelFault | null;
    }
  /** No answer, or one that says nothing: the message may be on its way. */
  | { readonly kind: 'unknown'; readonly detail: string };

/** An account's own number at the channel. */
export interface SenderAccount {
  readonly phoneNumberId: string;
  readonly accessToken: string;
}

/** Opens the channel with an account's own credentials. Whoever puts the parts together decides which one. */
export type OpenMessageSender = (account: SenderAccount) => MessageSender;

export interface MessageSender {
  /** One attempt; never throws for what the channel says or leaves unsaid. */
  sendTemplate(message: TemplateMessage, signal: AbortSignal): Promise<SendAnswer>;
}

export interface StatusReport {
  readonly providerMessageId: string;
  readonly status: MessageStatus;
  readonly atMs: number;
  /** Our id for the message, when the channel gave it back. */
  readonly callbackData: string | undefined;
  /** Of a failure. */
  readonly code: string | undefined;
  /** Of a failure: what may be done about it. */
  readonly failureClass: FailureClass | undefined;
  /** Of a failure: the channel's; null: it speaks of the person. */
  readonly fault: ChannelFault | null;
  readonly detail: string | undefined;
}

/** What somebody wrote to the account's number. */
export interface InboundMessage {
  readonly providerMessageId: string;
  /** E.164; undefined: the channel knows them by an id of its own alone. */
  readonly from: string | undefined;
  /** Empty: it has no words (a voice, a picture). */
  readonly text: string;
  /** The channel's id of our message that it answers. */
  readonly repliesTo: string | undefined;
}

/** What somebody has set in the channel's own app. */
export interface ChannelPreference {
  /** E.164. */
  readonly from: string;
  readonly wants: 'stop' | 'resume';
  /** The same one again has the same key. */
  readonly key: string;
}
