import type { Zones } from './calendar.ts';
import type { ContactHistory, MessageChannel } from './history.ts';
import type { RulePack } from './pack.ts';
import type { RefusalReason } from './refusal.ts';
import type { StopCause } from './stop.ts';

/**
 * Everything that is looked at before a message is sent, read under the person's row lock (`core.person` FOR NO KEY
 * UPDATE, which the dial's gate takes first as well) in the transaction that records the message.
 */
export interface MessageGateFacts {
  /** The database's clock in live mode; the workflow's virtual clock in a rehearsal. */
  readonly atMs: number;
  /** The last instant at which the message may leave: it must be allowed as well. */
  readonly latestSendMs: number;
  readonly channel: MessageChannel;
  readonly pack: RulePack;
  readonly zones: Zones;
  /** `readContactHistory(trx, …)` of operations/contact-history.ts, with `e164: null`. */
  readonly history: ContactHistory;
  /** The person asked for no contact (`core.person.do_not_call_at`). */
  readonly doNotContact: boolean;
  /** The person left this channel (a WhatsApp opt-out, an undeliverable address). */
  readonly channelClosed: boolean;
  /** What ended the contact with this person; null when nothing did. */
  readonly stop: StopCause | null;
  /** The person asked for this message on a call: limits are waived, and the waiver is in the verdict. */
  readonly requestedByPerson: boolean;
  readonly simulatedChannel: boolean;
}

export type MessageVerdict =
  | {
      readonly allowed: true;
      /** Rules that would have forbidden it, had the person not asked for it. Goes into the audit row. */
      readonly waived: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly reason: RefusalReason;
      /** Which rule of which pack, in words for the audit row. */
      readonly rule: string;
      /** The first instant at which that rule lets go; null: never by itself. */
      readonly notBeforeMs: number | null;
    };

/** May this message be sent at this instant? Pure; the most absolute reasons come first. */
export function messageGate(facts: MessageGateFacts): MessageVerdict {
  throw new Error(`not written yet: ${facts.channel}`);
}
