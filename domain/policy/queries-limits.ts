import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { CallState } from '../../db/schema/schema.ts';

/** A dial, or a message, as the limits count it. */
export interface CountedContact {
  readonly kind: 'call' | 'message';
  readonly at: Date;
  readonly state: CallState | null;
  readonly ended_at: Date | null;
  readonly duration_ms: number | null;
  readonly rang: boolean | null;
  readonly human: boolean | null;
  readonly disconnection_reason: string | null;
  readonly in_voicemail: boolean | null;
  readonly same_person: boolean;
  readonly same_phone: boolean;
  /** The call runs, or has ended and what it came to is not known yet. */
  readonly is_open: boolean;
  readonly channel: 'whatsapp' | 'sms' | 'email' | null;
  readonly requested: boolean | null;
  readonly answered_at: Date | null;
}

export interface HistoryQuery {
  readonly personId: string;
  /** E.164; other people's calls to it come along. Null: the person's own only. */
  readonly e164: string | null;
  readonly since: Date;
}

/**
 * Dials to the person or to the phone, and messages to the person that were sent or may have been, in one statement. What
 * the provider itself proved not to have been a dial is left out.
 */
export async function readCounted(trx: Trx, query: HistoryQuery): Promise<readonly CountedContact[]> {
  const { personId, e164, since } = query;
  const { rows } = await sql<CountedContact>`
    select 'call' as kind, a.attempted_at as at, c.state, c.ended_at, c.duration_ms, c.rang, c.human,
           c.disconnection_reason, c.in_voicemail, a.person_id = ${personId} as same_person,
           coalesce(p.e164 = ${e164}, false) as same_phone,
           c.signalled_at is null and c.state in ('placing', 'placed', 'unknown', 'ended') as is_open,
           null as channel, null as requested, null::timestamptz as answered_at
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where a.attempted_at >= ${since} and c.state <> 'rejected'
       and (a.person_id = ${personId} or a.phone_id in (select id from core.phone where e164 = ${e164}))
    union all
    select 'message', m.counted_at, null, null, null, null, null, null, null, true, false, false, m.channel, m.requested,
           m.answered_at
      from core.person_message m
     where m.person_id = ${personId} and m.counted_at >= ${since} and m.undone_at is null
     order by at`.execute(trx);
  return rows;
}

export interface MessageToCount {
  /** The message's own id: counting it twice counts it once. */
  readonly id: string;
  readonly accountId: string;
  readonly personId: string;
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
      channel: message.channel,
      counted_at: message.at,
      requested: message.requested,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/**
 * The person wrote by this channel: the last message to them by it, if it was sent, has become a direct contact. Under
 * `lockPerson`. False: they were written to by none.
 */
export async function noteAnswer(
  trx: Trx,
  { personId, channel, at }: Pick<MessageToCount, 'personId' | 'channel' | 'at'>,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.person_message')
    .set({ answered_at: at })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('core.person_message as m')
        .select('m.id')
        .where('m.person_id', '=', personId)
        .where('m.channel', '=', channel)
        .where('m.undone_at', 'is', null)
        .where('m.counted_at', '<=', at)
        .orderBy('m.counted_at', 'desc')
        .limit(1),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
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
