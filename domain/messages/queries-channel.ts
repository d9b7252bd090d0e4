import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** On the account's list of those not to be contacted: before a number that is not to be written to by WhatsApp. */
export const keyOfChannel = 'whatsapp:';
/** The channel's code of a failure: the person stopped messages of this kind in its app. */
export const stoppedCode = '131050';

/**
 * Nothing is written to this person by this channel: nobody is there at this number, by the channel's own word about an
 * earlier message; or the person left it, by whichever of their numbers.
 */
export async function isChannelClosed(trx: Trx, phoneId: string): Promise<boolean> {
  const { rows } = await sql<{ closed: boolean }>`
    with last as (
      select s.failure_class, s.failure
        from operation.message m join operation.message_state s on s.message_id = m.id
       where m.phone_id = ${phoneId} and s.state not in ('sending', 'unknown', 'absent')
       order by m.at desc limit 1
    ), own as (
      select x.lifted_at, f.id as phone_id
        from core.phone p
        join core.phone f on f.person_id = p.person_id
        join core.do_not_contact x on x.account_id = f.account_id and x.key = ${keyOfChannel} || f.e164
       where p.id = ${phoneId}
    )
    select exists (select from own where lifted_at is null)
        or exists (select from last
                    where failure_class = 'change_channel'
                      -- Who stopped our messages and wants them again is reached again.
                      and not (split_part(failure, ':', 1) = ${stoppedCode}
                               and exists (select from own where phone_id = ${phoneId} and lifted_at is not null)))
        as closed`.execute(trx);
  return rows[0]?.closed === true;
}

/** A number as it is dialled; undefined when the account has no such row. */
export async function numberOfPhone(trx: Trx, phoneId: string): Promise<string | undefined> {
  const row = await trx.selectFrom('core.phone').select('e164').where('id', '=', phoneId).executeTakeFirst();
  return row?.e164;
}

/** Whose message of ours it is that somebody answers; undefined: nobody's of this account. */
export async function personOfMessage(trx: Trx, providerMessageId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('operation.message as m')
    .innerJoin('operation.message_state as s', 's.message_id', 'm.id')
    .select('m.person_id')
    .where('s.provider_message_id', '=', providerMessageId)
    .executeTakeFirst();
  return row?.person_id;
}

/** Everybody of the account who has this number, whoever was written to there last first. */
export async function peopleOfNumber(
  trx: Trx,
  e164: string,
): Promise<readonly { readonly personId: string; readonly writtenAt: Date | null }[]> {
  return trx
    .selectFrom('core.phone as f')
    .leftJoin('operation.message as m', 'm.phone_id', 'f.id')
    .select(['f.person_id as personId', (eb) => eb.fn.max('m.at').as('writtenAt')])
    .where('f.e164', '=', e164)
    .groupBy('f.person_id')
    .orderBy('writtenAt', (order) => order.desc().nullsLast())
    .orderBy('f.person_id')
    .execute();
}

/** Takes a key off the list; false when it was not there. */
export async function unlistKey(trx: Trx, key: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.do_not_contact')
    .set({ lifted_at: at })
    .where('key', '=', key)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
