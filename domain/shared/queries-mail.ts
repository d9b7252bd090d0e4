import { sql } from 'kysely';
import type { Database, Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';

export const MAIL_CHANNEL = 'tandas_mail';

export interface NewMail {
  readonly accountId: string;
  /** The same one twice is one mail. */
  readonly dedupeKey: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
}

/** Leaves a mail to be sent, if and only if the caller's transaction commits. */
export async function insertMail(trx: Trx, mail: NewMail): Promise<void> {
  const { accountId, dedupeKey, recipient, subject, body } = mail;
  await sql`
    insert into operation.mail (account_id, dedupe_key, recipient, subject, body)
    values (${accountId}, ${dedupeKey}, ${recipient}, ${subject}, ${body})
    on conflict (dedupe_key) do nothing`.execute(trx);
  await sql`select pg_notify(${MAIL_CHANNEL}, '')`.execute(trx);
}

export interface DueMail {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly body: string;
  /** This one counted. */
  readonly tries: number;
}

/** Mails whose time has come, taken for some time: whoever dies with one leaves it to be due again. */
export async function takeMails(
  system: Database,
  { limit, claimMs }: { readonly limit: number; readonly claimMs: number },
): Promise<readonly DueMail[]> {
  const { rows } = await sql<DueMail>`
    update operation.mail m
       set tries = m.tries + 1, due_at = clock_timestamp() + ${claimMs} * interval '1 millisecond'
      from (
        select id from operation.mail
         where state = 'waiting' and due_at <= clock_timestamp()
         order by due_at limit ${limit} for update skip locked
      ) due
     where m.id = due.id
    returning m.id, m.recipient, m.subject, m.body, m.tries`.execute(system);
  return rows;
}

/** Sent: its text goes, as it may hold what opens an account. */
export async function markMailSent(system: Database, id: string): Promise<void> {
  await sql`
    update operation.mail set state = 'sent', body = '', error = null, ended_at = clock_timestamp()
     where id = ${id} and state = 'waiting'`.execute(system);
}

/** Not sent: again after a while, or never (`retryMs` null). */
export async function markMailFailed(
  system: Database,
  id: string,
  { error, retryMs }: { readonly error: string; readonly retryMs: number | null },
): Promise<void> {
  await (
    retryMs === null
      ? sql`
    update operation.mail set state = 'dead', body = '', error = ${error}, ended_at = clock_timestamp()
     where id = ${id} and state = 'waiting'`
      : sql`
    update operation.mail set error = ${error}, due_at = clock_timestamp() + ${retryMs} * interval '1 millisecond'
     where id = ${id} and state = 'waiting'`
  ).execute(system);
}

export interface MailRow {
  readonly id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly state: 'waiting' | 'sent' | 'dead';
  readonly tries: number;
  readonly error: string | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** Mails of the transaction's account, the newest first. */
export async function listMails(
  trx: Trx,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<readonly MailRow[]> {
  let query = trx
    .selectFrom('operation.mail')
    .select(['id', 'recipient', 'subject', 'state', 'tries', 'error', 'created_at', 'ended_at'])
    .where('account_id', 'is not', null);
  if (after !== undefined) {
    const place = { table: 'operation.mail', by: ['created_at', 'id'], order: 'desc', after } as const;
    query = query.where(isBehind(place));
  }
  return query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
}
