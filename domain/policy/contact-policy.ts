import type { Trx } from '../../db/client.ts';
import { readPast } from './contact-history.ts';
import { readStanding } from './queries-standing.ts';
import type { Zones } from './rules/calendar.ts';
import { gate } from './rules/gate.ts';
import type { MessageChannel } from './rules/history.ts';
import { messageGate } from './rules/message-gate.ts';
import type { RulePack } from './rules/pack.ts';
import type { RefusalReason } from './rules/refusal.ts';

/** What a contact is judged by. A batch's terms are one source of it. */
export interface ContactTerms {
  /** For one purpose, with the holidays that hold where the person lives (`packHolding`). */
  readonly pack: RulePack;
  /** Dials to one person on one day; the pack may allow fewer. */
  readonly callsPerDay: number;
}

/** By which way the person would be reached. */
export type ContactChannel =
  | {
      readonly kind: 'phone';
      readonly callerId: string;
    }
  | {
      readonly kind: MessageChannel;
      /** The person left this channel (an opt-out, an undeliverable address). */
      readonly isClosed: boolean;
    };

export interface ContactQuestion {
  readonly personId: string;
  /** The number, as a row of the account. */
  readonly phoneId: string;
  readonly channel: ContactChannel;
  readonly terms: ContactTerms;
  readonly zones: Zones;
  readonly atMs: number;
  /** The last instant at which what is begun now may still leave. */
  readonly latestMs: number;
  /** The person asked for this contact themselves; an operator's wish is none of theirs. */
  readonly requestedByPerson: boolean;
  /** By a provider that reaches nobody. */
  readonly simulated: boolean;
}

export type ContactVerdict =
  | {
      readonly allowed: true;
      readonly e164: string;
      /** Rules that would have forbidden it, had the person not asked for it; on record with the contact. */
      readonly waived: readonly string[];
    }
  | {
      readonly allowed: false;
      readonly reason: RefusalReason;
      readonly rule: string;
      readonly notBeforeMs: number | null;
    };

/**
 * May this account reach this person at this number, by this channel, for its pack's purpose, at this instant? The one
 * gate of calls and messages, in the transaction that records the contact, under the person's lock (`lockPerson`), for a
 * call the number's as well (`lockPersonAndNumber`): nobody else can be on the way to the same person then.
 */
export async function judgeContact(trx: Trx, question: ContactQuestion): Promise<ContactVerdict> {
  const { personId, phoneId, channel, terms, zones, atMs, latestMs } = question;
  const standing = await readStanding(trx, personId, phoneId);
  if (standing === undefined) throw new Error(`phone ${phoneId} is not one of this account`);
  const { e164, unwanted, blocked, invalid } = standing;
  const past = await readPast(trx, { personId, atMs, e164: channel.kind === 'phone' ? e164 : null });
  const { pack, callsPerDay } = terms;
  const { requestedByPerson, simulated } = question;
  const { history } = past;
  const common = { atMs, pack, zones, history, blocked, stop: null, requestedByPerson } as const;
  const verdict =
    channel.kind === 'phone'
      ? gate({
          ...common,
          latestDialMs: latestMs,
          callsPerDay,
          doNotCall: unwanted,
          phoneInvalid: invalid,
          onCall: past.onCall,
          callerId: channel.callerId,
          simulatedPool: simulated,
        })
      : messageGate({
          ...common,
          latestSendMs: latestMs,
          channel: channel.kind,
          doNotContact: unwanted,
          channelClosed: channel.isClosed,
          simulatedChannel: simulated,
        });
  if (verdict.allowed) return { allowed: true, e164, waived: verdict.waived };
  const { reason, rule, notBeforeMs } = verdict;
  return { allowed: false, reason, rule, notBeforeMs: notBeforeMs ?? null };
}
