import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';

/** How far back a round looks: no transaction that writes an audit row lasts as long. */
const recent = sql`clock_timestamp() - interval '10 minutes'`;

/** `recent`: rows of the last minutes. `all`: whatever has no seal, also a row that a very long transaction wrote. */
export type SealScope = 'recent' | 'all';

/** Accounts with audit rows that no seal has; rehearsals leave after a week and are not sealed. As `tandas_system`. */
export async function accountsToSeal(system: Db, scope: SealScope, most: number): Promise<readonly string[]> {
  const { rows } = await sql<{ account_id: string }>`
    select distinct a.account_id
      from operation.audit a join catalogue.account c on c.id = a.account_id and c.kind <> 'rehearsal'
     where ${scope === 'all' ? sql`true` : sql`a.at > ${recent}`}
       and not exists (select from operation.audit_seal s where s.account_id = a.account_id and s.audit_id = a.id)
     limit ${most}`.execute(system);
  return rows.map(({ account_id }) => account_id);
}

/** False: another worker seals the account now. */
export async function takeSealing(trx: Trx): Promise<boolean> {
  const { rows } = await sql<{ taken: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('audit seal ' || core.current_account()::text, 0)) as taken`.execute(
    trx,
  );
  return rows[0]?.taken ?? false;
}

export interface SealHead {
  readonly no: bigint;
  readonly hash: Buffer;
}

/** The last link of the account's chain; undefined: it has none. */
export async function sealHead(trx: Trx): Promise<SealHead | undefined> {
  return trx
    .selectFrom('operation.audit_seal')
    .select(['no', 'hash'])
    .orderBy('no', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface UnsealedRow {
  readonly id: bigint;
  /** In microseconds: a `Date` would lose what makes two rows differ. */
  readonly at_us: bigint;
  /** Who did what to what, and when, in one form. */
  readonly said: Buffer;
  /** Of the salted detail. */
  readonly digest: Buffer;
}

/** Rows of the account without a seal, in the order in which they were written. */
export async function unsealedRows(
  trx: Trx,
  scope: SealScope,
  most: number,
): Promise<readonly UnsealedRow[]> {
  const { rows } = await sql<UnsealedRow>`
    select a.id, (extract(epoch from a.at) * 1000000)::bigint as at_us,
           convert_to(jsonb_build_array(a.id, (extract(epoch from a.at) * 1000000)::bigint,
                                        a.actor, a.action, a.subject)::text, 'UTF8') as said,
           sha256(coalesce(a.salt, '') || convert_to(a.detail::text, 'UTF8')) as digest
      from operation.audit a
     where a.account_id = core.current_account() and ${scope === 'all' ? sql`true` : sql`a.at > ${recent}`}
       and not exists (select from operation.audit_seal s where s.account_id = a.account_id and s.audit_id = a.id)
     order by a.id
     limit ${most}`.execute(trx);
  return rows;
}

export interface NewSeal {
  readonly row: UnsealedRow;
  readonly no: bigint;
  readonly hash: Buffer;
}

export async function insertSeals(trx: Trx, seals: readonly NewSeal[]): Promise<void> {
  const of = <T>(read: (seal: NewSeal) => T): readonly T[] => seals.map(read);
  await sql`
    insert into operation.audit_seal (account_id, no, audit_id, at, digest, hash)
    select core.current_account(), t.no, t.id, to_timestamp(0) + t.us * interval '1 microsecond',
           decode(t.digest, 'hex'), decode(t.hash, 'hex')
      from unnest(${of(({ no }) => no)}::bigint[], ${of(({ row }) => row.id)}::bigint[],
                  ${of(({ row }) => row.at_us)}::bigint[], ${of(({ row }) => row.digest.toString('hex'))}::text[],
                  ${of(({ hash }) => hash.toString('hex'))}::text[]) as t (no, id, us, digest, hash)`.execute(
    trx,
  );
}

/** Accounts with a chain. As `tandas_system`. */
export async function accountsWithSeals(system: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from catalogue.account c
     where exists (select from operation.audit_seal s where s.account_id = c.id) order by c.id`.execute(
    system,
  );
  return rows.map(({ id }) => id);
}
