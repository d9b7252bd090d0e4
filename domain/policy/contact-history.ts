import type { Trx } from '../../db/client.ts';
import {
  type CountedCall,
  type HistoryQuery,
  readCountedCalls,
  readCountedMessages,
} from './queries-limits.ts';
import { readDisconnection } from '../calls/rules/disconnection.ts';
import type { ContactHistory, PastCall } from './rules/history.ts';

/** Far enough back for every pack: the longest period is a week, and gaps are shorter. */
export const lookBackMs = 40 * 86_400_000;

/**
 * What the limits of a pack count, for a dial (with its phone) or a message (`e164` null). Under `lockPerson`, where
 * something is decided on it.
 */
export async function readContactHistory(
  trx: Trx,
  query: Omit<HistoryQuery, 'since'> & { readonly atMs: number },
): Promise<ContactHistory> {
  const since = new Date(query.atMs - lookBackMs);
  const calls = await readCountedCalls(trx, { ...query, since });
  const messages = await readCountedMessages(trx, { ...query, since });
  return {
    calls: calls.map(pastCall),
    messages: messages.map(({ counted_at, channel, requested }) => ({
      atMs: counted_at.getTime(),
      channel,
      requested,
    })),
  };
}

function pastCall(row: CountedCall): PastCall {
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
    atMs: row.attempted_at.getTime(),
    endedAtMs: row.ended_at?.getTime() ?? null,
    samePerson: row.same_person,
    samePhone: row.same_phone,
    rang: isSilent ? false : row.rang,
    human: isSilent ? false : row.human,
    declined: reading?.class === 'declined',
    voicemail: row.in_voicemail === true || reading?.class === 'voicemail',
  };
}
