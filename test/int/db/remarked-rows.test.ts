import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createDatabaseAt, type OldDatabase } from '../../support/postgres.ts';

let database: OldDatabase;
let client: pg.Client;
let url: string;
beforeAll(async () => {
  database = await createDatabaseAt('20261129T2200_imports_as_work');
  ({ client, url } = database);
});
afterAll(() => database.drop());

it('problems that an import of before has kept become rows, in the order of the file', async () => {
  const accountId = randomUUID();
  await client.query(
    `insert into catalogue.account (id, slug, name, country, zone, debt_currency, plan)
     values ($1, 'remarks', 'x', 'CL', 'America/Santiago', 'CLP', 'credit_based')`,
    [accountId],
  );
  const said = (row: number, severity: string, code: string) => ({ sheet: 'Hoja', row, severity, code });
  const problems = [
    said(2, 'notice', 'a'),
    said(3, 'notice', 'b'),
    said(3, 'refused', 'c'),
    said(9, 'notice', 'd'),
  ];
  const insert = `insert into core.import (id, account_id, file_name, sha256, bytes, state, use_case, ended_at, problems)
                  values ($1, $2, 'a.csv', $3, 10, $4, 'notification', $5, $6)`;
  const stored = randomUUID();
  await client.query(insert, [stored, accountId, '1', 'stored', new Date(), JSON.stringify(problems)]);
  await client.query(insert, [randomUUID(), accountId, '2', 'waiting', null, '[]']);
  await migrateToLatest(url);
  const rows = await client.query(
    `select import_id, ordinal, severity, sheet_row, cells, jsonb_array_length(problems) as n
       from core.import_remarked_row order by ordinal`,
  );
  const of = { import_id: stored, cells: [] };
  expect(rows.rows).toEqual([
    { ...of, ordinal: 1, severity: 'notice', sheet_row: 2, n: 1 },
    { ...of, ordinal: 2, severity: 'refused', sheet_row: 3, n: 2 },
    { ...of, ordinal: 3, severity: 'notice', sheet_row: 9, n: 1 },
  ]);
  const read = await client.query('select sha256, bytes_read from core.import order by 1');
  expect(read.rows).toEqual([
    { sha256: '1', bytes_read: '10' },
    { sha256: '2', bytes_read: '0' },
  ]);
});
