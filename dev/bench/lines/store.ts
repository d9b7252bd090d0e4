import { sql } from 'kysely';
import { createBatch, newAccount, usd } from '../../../test/support/world.ts';
import type { DatabaseWorld } from '../lib/database-world.ts';
import { accounts, type Contact } from './load.ts';

export interface Stored {
  readonly accountIds: readonly string[];
  readonly batchIds: readonly string[];
}

/** Where a contact's rows and requests are found again. */
export const contactIdOf = ({ id }: Contact): string =>
  `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
export const requestIdOf = (contact: Contact, call: number): string =>
  `${contactIdOf(contact)}:1:${call + 1}`;

/** Accounts with credit for every call, and their people waiting for a line, in the order of the load. */
export async function storeContacts(world: DatabaseWorld, contacts: readonly Contact[]): Promise<Stored> {
  const accountIds: string[] = [];
  const batchIds: string[] = [];
  for (let account = 0; account < accounts; account += 1) {
    const accountId = await newAccount(world.app, world.poolId, 1_000_000n * usd);
    const { batchId } = await createBatch(world, {
      accountId,
      mode: 'live',
      policy: 'demo',
      pack: 'demo',
      people: [],
    });
    accountIds.push(accountId);
    batchIds.push(batchId);
  }
  const owners = contacts.map(({ account }) => accountIds[account] ?? '');
  const batches = contacts.map(({ account }) => batchIds[account] ?? '');
  const ids = contacts.map(contactIdOf);
  await world.owner.transaction().execute(async (trx) => {
    const rows = sql`unnest(${ids}::uuid[], ${owners}::uuid[], ${batches}::uuid[]) with ordinality as r(id, account_id, batch_id, n)`;
    await sql`insert into core.person (id, account_id, identity_key, name, country, zone)
              select id, account_id, id::text, 'Persona Inventada', 'CL', 'America/Santiago' from ${rows}`.execute(
      trx,
    );
    await sql`insert into core.contact (id, account_id, batch_id, person_id, ordinal, state, opened_at)
              select id, account_id, batch_id, id, n, 'waiting', now() from ${rows}`.execute(trx);
    await sql`insert into core.line_request (id, account_id, pool_id, batch_id, contact_id, wave_key,
                                             priority, eligible_at, deadline_at)
              select id || ':1:1', account_id, ${world.poolId}, batch_id, id, 'ola-1', 1,
                     now() - interval '1 hour' + n * interval '1 millisecond', now() + interval '1 day'
                from ${rows}`.execute(trx);
  });
  // As after an hour of autovacuum: a table that was filled a second ago has no statistics.
  await sql`vacuum analyze core.line_request, core.contact, core.person`.execute(world.owner);
  return { accountIds, batchIds };
}
