import { forMessages, type Zones } from './calendar.ts';
import { blockedInWords, stopInWords, windowBreaches } from './gate.ts';
import type { ContactHistory, MessageChannel } from './history.ts';
import { type Breach, limitBreaches } from './limits.ts';
import { otherChannelBreaches } from './one-channel.ts';
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
  /** `readContactHistory(trx, …)` of domain/policy/contact-history.ts, with `e164: null`. */
  readonly history: ContactHistory;
  /** The person asked for no contact (`core.person.do_not_call_at`). */
  readonly doNotContact: boolean;
  /** The person asked for their data to be blocked, and nobody has lifted it (`core.person.blocked_at`). */
  readonly blocked: boolean;
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
  const name = `${facts.pack.key}@${facts.pack.version}`;
  const breaches = messageBreaches(facts);
  const isWaived = (breach: Breach): boolean => breach.waivable && facts.requestedByPerson;
  const [first] = breaches.filter((breach) => !isWaived(breach));
  if (first === undefined) {
    return { allowed: true, waived: breaches.filter(isWaived).map(({ rule }) => `${name}: ${rule}`) };
  }
  const { reason, rule, notBeforeMs } = first;
  return { allowed: false, reason, rule: `${name}: ${rule}`, notBeforeMs };
}

/** Every rule that forbids this message or would without the person's wish, the one to be named first. */
export function messageBreaches(facts: MessageGateFacts): readonly Breach[] {
  const { atMs, zones, history } = facts;
  const pack = forMessages(facts.pack);
  const never = (reason: RefusalReason, rule: string, es: string): Breach => ({
    reason,
    rule,
    es,
    notBeforeMs: null,
    waivable: false,
  });
  const absolute: Breach[] = [];
  if (facts.doNotContact) absolute.push(never('do_not_call', ...stopInWords.do_not_call));
  if (facts.blocked) absolute.push(never('blocked', ...blockedInWords));
  if (facts.stop !== null && pack.stopOn.includes(facts.stop)) {
    absolute.push(never('stopped', ...stopInWords[facts.stop]));
  }
  if (facts.channelClosed)
    absolute.push(
      never('channel_closed', `the person left ${facts.channel}`, `la persona dejó ${facts.channel}`),
    );
  if (pack.simulatedOnly && !facts.simulatedChannel) {
    absolute.push(
      never('simulated_only', 'only with a provider that reaches nobody', 'solo con un canal simulado'),
    );
  }
  const [zone] = zones;
  const counted = [
    // Whether or not a limit says so, a message that the person asked for goes out: it is their own.
    ...limitBreaches('messaging', { atMs, zone, pack, history }).map((one) => ({ ...one, waivable: true })),
    ...otherChannelBreaches(facts.channel, { atMs, zone, pack, history }),
  ].toSorted((left, right) => (right.notBeforeMs ?? Infinity) - (left.notBeforeMs ?? Infinity));
  return [...absolute, ...windowBreaches(pack, zones, atMs, facts.latestSendMs), ...counted];
}
