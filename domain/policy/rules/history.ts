/**
 * What has happened between an account and one person, as the limits of a rule pack count it: numbers and flags, no
 * database and no clock. Read by `domain/policy/queries-limits.ts` under the person's row lock.
 */

/** Channels that are not the phone. */
export type MessageChannel = 'whatsapp' | 'sms' | 'email';

/** One dial that counts: a dial that the provider proved not to have been made is not in the list. */
export interface PastCall {
  readonly atMs: number;
  /** When it ended; null while it runs or its end is unknown. */
  readonly endedAtMs: number | null;
  /** False: another person's call, which is here because it rang the same phone. */
  readonly samePerson: boolean;
  readonly samePhone: boolean;
  /** Null: not known. Counts as rung: a lost answer must not open a way around a limit. */
  readonly rang: boolean | null;
  /** A person picked up. Null: not known, and counts as one. */
  readonly human: boolean | null;
  /** The person pushed the call away. Some readings of the law call that a contact. */
  readonly declined: boolean;
  /** An answering machine took it. */
  readonly voicemail: boolean;
}

/** One message that was sent, or may have been. */
export interface PastMessage {
  readonly atMs: number;
  readonly channel: MessageChannel;
  /** The person asked for it on a call. It counts in the register, and against no limit. */
  readonly requested: boolean;
  /** When the person last answered it; null: they have not. An answer makes it a direct contact. */
  readonly answeredAtMs: number | null;
}

/** As far back as the longest period of the pack (`lookBackDays`). Any order. */
export interface ContactHistory {
  readonly calls: readonly PastCall[];
  readonly messages: readonly PastMessage[];
}

export const noHistory: ContactHistory = { calls: [], messages: [] };
