import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** The hashes of an erased person: whoever holds one is refused from here on. */
export async function insertErasedKeys(
  trx: Trx,
  accountId: string,
  { hashes, keyId }: { readonly hashes: readonly Buffer[]; readonly keyId: string },
): Promise<void> {
  await trx
    .insertInto('core.erased_key')
    .values(hashes.map((hash) => ({ account_id: accountId, hash, key_id: keyId })))
    .onConflict((conflict) => conflict.columns(['account_id', 'hash']).doNothing())
    .execute();
}

/** Under which keys the account has hashes of people who were erased; none: nobody was. */
export async function erasedKeyIds(trx: Trx): Promise<readonly string[]> {
  const rows = await trx.selectFrom('core.erased_key').select('key_id').distinct().execute();
  return rows.map(({ key_id }) => key_id);
}

/** Those of some hashes, in hexadecimal, that are of erased people. */
export async function knownHashes(trx: Trx, hashes: readonly string[]): Promise<readonly string[]> {
  if (hashes.length === 0) return [];
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from core.erased_key
     where hash in (select decode(unnest(${hashes}::text[]), 'hex'))`.execute(trx);
  return rows.map(({ hash }) => hash);
}
