import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount, type Trx } from '../../../db/client.ts';
import { hasOpen } from '../../../domain/contacts/queries.ts';
import { createBatch, createWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const contacts = 20_000;
/** Root and leaf of an index, rows that were closed a moment ago: what an answer that stops at the first row may read. */
const mostBlocks = 20;

async function largeBatch(): Promise<string> {
  const { batchId } = await createBatch(world, { accountId: world.accountId, people: [{}] });
  await sql`
    with person as (
      insert into core.person (account_id, identity_key, name, country)
      select ${world.accountId}, 'closing-' || n, 'Persona Inventada', 'CL' from generate_series(2, ${contacts}) as n
      returning id
    )
    insert into core.contact (account_id, batch_id, person_id, ordinal, state, opened_at)
    select ${world.accountId}, ${batchId}, id, row_number() over (), 'waiting', now() from person`.execute(
    world.owner,
  );
  await sql`analyze core.contact`.execute(world.owner);
  return batchId;
}

interface Read {
  readonly open: boolean;
  /** Pages of the table and its indexes that this question alone read. */
  readonly blocks: number;
}

async function ask(batchId: string): Promise<Read> {
  return inAccount(world.app, world.accountId, async (trx) => {
    const before = await blocksRead(trx);
    const open = await hasOpen(trx, batchId);
    return { open, blocks: (await blocksRead(trx)) - before };
  });
}

/** So far in this transaction, by PostgreSQL's own count. */
async function blocksRead(trx: Trx): Promise<number> {
  const { rows } = await sql<{ blocks: string }>`
    select sum(pg_stat_get_xact_blocks_fetched(oid)) as blocks from (
      select 'core.contact'::regclass::oid as oid
      union all select indexrelid from pg_index where indrelid = 'core.contact'::regclass) r`.execute(trx);
  return Number(rows[0]?.blocks ?? 0);
}

describe('whether a batch has open contacts, asked at each close under a lock', () => {
  it('reads no more of 20,000 open ones than of one, also when one is left among 19,999 closed', async () => {
    const batchId = await largeBatch();
    const all = await ask(batchId);
    expect(all.open).toBe(true);
    // Nothing read at all would mean that nothing was counted.
    expect(all.blocks).toBeGreaterThan(0);
    expect(all.blocks).toBeLessThanOrEqual(mostBlocks);
    await sql`
      update core.contact set state = 'closed', closed_at = now(), outcome = 'exhausted'
       where batch_id = ${batchId} and ordinal <> ${contacts / 2}`.execute(world.owner);
    await sql`vacuum analyze core.contact`.execute(world.owner);
    const last = await ask(batchId);
    expect(last.open).toBe(true);
    expect(last.blocks).toBeLessThanOrEqual(mostBlocks);
    await sql`
      update core.contact set state = 'closed', closed_at = now(), outcome = 'exhausted'
       where batch_id = ${batchId} and state <> 'closed'`.execute(world.owner);
    expect((await ask(batchId)).open).toBe(false);
  });
});
