import { sql } from 'kysely';
import type { Database } from '../../db/client.ts';

/** Longer than any code of an authenticator is taken (three steps of 30 s). */
const keptMinutes = 10;

/** Takes a code for its person, once: false when it had been taken. As `tandas_identity`. */
export async function claimCode(identity: Database, userId: string, codeHash: string): Promise<boolean> {
  await sql`
    delete from identity.used_code
     where user_id = ${userId} and used_at < clock_timestamp() - ${keptMinutes} * interval '1 minute'`.execute(
    identity,
  );
  const { numAffectedRows = 0n } = await sql`
    insert into identity.used_code (user_id, code_hash) values (${userId}, ${codeHash})
    on conflict do nothing`.execute(identity);
  return numAffectedRows > 0n;
}

export async function insertSignInLink(
  identity: Database,
  link: { readonly tokenHash: string; readonly userId: string; readonly minutes: number },
): Promise<void> {
  const { tokenHash, userId, minutes } = link;
  await sql`
    insert into identity.sign_in_link (token_hash, user_id, expires_at)
    values (${tokenHash}, ${userId}, clock_timestamp() + ${minutes} * interval '1 minute')`.execute(identity);
}

/** Whose link it is, and it is used up; undefined for one that is not there, was used, or has ended. */
export async function useSignInLink(identity: Database, tokenHash: string): Promise<string | undefined> {
  const { rows } = await sql<{ user_id: string }>`
    update identity.sign_in_link set used_at = clock_timestamp()
     where token_hash = ${tokenHash} and used_at is null and expires_at > clock_timestamp()
    returning user_id`.execute(identity);
  return rows[0]?.user_id;
}

/** A mail of a person and no account: sent once for each dedupe key. As `tandas_identity`. */
export async function insertPersonalMail(
  identity: Database,
  mail: {
    readonly dedupeKey: string;
    readonly recipient: string;
    readonly subject: string;
    readonly body: string;
  },
): Promise<void> {
  const { dedupeKey, recipient, subject, body } = mail;
  // No `on conflict`: it would have to read what this role cannot see. A token is new in each of them.
  await sql`
    insert into operation.mail (dedupe_key, recipient, subject, body)
    values (${dedupeKey}, ${recipient}, ${subject}, ${body})`.execute(identity);
}

/** The session of an id that is its person's own. */
export async function sessionToken(
  identity: Database,
  { userId, id }: { readonly userId: string; readonly id: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ token: string }>`
    select token from identity.session where id = ${id} and "userId" = ${userId}`.execute(identity);
  return rows[0]?.token;
}

export async function deleteSessions(identity: Database): Promise<number> {
  const { numAffectedRows = 0n } = await sql`delete from identity.session`.execute(identity);
  return Number(numAffectedRows);
}
