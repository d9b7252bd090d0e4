import type { StopReason } from '../../db/schema/core.ts';
import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/**
 * Locks one person. Whoever is about to reach a person takes this lock before any other row of theirs, and a payment, a
 * message, a dial and the end of a call of one person so take turns: none of them decides on what another is changing.
 */
export async function lockPerson(trx: Trx, personId: string): Promise<void> {
  await trx
    .selectFrom('core.person')
    .select('id')
    .where('id', '=', personId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

/** Puts a key on the list of those not to be contacted; false when it stands there. */
export async function listKey(
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

export type RemovalSource = 'call' | 'file' | 'api' | 'message' | 'operator';

export interface StopToWrite {
  readonly accountId: string;
  readonly personId: string;
  readonly source: RemovalSource;
  readonly at: Date;
}

/** Marks a person as not to be called and puts them on the list; false when it was so before. */
export async function writeDoNotCall(
  trx: Trx,
  { accountId, personId, source, at }: StopToWrite,
): Promise<boolean> {
  const marked = await trx
    .updateTable('core.person')
    .set({ do_not_call_at: at })
    .where('id', '=', personId)
    .where('do_not_call_at', 'is', null)
    .returning('identity_key')
    .executeTakeFirst();
  if (marked === undefined) return false;
  await trx
    .insertInto('core.do_not_contact')
    .values({
      account_id: accountId,
      key: marked.identity_key,
      reason: 'la persona lo pidió',
      source,
      created_at: at,
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'key']).doUpdateSet({ lifted_at: sql<Date | null>`null` }),
    )
    .execute();
  return true;
}

/** Marks a person as stopped for a reason; false when one was there before: the first one stays. */
export async function writeStop(
  trx: Trx,
  { personId, reason, at }: StopToWrite & { readonly reason: StopReason },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.person')
    .set({ stopped_at: at, stop_reason: reason })
    .where('id', '=', personId)
    .where('stopped_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export interface DoNotContactEntry {
  /** A canonical national id, or `tel:` and a number. */
  readonly key: string;
  readonly reason: string;
  readonly source: string;
  readonly created_at: Date;
}

/** A page of the account's list of those not to be contacted, by key; `after`: the last key of the page before. */
export async function listDoNotContact(
  trx: Trx,
  { after = '', limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<readonly DoNotContactEntry[]> {
  return trx
    .selectFrom('core.do_not_contact')
    .select(['key', 'reason', 'source', 'created_at'])
    .where('lifted_at', 'is', null)
    .where('key', '>', after)
    .orderBy('key')
    .limit(limit)
    .execute();
}

/** Undefined when the account has no such person. */
export async function findPerson(
  trx: Trx,
  where: { readonly id: string } | { readonly identityKey: string },
): Promise<
  { readonly id: string; readonly identity_key: string; readonly do_not_call_at: Date | null } | undefined
> {
  const [column, value] =
    'id' in where ? (['id', where.id] as const) : (['identity_key', where.identityKey] as const);
  return trx
    .selectFrom('core.person')
    .select(['id', 'identity_key', 'do_not_call_at'])
    .where(column, '=', value)
    .executeTakeFirst();
}

/** Takes a stop away; false when there was none. */
export async function clearStop(trx: Trx, personId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.person')
    .set({ stopped_at: null, stop_reason: null })
    .where('id', '=', personId)
    .where('stopped_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Blocks a person's data; false when they were blocked: the first instant stays. */
export async function writeBlock(trx: Trx, personId: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.person')
    .set({ blocked_at: at })
    .where('id', '=', personId)
    .where('blocked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** False when nothing was blocked. */
export async function clearBlock(trx: Trx, personId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.person')
    .set({ blocked_at: null })
    .where('id', '=', personId)
    .where('blocked_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Takes a person off the list and clears their mark; false when neither was there. */
export async function clearDoNotCall(
  trx: Trx,
  person: { readonly id: string; readonly key: string; readonly at: Date },
): Promise<boolean> {
  const listed = await trx
    .updateTable('core.do_not_contact')
    .set({ lifted_at: person.at })
    .where('key', '=', person.key)
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  const marked = await trx
    .updateTable('core.person')
    .set({ do_not_call_at: null })
    .where('id', '=', person.id)
    .where('do_not_call_at', 'is not', null)
    .executeTakeFirst();
  return listed.numUpdatedRows > 0n || marked.numUpdatedRows > 0n;
}

/** Every person's row of a number, out of use; false when it was so before. */
export async function invalidateNumber(trx: Trx, e164: string, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.phone')
    .set({ invalid_at: at })
    .where('e164', '=', e164)
    .where('invalid_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Contacts of a person that are being worked: neither planned nor closed. */
export async function openContactIds(
  trx: Trx,
  personId: string,
  exceptContactId: string | null,
): Promise<readonly { readonly id: string; readonly batch_id: string }[]> {
  return trx
    .selectFrom('core.contact')
    .select(['id', 'batch_id'])
    .where('person_id', '=', personId)
    .where('state', 'not in', ['closed', 'planned'])
    .$if(exceptContactId !== null, (query) => query.where('id', '<>', exceptContactId ?? ''))
    .orderBy('id')
    .execute();
}

/**
 * Locks the contact's person and then the number that is about to be dialled: two people who share it take turns too.
 * In one order, person before number, and one of each: no two dials wait for each other. The number has no row of its own
 * (each person has theirs), so its lock is an advisory one.
 */
export async function lockPersonAndNumber(
  trx: Trx,
  { contactId, phoneId }: { readonly contactId: string; readonly phoneId: string },
): Promise<void> {
  // The number's lock is asked for by each row that comes out of `person`, which has been locked by then.
  const { rows } = await sql<{ locked: boolean }>`
    with person as materialized (
      select s.id from core.person s
       where s.id = (select person_id from core.contact where id = ${contactId}) for no key update of s
    )
    select pg_advisory_xact_lock(hashtextextended(f.account_id || ' ' || f.e164, 0)) is null as locked
      from person cross join core.phone f where f.id = ${phoneId}`.execute(trx);
  if (rows.length === 0) throw new Error(`contact ${contactId} and phone ${phoneId} are not of this account`);
}

/** A person's numbers in the order in which they are tried, those out of use too. */
export async function phonesInOrder(
  trx: Trx,
  personId: string,
): Promise<readonly { readonly id: string; readonly invalid_at: Date | null }[]> {
  return trx
    .selectFrom('core.phone')
    .select(['id', 'invalid_at'])
    .where('person_id', '=', personId)
    .orderBy('position')
    .orderBy('id')
    .execute();
}

/**
 * Files that bring people and requests about people who are not here yet take turns: else each would miss what the other one
 * has not committed, and somebody who asked for blocking would be called. Files do not wait for each other.
 */
export async function takeTurns(trx: Trx, how: 'alone' | 'with_others'): Promise<void> {
  const lock = sql.raw(how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared');
  await sql`select ${lock}(hashtextextended('arrivals ' || core.current_account()::text, 0))`.execute(trx);
}

/** Whether a phone is the first of its person, as a part of a statement. */
export function isMainPhone(phoneId: string): RawBuilder<boolean> {
  return sql<boolean>`not exists (
    select from core.phone own
      join core.phone other on other.account_id = own.account_id and other.person_id = own.person_id
                           and (other.position, other.id) < (own.position, own.id)
     where own.id = ${phoneId})`;
}
