import { sql } from 'kysely';
import { createBatch, newAccount, usd } from '../../../test/support/world.ts';
import type { DatabaseWorld } from '../lib/database-world.ts';

/** Requests of some accounts, each to be held for once. */
export interface LedgerBook {
  readonly accountIds: readonly string[];
  next(): { readonly accountId: string; readonly requestId: string; readonly batchId: string };
}

/** Enough for two minutes of the fastest machine that this was tried on. */
const requests = 120_000;

export async function createBook(world: DatabaseWorld, accounts: number): Promise<LedgerBook> {
  const first = await newAccount(world.app, world.poolId, 1_000_000n * usd);
  const accountIds = accounts === 1 ? [first] : await copies(world, first, accounts);
  const contacts: { readonly accountId: string; readonly contactId: string; readonly batchId: string }[] = [];
  for (const accountId of accountIds) {
    const { batchId, contacts: made } = await createBatch(world, {
      accountId,
      mode: 'live',
      policy: 'demo',
      pack: 'demo',
      people: [{ phones: [] }],
    });
    contacts.push({ accountId, contactId: made[0]?.contactId ?? '', batchId });
  }
  // Withdrawn: the dispatcher leaves them alone; a hold does not ask.
  await sql`
    insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key, priority,
                                   eligible_at, deadline_at, state)
    select c.contact_id || ':1:' || n, c.account_id, ${world.poolId}, c.batch_id, c.contact_id, 'none', 1,
           now(), now() + interval '1 day', 'withdrawn'
      from unnest(${contacts.map(({ accountId }) => accountId)}::uuid[],
                  ${contacts.map(({ contactId }) => contactId)}::uuid[],
                  ${contacts.map(({ batchId }) => batchId)}::uuid[]) as c (account_id, contact_id, batch_id)
     cross join generate_series(1, ${Math.ceil(requests / accounts)}::int) n`.execute(world.owner);
  await sql`vacuum analyze core.line_request`.execute(world.owner);
  let count = 0;
  return {
    accountIds,
    next() {
      const { accountId, contactId, batchId } = contacts[count % accounts] ?? none;
      const number = Math.floor(count / accounts) + 1;
      count += 1;
      return { accountId, batchId, requestId: `${contactId}:1:${number}` };
    },
  };
}

const none = { accountId: '', contactId: '', batchId: '' };

async function copies(world: DatabaseWorld, first: string, accounts: number): Promise<readonly string[]> {
  const accountIds = [first];
  while (accountIds.length < accounts) {
    const some = Math.min(10, accounts - accountIds.length);
    const made = Array.from({ length: some }, () => newAccount(world.app, world.poolId, 1_000n * usd));
    accountIds.push(...(await Promise.all(made)));
  }
  return accountIds;
}
