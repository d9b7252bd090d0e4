import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

export interface RefusedMessage {
  readonly accountId: string;
  /** Whose workflow refused it: 'contact workflow'. */
  readonly actor: string;
  /** The contact, batch or rehearsal. */
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  /** The field and what was expected; nothing of the content. */
  readonly why: string;
  /** The same refusal has the same key. */
  readonly key: string;
}

/**
 * A message that could not be read, or a command that failed for good: one audit row, however often it is written.
 * False: it stands already.
 */
export async function writeRefusedMessage(trx: Trx, refused: RefusedMessage): Promise<boolean> {
  const { accountId, actor, subject, ...detail } = refused;
  const key = JSON.stringify({ key: refused.key });
  const { numAffectedRows } = await sql`
    insert into operation.audit (account_id, actor, action, subject, detail)
    select ${accountId}, ${actor}, 'message.refused', ${subject}, ${JSON.stringify(detail)}::jsonb
     where not exists (
       select from operation.audit
        where account_id = ${accountId} and subject = ${subject} and action = 'message.refused'
          and detail @> ${key}::jsonb)`.execute(trx);
  return numAffectedRows === 1n;
}
