import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { createDatabase } from '../../../db/client.ts';
import { readDatabase } from '../../../observability/database-gauges.ts';
import { retain } from '../../../maintenance/retention/retain.ts';
import { createDatabaseAt, type OldDatabase } from '../../support/postgres.ts';

const accountId = randomUUID();
let database: OldDatabase;
let client: pg.Client;
let url: string;
beforeAll(async () => {
  database = await createDatabaseAt('20261122T0101_traces');
  ({ client, url } = database);
  await client.query(
    `insert into catalogue.account (id, slug, name, country, zone, debt_currency, plan)
     values ($1, 'partitions', 'x', 'CL', 'America/Santiago', 'CLP', 'credit_based')`,
    [accountId],
  );
});
afterAll(() => database.drop());

const write = (at: string, action: string) =>
  client.query<{ id: string }>(
    `insert into operation.audit (account_id, at, actor, action, subject) values ($1, $2, 'test', $3, 'x') returning id`,
    [accountId, at, action],
  );
const actions = async (): Promise<readonly unknown[]> =>
  (await client.query(`select id, at, action, actor, detail from operation.audit order by id`)).rows;

describe('the migration to months', () => {
  it('carries every row over as it was, with ids that go on after it', async () => {
    await write('2024-02-29T23:59:59.999Z', 'first');
    await write('2026-03-01T00:00:00Z', 'second');
    await write('2026-11-15T12:00:00Z', 'third');
    const before = await actions();
    await migrateToLatest(url);
    expect(await actions()).toEqual(before);
    const { rows } = await client.query<{ month: string }>(
      `select tableoid::regclass::text as month from operation.audit order by id`,
    );
    expect(rows.map(({ month }) => month)).toEqual([
      'operation.audit_2024_02',
      'operation.audit_2026_03',
      'operation.audit_2026_11',
    ]);
    const { rows: next } = await write('2026-11-16T12:00:00Z', 'fourth');
    expect(next).toEqual([{ id: '4' }]);
  });

  it('keeps each account to itself and everything append-only, in the parent and in each month', async () => {
    await client.query('begin');
    await client.query('set local role tandas_app');
    expect((await client.query('select from operation.audit')).rowCount).toBe(0);
    await client.query(`select set_config('app.account_id', $1, true)`, [accountId]);
    expect((await client.query('select from operation.audit')).rowCount).toBe(4);
    await expect(client.query('delete from operation.audit')).rejects.toThrow('permission denied');
    await client.query('rollback');
    await client.query('begin');
    await client.query('set local role tandas_app');
    await expect(client.query('select from operation.audit_2026_11')).rejects.toThrow('permission denied');
    await client.query('rollback');
  });

  it('takes a row whose month nobody has made, and the figures say so', async () => {
    const system = createDatabase({ url, role: 'tandas_system', maxConnections: 1 });
    const strays = async () =>
      (await readDatabase(system)).find(
        ({ name: metric, labels }) =>
          metric === 'tandas_default_partition_bytes' && labels['table'] === 'audit',
      )?.value;
    expect(await strays()).toBe(0);
    await write('2031-01-01T00:00:00Z', 'far ahead');
    expect(await strays()).toBeGreaterThan(0);
    await system.destroy();
  });

  it('makes months ahead for the role of the workers, once', async () => {
    await client.query('begin');
    await client.query('set local role tandas_system');
    const make = async () =>
      (await client.query(`select operation.ensure_partitions('2028-05-17', 2) as made`)).rows;
    expect(await make()).toEqual([{ made: 6 }]);
    expect(await make()).toEqual([{ made: 0 }]);
    await client.query('rollback');
  });
});

describe('retention', () => {
  const event = (receivedAt: string, key: string) =>
    client.query(
      `insert into operation.provider_event (account_id, provider, dedupe_key, event, provider_call_id, body, received_at)
       values ($1, 'retell', $3, 'call_ended', 'c', '{}', $2)`,
      [accountId, receivedAt, key],
    );
  const keys = async () =>
    (
      await client.query<{ dedupe_key: string }>('select dedupe_key from operation.provider_event order by 1')
    ).rows.map((row) => row.dedupe_key);
  const now = new Date('2026-11-22T00:00:00Z');

  it('says what it would remove, and removes it only when asked: what is older than the longest law in force', async () => {
    await client.query(
      `insert into catalogue.rule_pack_version (key, version, definition, source, confidence)
       values ('long', 1, '{"retentionDaysMin": 1096}', 'x', 'low')`,
    );
    await client.query(`insert into catalogue.account_rule_pack (account_id, pack_key) values ($1, 'long')`, [
      accountId,
    ]);
    // 1,096 days before, and a day to either side.
    await event('2023-11-20T00:00:00Z', 'older');
    await event('2023-11-23T00:00:00Z', 'younger');
    await client.query(`select operation.ensure_partitions('2023-01-01', 12)`);
    const before = await keys();
    const would = await retain({ databaseUrl: url, now, dryRun: true });
    expect(await keys()).toEqual(before);
    const did = await retain({ databaseUrl: url, now, dryRun: false });
    expect(did).toEqual(would);
    expect(did.find(({ what }) => what === 'operation.provider_event')).toMatchObject({ rows: 1 });
    expect(await keys()).toEqual(['younger']);
    const { rows } = await client.query<{ month: string }>(
      `select c.relname as month from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'operation.link_click'::regclass and c.relname like '%2023%' order by 1`,
    );
    expect(rows.map(({ month }) => month)).toEqual(['link_click_2023_11', 'link_click_2023_12']);
  });

  it('never touches what happened, the ledger or the register of contacts', async () => {
    const kept = await actions();
    const far = await retain({ databaseUrl: url, now: new Date('2060-01-01T00:00:00Z'), dryRun: false });
    expect(await actions()).toEqual(kept);
    const touched = far.map(({ what }) => what);
    expect(
      touched.filter((what) => /ledger|attempt|refusal|audit|payment$|message|agreement|person/.test(what)),
    ).toEqual([]);
  });
});
