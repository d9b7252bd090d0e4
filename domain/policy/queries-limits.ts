import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { CallState } from '../../db/schema/schema.ts';

export interface CountedCall {
  readonly attempted_at: Date;
  readonly state: CallState;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly rang: boolean | null;
  readonly human: boolean | null;
  readonly disconnection_reason: string | null;
  readonly in_voicemail: boolean | null;
  readonly same_person: boolean;
  readonly same_phone: boolean;
}

export interface CountedMessage {
  readonly counted_at: Date;
  readonly channel: 'whatsapp' | 'sms' | 'email';
  readonly requested: boolean;
}

export interface HistoryQuery {
  readonly personId: string;
  /** E.164; other people's calls to it come along. Null: the person's own only. */
  readonly e164: string | null;
  readonly realm: string;
  readonly since: Date;
}

/** Dials to the person or to the phone. What the provider itself proved not to have been one is left out. */
export async function readCountedCalls(trx: Trx, query: HistoryQuery): Promise<readonly CountedCall[]> {
  const { rows } = await sql<CountedCall>`
    select a.attempted_at, c.state, c.ended_at, c.duration_ms, c.rang, c.human, c.disconnection_reason,
           c.in_voicemail, a.person_id = ${query.personId} as same_person,
           coalesce(p.e164 = ${query.e164}, false) as same_phone
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where a.realm = ${query.realm} and a.attempted_at >= ${query.since} and c.state <> 'rejected'
       and (a.person_id = ${query.personId}
            or a.phone_id in (select id from core.phone where e164 = ${query.e164}))
     order by a.attempted_at`.execute(trx);
  return rows;
}

/** Messages to the person that were sent, or may have been. */
export async function readCountedMessages(
  trx: Trx,
  query: Omit<HistoryQuery, 'e164'>,
): Promise<readonly CountedMessage[]> {
  return trx
    .selectFrom('core.person_message')
    .select(['counted_at', 'channel', 'requested'])
    .where('person_id', '=', query.personId)
    .where('realm', '=', query.realm)
    .where('counted_at', '>=', query.since)
    .where('undone_at', 'is', null)
    .orderBy('counted_at')
    .execute();
}

export interface MessageToCount {
  /** The message's own id: counting it twice counts it once. */
  readonly id: string;
  readonly accountId: string;
  readonly personId: string;
  readonly realm: string;
  readonly channel: 'whatsapp' | 'sms' | 'email';
  readonly at: Date;
  readonly requested: boolean;
}

/** In the transaction of the message's gate, under `lockPerson`. */
export async function countMessage(trx: Trx, message: MessageToCount): Promise<void> {
  await trx
    .insertInto('core.person_message')
    .values({
      id: message.id,
      account_id: message.accountId,
      person_id: message.personId,
      realm: message.realm,
      channel: message.channel,
      counted_at: message.at,
      requested: message.requested,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Only with proof that it was not sent: one whose answer was lost counts. */
export async function uncountMessage(trx: Trx, messageId: string, at: Date): Promise<void> {
  await trx
    .updateTable('core.person_message')
    .set({ undone_at: at })
    .where('id', '=', messageId)
    .where('undone_at', 'is', null)
    .execute();
}
