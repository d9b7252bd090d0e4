import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { lockPerson } from './queries.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { stopPerson } from './stops.ts';

export type RemovalSource = 'call' | 'file' | 'api' | 'message' | 'operator';

export interface NumberToSuppress {
  readonly accountId: string;
  readonly e164: string;
  readonly source: RemovalSource;
  readonly at: Date;
}

/**
 * Nobody of the account calls this number again, whosever it is in a file: the list, and every person's row of it.
 * False when it had been said before and nothing changed.
 */
export async function suppressNumber(
  trx: Trx,
  { accountId, e164, source, at }: NumberToSuppress,
): Promise<boolean> {
  const listed = await listKey(trx, { accountId, key: `tel:${e164}`, source, at });
  const { numUpdatedRows } = await trx
    .updateTable('core.phone')
    .set({ invalid_at: at })
    .where('e164', '=', e164)
    .where('invalid_at', 'is', null)
    .executeTakeFirst();
  if (!listed && numUpdatedRows === 0n) return false;
  await writeAudit(trx, {
    accountId,
    actor: source,
    action: 'number.suppressed',
    subject: 'tel',
    detail: {},
  });
  return true;
}

export interface PersonToRemove {
  readonly accountId: string;
  /** Canonical national id; a person who is in no batch yet is on the list all the same. */
  readonly nationalId: string;
  readonly source: RemovalSource;
  readonly at: Date;
}

/** Takes a person out of everything: list, flag, and a signal to each of their contacts. False: nothing changed. */
export async function removePerson(trx: Trx, removal: PersonToRemove): Promise<boolean> {
  const { accountId, nationalId, source, at } = removal;
  const listed = await listKey(trx, { accountId, key: nationalId, source, at });
  const person = await trx
    .selectFrom('core.person')
    .select(['id', 'do_not_call_at'])
    .where('identity_key', '=', nationalId)
    .executeTakeFirst();
  if (person === undefined) return listed;
  await lockPerson(trx, person.id);
  await stopPerson(trx, {
    accountId,
    personId: person.id,
    reason: 'do_not_call',
    source,
    exceptContactId: null,
    at,
  });
  return listed || person.do_not_call_at === null;
}

async function listKey(
  trx: Trx,
  row: {
    readonly accountId: string;
    readonly key: string;
    readonly source: RemovalSource;
    readonly at: Date;
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into core.do_not_contact (account_id, key, reason, source, created_at)
    values (${row.accountId}, ${row.key}, 'la persona lo pidió', ${row.source}, ${row.at})
    on conflict (account_id, key) do update set lifted_at = null, source = excluded.source,
           created_at = excluded.created_at
     where do_not_contact.lifted_at is not null
    returning key`.execute(trx);
  return rows.length > 0;
}
