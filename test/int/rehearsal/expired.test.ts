import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import type { AccountKind } from '../../../db/schema/columns.ts';
import { removeExpiredPortion } from '../../../domain/rehearsal/queries-expired.ts';
import { ask, debtorsForm, dialOne, textOf } from '../../support/api.ts';
import { promiseAndPay, talkAndStop, writeRehearsal } from '../../support/every-table.ts';
import { configureChannels, createMessageWorld, type MessageWorld } from '../../support/messages.ts';
import { newAccount, usd } from '../../support/world.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

/** An account with rows in as many tables as the product's own parts fill, made so many days ago. */
async function filled(kind: AccountKind, days: number): Promise<string> {
  const { app, owner, poolId } = world.api.world;
  const accountId = await newAccount(app, poolId, 100n * usd);
  const own: MessageWorld = { ...world, accountId, inside: (work) => inAccount(app, accountId, work) };
  await own.inside((trx) => configureChannels(trx, world.secrets, accountId));
  await talkAndStop(own, await dialOne(world.api.world, accountId));
  await promiseAndPay(own);
  await owner
    .updateTable('catalogue.account')
    .set({ kind, created_at: sql`now() - ${days} * interval '1 day'` })
    .where('id', '=', accountId)
    .execute();
  return accountId;
}

async function ownedTables(): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select n.nspname || '.' || c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
     where n.nspname in ('catalogue', 'core', 'operation') and c.relkind in ('r', 'p') and not c.relispartition
     order by 1`.execute(world.api.world.owner);
  return rows.map(({ name }) => name);
}

/** Rows of an account by table, with the account itself; tables without one are left out. */
async function rowsOf(accountId: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const table of [...(await ownedTables()), 'catalogue.account']) {
    const column = table === 'catalogue.account' ? 'id' : 'account_id';
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ${sql.table(table)} where ${sql.ref(column)} = ${accountId}`.execute(
      world.api.world.owner,
    );
    const n = rows[0]?.n ?? 0;
    if (n > 0) counts[table] = n;
  }
  return counts;
}

const remove = (accountId: string, most: number) =>
  sql<{
    gone: boolean;
  }>`select operation.remove_rehearsal_account(${accountId}::uuid, ${most}::integer) as gone`.execute(
    world.api.world.system,
  );

it('what a rehearsal left is gone from every table after seven days, by portions; nobody else loses a row', async () => {
  const { api } = world;
  const { owner, system } = api.world;
  const form = debtorsForm(1, 'expired');
  const imported = await ask(api.app, 'POST', '/api/v1/imports', { as: api.one, form, key: 'expired' });
  await writeRehearsal(world, textOf(imported.body, 'import_id'));
  const expired = await filled('rehearsal', 8);
  const others = [await filled('rehearsal', 6), await filled('customer', 8), await filled('demo', 8)];
  const { id } = await owner
    .updateTable('operation.rehearsal')
    .set({ rehearsal_account_id: expired, state: 'finished', report: JSON.stringify({ stories: ['Ana'] }) })
    .where('account_id', '=', world.accountId)
    .returning('id')
    .executeTakeFirstOrThrow();
  const before = await Promise.all(others.map(rowsOf));
  expect(Object.keys(await rowsOf(expired)).length).toBeGreaterThan(30);

  for (const accountId of others) {
    const words = `account ${accountId} is not that of a rehearsal older than 7 days`;
    await expect(remove(accountId, 500)).rejects.toThrow(words);
  }
  expect((await remove(expired, 7)).rows).toEqual([{ gone: false }]);
  // From the first portion on: a report of what is left would be a lie.
  for (const path of [`/api/v1/rehearsals/${id}`, `/api/v1/rehearsals/${id}/report/md`]) {
    const { status, body } = await ask(api.app, 'GET', path, { as: api.one });
    expect({ status, type: body['type'] }).toEqual({
      status: 410,
      type: 'urn:tandas:problem:rehearsal_expired',
    });
    expect(String(body['detail'])).toMatch(/expired.*7 days.*npm run rehearse.*seed 1/);
    expect(String(body['detail_es'])).toMatch(/vencido.*7 días.*npm run rehearse.*semilla 1/);
  }
  while ((await removeExpiredPortion(system)) === 'more');
  expect(await rowsOf(expired)).toEqual({});
  expect(await Promise.all(others.map(rowsOf))).toEqual(before);
  const row = await owner.selectFrom('operation.rehearsal').selectAll().where('id', '=', id).execute();
  expect(row).toMatchObject([{ rehearsal_account_id: null, report: null, state: 'finished' }]);
});

it('the removal knows every table that has rows of accounts, and no account may ask for it', async () => {
  const { owner, app } = world.api.world;
  const { rows } = await sql<{ text: string }>`
    select prosrc as text from pg_proc where proname = 'remove_rehearsal_account'`.execute(owner);
  const text = rows[0]?.text ?? '';
  expect((await ownedTables()).filter((table) => !text.includes(`'${table}'`))).toEqual([]);
  const asked = sql`select operation.remove_rehearsal_account(${world.accountId}::uuid, 1)`.execute(app);
  await expect(asked).rejects.toThrow('permission denied');
});
