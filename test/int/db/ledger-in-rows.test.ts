import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createDatabaseAt, type OldDatabase } from '../../support/postgres.ts';

const [one, other] = [randomUUID(), randomUUID()];
let database: OldDatabase;
let client: pg.Client;
let url: string;
beforeAll(async () => {
  database = await createDatabaseAt('20261129T0250_reported');
  ({ client, url } = database);
});
afterAll(() => database.drop());

type Entries = Readonly<Record<string, number>>;

async function account(accountId: string, slug: string): Promise<void> {
  await client.query(
    `insert into catalogue.account (id, slug, name, country, zone, debt_currency, plan)
     values ($1, $2, 'x', 'CL', 'America/Santiago', 'CLP', 'credit_based')`,
    [accountId, slug],
  );
  await client.query(
    `insert into core.ledger_account (account_id, unit, kind)
     select $1, 'USD', kind from unnest('{available,consumed,funding,held}'::text[]) kind`,
    [accountId],
  );
}

/** As the release before wrote it: a transaction, its entries, and the balances. */
async function book(accountId: string, kind: string, reference: string, entries: Entries): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    'insert into core.ledger_transaction (account_id, kind, reference) values ($1, $2, $3) returning id',
    [accountId, kind, reference],
  );
  const moved = Object.entries(entries);
  await client.query(
    `insert into core.ledger_entry (account_id, transaction_id, unit, kind, amount_micros)
     select $1, $2, 'USD', kind, amount from unnest($3::text[], $4::bigint[]) as e (kind, amount)`,
    [accountId, rows[0]?.id, moved.map(([each]) => each), moved.map(([, amount]) => amount)],
  );
  for (const [each, amount] of moved) {
    await client.query(
      'update core.ledger_account set balance_micros = balance_micros + $1 where account_id = $2 and kind = $3',
      [amount, accountId, each],
    );
  }
}

/** A hold of nothing in a unit that has no balance yet: it had no entries, and only the hold knows its unit. */
async function heldNothing(accountId: string): Promise<string> {
  await client.query('set session_replication_role = replica');
  const { rows } = await client.query<{ id: string }>(
    `insert into core.ledger_hold (account_id, request_id, unit, plan, rate_micros_per_minute, amount_micros)
     values ($1, 'a request', 'SEC', 'minutes_based', 0, 0) returning id`,
    [accountId],
  );
  await client.query('set session_replication_role = origin');
  const holdId = rows[0]?.id ?? '';
  await book(accountId, 'hold', holdId, {});
  return holdId;
}

it('the ledger in rows has every balance and every transaction of the ledger in entries, in the order of the entries', async () => {
  await account(one, 'one');
  await account(other, 'other');
  await book(one, 'top_up', 'first', { available: 1_000, funding: -1_000 });
  await book(other, 'top_up', 'first', { available: 5_000_000_000, funding: -5_000_000_000 });
  await book(one, 'hold', 'a', { available: -400, held: 400 });
  await book(one, 'post', 'a', { available: 150, consumed: 250, held: -400 });
  await book(one, 'true_up', 'a:9', { available: -900, consumed: 900 });
  const nothing = await heldNothing(other);
  await migrateToLatest(url);
  const { rows: balances } = await client.query(
    `select account_id, unit, funding_micros::int8::text as funding, available_micros::text as available,
            held_micros::text as held, consumed_micros::text as consumed
       from core.ledger_account order by account_id = $1 desc, unit desc`,
    [one],
  );
  expect(balances).toEqual([
    { account_id: one, unit: 'USD', funding: '-1000', available: '-150', held: '0', consumed: '1150' },
    {
      account_id: other,
      unit: 'USD',
      funding: '-5000000000',
      available: '5000000000',
      held: '0',
      consumed: '0',
    },
    { account_id: other, unit: 'SEC', funding: '0', available: '0', held: '0', consumed: '0' },
  ]);
  const { rows: transactions } = await client.query<{ said: string }>(
    `select concat_ws(' ', case account_id when $1 then 'one' else 'other' end, kind, reference, unit, funding_micros,
                      available_micros, held_micros, consumed_micros) as said
       from core.ledger_transaction order by id`,
    [one],
  );
  expect(transactions.map(({ said }) => said)).toEqual([
    'one top_up first USD -1000 1000 0 0',
    'other top_up first USD -5000000000 5000000000 0 0',
    'one hold a USD 0 -400 400 0',
    'one post a USD 0 150 -400 250',
    'one true_up a:9 USD 0 -900 0 900',
    `other hold ${nothing} SEC 0 0 0 0`,
  ]);
});
