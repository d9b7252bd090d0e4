import type { Trx } from '../../db/client.ts';
import { readDisconnection } from '../calls/rules/disconnection.ts';
import { type CountedContact, type HistoryQuery, readCounted } from './queries-limits.ts';
import type { ContactHistory, PastCall, PastMessage } from './rules/history.ts';
import { lookBackDays } from './rules/parse.ts';

/** Far enough back for every pack: none that counts over more is read. */
export const lookBackMs = lookBackDays * 86_400_000;

/** What has happened between an account and a person, and whether something happens now. */
export interface Past {
  readonly history: ContactHistory;
  /** A call of this person runs, or has ended and is not understood yet: a human may just have answered. */
  readonly onCall: boolean;
}

/**
 * What the limits of a pack count, for a dial (with its phone) or a message (`e164` null). Under the person's lock, and
 * the number's for a dial, where something is decided on it: then every dial of the day is in it.
 */
export async function readPast(
  trx: Trx,
  { atMs, ...query }: Omit<HistoryQuery, 'since'> & { readonly atMs: number },
): Promise<Past> {
  const counted = await readCounted(trx, { ...query, since: new Date(atMs - lookBackMs) });
  return {
    history: {
      calls: counted.flatMap((one) => (one.kind === 'call' ? [pastCall(one)] : [])),
      messages: counted.flatMap(pastMessage),
    },
    onCall: counted.some((one) => one.same_person && one.is_open),
  };
}

function pastMessage({ at, channel, requested, answered_at }: CountedContact): readonly PastMessage[] {
  if (channel === null) return [];
  const answeredAtMs = answered_at?.getTime() ?? null;
  return [{ atMs: at.getTime(), channel, requested: requested === true, answeredAtMs }];
}

function pastCall(row: CountedContact): PastCall {
  const reading =
    row.disconnection_reason === null
      ? undefined
      : readDisconnection(row.disconnection_reason, {
          durationMs: row.duration_ms ?? undefined,
          inVoicemail: row.in_voicemail ?? undefined,
        });
  // Proven never to have been placed: an attempt, and nothing that anybody heard.
  const isSilent = row.state === 'absent';
  return {
    atMs: row.at.getTime(),
    endedAtMs: row.ended_at?.getTime() ?? null,
    samePerson: row.same_person,
    samePhone: row.same_phone,
    rang: isSilent ? false : row.rang,
    human: isSilent ? false : row.human,
    declined: reading?.class === 'declined',
    voicemail: row.in_voicemail === true || reading?.class === 'voicemail',
  };
}
