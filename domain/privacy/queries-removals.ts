import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** Calls that the voice provider is to take away: its relay asks until they are gone there. Asked for twice is asked for once. */
export async function insertRemovals(trx: Trx, accountId: string, calls: readonly string[]): Promise<void> {
  if (calls.length === 0) return;
  await sql`
    insert into operation.provider_removal (account_id, provider_call_id)
    select ${accountId}, id from unnest(${[...calls]}::text[]) as x (id)
        on conflict (account_id, provider_call_id) do nothing`.execute(trx);
}
