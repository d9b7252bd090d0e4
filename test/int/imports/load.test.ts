import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, createPool, type Database, inAccount } from '../../../db/client.ts';
import { writeDemoWorkbook } from '../../../dev/demo-data/generate.ts';
import { spellRut } from '../../../dev/demo-data/spellings.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { loadPortion } from '../../../domain/imports/load.ts';
import { previewUpload, type Upload } from '../../../domain/imports/imports.ts';
import { storeFile } from '../../support/imports.ts';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts';
import { createTestFolder, refusalOf, type TestFolder } from '../../unit/imports/fixtures.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../../shared/samples');

let database: TestDatabase;
let folder: TestFolder;
let admin: pg.Pool;
let pool: pg.Pool;
let app: Database;
let accountId: string;
let otherId: string;
let poolId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await createTestFolder();
  admin = new pg.Pool({ connectionString: database.url, max: 1 });
  pool = createPool({ url: database.url, role: 'tandas_app', maxConnections: 2 });
  app = createDatabase({ url: database.url, role: 'tandas_app', maxConnections: 2 });
  await admin.query(`insert into catalogue.policy_version (key, version, definition) values ('p', 1, $1)`, [
    JSON.stringify({ ...collectionWaves, key: 'p' }),
  ]);
  await admin.query(
    `insert into catalogue.rule_pack_version (key, version, definition, source, confidence)
     values ('r', 1, '{}', 'test', 'none')`,
  );
  poolId = await idOf(
    `insert into catalogue.pool (key, provider, simulated, from_number, agent_id)
     values ('pool', 'retell', true, '+56600123456', 'agent') returning id`,
  );
});

afterAll(async () => {
  await Promise.all([admin.end(), pool.end(), app.destroy()]);
  await database.drop();
  await folder.remove();
});

let accounts = 0;
beforeEach(async () => {
  [accountId, otherId] = [await newAccount(), await newAccount()];
});

async function newAccount(): Promise<string> {
  accounts += 1;
  return idOf(
    `insert into catalogue.account (slug, name, country, zone, debt_currency, plan)
     values ('account-${accounts}', 'A', 'CL', 'America/Santiago', 'CLP', 'unlimited') returning id`,
  );
}

async function idOf(statement: string, values: readonly unknown[] = []): Promise<string> {
  const { rows } = await admin.query<{ id: string }>(statement, [...values]);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`no id from ${statement}`);
  return id;
}

/** Rows as one text each, as the account itself would see them. */
async function texts(query: string, account = accountId): Promise<string[]> {
  const client = await admin.connect();
  try {
    await client.query('begin');
    await client.query('set local role tandas_app');
    await client.query(`select set_config('app.account_id', $1, true)`, [account]);
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    await client.query('rollback');
    return rows.map((row) => row.join(' | '));
  } finally {
    client.release();
  }
}

async function newBatch(importId: string, account = accountId): Promise<string> {
  const batchId = await idOf(
    `insert into core.batch (account_id, slug, name, use_case, policy_key, policy_version, pack_key, pack_version,
                             pool_id, import_id, group_size, zone)
     values ($1, 'b-' || substr(gen_random_uuid()::text, 1, 8), 'b', 'debt_collection', 'p', 1, 'r', 1, $2, $3, 60, 'America/Santiago') returning id`,
    [account, poolId, importId],
  );
  await admin.query(
    `insert into core.batch_import (import_id, account_id, batch_id, people_total, actor)
     select id, account_id, $2, contacts, 'test' from core.import where id = $1`,
    [importId, batchId],
  );
  return batchId;
}

const store = (upload: Upload, account = accountId): Promise<string> =>
  storeFile({ app, pool }, { accountId: account, ...upload });

const HEADER = 'RUT;NOMBRE;TELEFONO;TELEFONO 2;MONTO;FECHA_VENC;EMPRESA;REGION';

async function csv(name: string, lines: readonly string[]): Promise<Upload> {
  const path = await folder.file(name, [HEADER, ...lines].join('\n'));
  return { path, fileName: name };
}

const portion = (request: Parameters<typeof loadPortion>[1], account = accountId) =>
  inAccount(app, account, (trx) => loadPortion(trx, request));

async function load(input: Upload, account = accountId) {
  const importId = await store(input, account);
  const batchId = await newBatch(importId, account);
  return portion({ batchId, importId, after: 0, people: 200_000 }, account);
}

const ANA = '12345678-5;Ana Soto;961234567;971234567;1000;30/11/2026;Banco;RM';

describe('an import in the database', () => {
  test('the demo file becomes 60 people, their phones and 61 debts, as role tandas_app', async () => {
    const path = join(folder.path, 'demo.xlsx');
    await writeDemoWorkbook(path);
    const loaded = await load({ path, fileName: 'demo.xlsx' });
    expect(loaded).toEqual({ contacts: 60, debts: 61, known: 0, settled: 0, erased: 0 });
    const counts = `select (select count(*) from core.person), (select count(*) from core.phone),
      (select count(*) from core.contact), (select count(*) from core.debt), (select count(*) from catalogue.creditor),
      (select array_agg(distinct ordinal order by ordinal) = array(select generate_series(1, 60)) from core.contact)`;
    expect(await texts(counts)).toEqual(['60 | 80 | 60 | 61 | 3 | true']);
  });

  test.skipIf(!existsSync(SAMPLES))('the sample of 60 debtors becomes 60 contacts and 61 debts', async () => {
    const path = join(SAMPLES, 'deudores-60.xlsx');
    expect(await load({ path, fileName: 'deudores-60.xlsx' })).toEqual({
      contacts: 60,
      debts: 61,
      known: 0,
      settled: 0,
      erased: 0,
    });
    expect(
      await texts(`select s.name, k.variables->>'empresa', k.variables->>'monto_total', count(*)
                     from core.contact k join core.person s on s.id = k.person_id
                     join core.debt d on d.contact_id = k.id
                    where s.national_id = '8000000-6' group by 1, 2, 3`),
    ).toEqual(["Sebastián O'Ryan Pérez | Banco del Sur y Retail Andes | 360235 | 2"]);
  });

  test('an e-mail is kept beside the phones, once, and one that was closed stays closed', async () => {
    const header = `${HEADER};CORREO`;
    const lines = [header, `${ANA};Ana.Soto@correo.cl`, `${ANA.replace('1000', '2000')};ana.soto@correo.cl`];
    const path = await folder.file('mails.csv', lines.join('\n'));
    await load({ path, fileName: 'mails.csv' });
    const kept = 'select channel, lower(value), verified_at, closed_at is null from core.person_address';
    expect(new Set(await texts(kept))).toEqual(new Set(['email | ana.soto@correo.cl |  | true']));
    await admin.query('update core.person_address set closed_at = now()');
    await load({ path, fileName: 'mails.csv' });
    expect(new Set(await texts(kept))).toEqual(new Set(['email | ana.soto@correo.cl |  | false']));
    expect(await texts(kept, otherId)).toEqual([]);
  });

  test('what was parsed is what is stored: text with every awkward character, exact money, days', async () => {
    const odd = 'A\\N \\t "q" \\. ñ 😀 \'x\' {a,b}';
    const input = await csv('odd.csv', [
      `12345678-5;"${odd.replaceAll('"', '""')}";961234567;;8999999999;30/11/2026;Ba\\nco;RM`,
    ]);
    expect(await load(input)).toEqual({ contacts: 1, debts: 1, known: 0, settled: 0, erased: 0 });
    expect(await texts('select name, identity_key, zone from core.person')).toEqual([
      `${odd} | 12345678-5 | America/Santiago`,
    ]);
    expect(await texts('select amount_micros, currency, due_date::text, sheet_row from core.debt')).toEqual([
      '8999999999000000 | CLP | 2026-11-30 | 2',
    ]);
    expect(await texts('select name from catalogue.creditor')).toEqual(['Ba\\nco']);
    expect(await texts(`select variables->>'nombre' from core.contact`)).toEqual([odd]);
  });

  test('several rows of a person: one contact that speaks of all debts, phones in order, each once', async () => {
    const input = await csv('several.csv', [
      // First in the file, last by RUT: contacts keep the order of the file.
      '8000000-6;Juan;981234567;;500;30/11/2026;Banco;RM',
      ANA.replace('Banco', 'banco'),
      '12.345.678-5;Ana Soto;971234567;991234567;2000;01/10/2026;Retail;RM',
    ]);
    expect(await load(input)).toEqual({ contacts: 2, debts: 3, known: 0, settled: 0, erased: 0 });
    expect(
      await texts(`select p.e164, p.position from core.phone p join core.person s on s.id = p.person_id
                    where s.national_id = '12345678-5' order by p.position`),
    ).toEqual(['+56961234567 | 1', '+56971234567 | 2', '+56991234567 | 3']);
    expect(
      await texts(`select k.ordinal, k.variables->>'monto_total', k.variables->>'fecha_limite', k.state
                     from core.contact k order by k.ordinal`),
    ).toEqual(['1 | 500 | 2026-11-30 | planned', '2 | 3000 | 2026-10-01 | planned']);
    // 'Banco' and 'banco' are one creditor, under its first spelling.
    expect(await texts('select name from catalogue.creditor order by name')).toEqual(['Banco', 'Retail']);
  });

  test('rows that disagree on the zone leave it open; a later file fills what was not known', async () => {
    await load(await csv('zones.csv', [ANA, ANA.replace('1000', '2000').replace('RM', 'Magallanes')]));
    expect(await texts('select zone from core.person')).toEqual(['']);
    await load(await csv('later.csv', [ANA.replace('1000', '3000').replace('RM', 'Aysén')]));
    expect(await texts('select zone, region from core.person')).toEqual(['America/Coyhaique | Aysén']);
    await load(await csv('last.csv', [ANA.replace('1000', '4000').replace('RM', '')]));
    expect(await texts('select zone, region from core.person')).toEqual(['America/Coyhaique | Aysén']);
  });

  test('a person known from before keeps one row; the new file’s phones go first', async () => {
    await load(await csv('first.csv', [ANA]));
    await load(await csv('second.csv', [ANA.replace('961234567;971234567', '991234567;')]));
    expect(await texts('select count(*) from core.person')).toEqual(['1']);
    expect(await texts('select e164 from core.phone order by position, e164')).toEqual([
      '+56991234567',
      '+56961234567',
      '+56971234567',
    ]);
    expect(await texts('select count(*) from core.contact')).toEqual(['2']);
  });

  test('more people with several rows than one round merges are all merged', async () => {
    const lines = Array.from({ length: 1_100 }, (_, index) => {
      const person = `${spellRut(10_000_000 + index, 1)};P${index};${961_000_000 + index};`;
      return [`${person};1000;30/11/2026;Banco;RM`, `${person};2000;30/11/2026;Retail;RM`];
    }).flat();
    expect(await load(await csv('many.csv', lines))).toEqual({
      contacts: 1_100,
      debts: 2_200,
      known: 0,
      settled: 0,
      erased: 0,
    });
    expect(await texts(`select variables->>'monto_total', count(*) from core.contact group by 1`)).toEqual([
      '3000 | 1100',
    ]);
  });
});

describe('accounts', () => {
  test('each account sees only its own import, people and creditors', async () => {
    await load(await csv('mine.csv', [ANA]));
    for (const table of ['import', 'import_row', 'person', 'phone', 'contact', 'debt']) {
      expect(await texts(`select count(*) from core.${table}`, otherId)).toEqual(['0']);
    }
    await load(await csv('theirs.csv', [ANA.replace('Ana Soto', 'Otra')]), otherId);
    expect(await texts('select name from core.person', otherId)).toEqual(['Otra']);
    expect(await texts('select name from core.person')).toEqual(['Ana Soto']);
  });

  test('an import of another account cannot be loaded', async () => {
    const importId = await store(await csv('foreign.csv', [ANA]));
    const batchId = await newBatch(importId);
    await expect(portion({ batchId, importId, after: 0, people: 1_000 }, otherId)).rejects.toThrow();
    expect(await texts('select count(*) from core.contact')).toEqual(['0']);
  });
});

describe('dry run and repetition', () => {
  test('a preview says what would be created and stores nothing', async () => {
    const input = await csv('preview.csv', [ANA, '12345678-9;Mal;961;;1;30/11/2026;Banco;RM']);
    const preview = await previewUpload(app, accountId, input);
    expect(preview.summary).toMatchObject({ contacts: 1, debts: 1, rowsRefused: 1 });
    expect(preview.problems.map(({ code }) => code)).toEqual(['national_id_check_digit', 'phone_too_short']);
    expect(preview).toMatchObject({ problemsOmitted: 0, sameFile: [] });
    expect(preview.sample).toHaveLength(1);
    for (const table of ['import', 'import_row', 'person', 'contact']) {
      expect(await texts(`select count(*) from core.${table}`)).toEqual(['0']);
    }
  });

  test('the same file twice is recognised, by its bytes, with the batch made of it, and only in its own account', async () => {
    const input = await csv('twice.csv', [ANA]);
    const importId = await store(input);
    const batchId = await newBatch(importId);
    const renamed = { ...input, fileName: 'otro nombre.csv' };
    expect((await previewUpload(app, accountId, renamed)).sameFile).toMatchObject([
      { importId, fileName: 'twice.csv', batchId },
    ]);
    expect((await previewUpload(app, otherId, renamed)).sameFile).toEqual([]);
  });

  test('a stored import keeps its counts and its problems', async () => {
    const input = await csv('stored.csv', [ANA, ANA, '12345678-9;Mal;961234567;;1;30/11/2026;Banco;RM']);
    await store(input);
    expect(
      await texts(`select rows_read, rows_good, rows_refused, contacts, use_case,
                          (select string_agg(p->>'code', ',') from jsonb_array_elements(problems) p) from core.import`),
    ).toEqual(['3 | 1 | 1 | 1 | debt_collection | duplicate_row,national_id_check_digit']);
  });

  test('loading one import into its batch twice adds nobody and no debt', async () => {
    const importId = await store(await csv('again.csv', [ANA]));
    const batchId = await newBatch(importId);
    const once = () => portion({ batchId, importId, after: 0, people: 1_000 });
    expect(await once()).toEqual({ contacts: 1, debts: 1, known: 0, settled: 0, erased: 0 });
    expect(await once()).toEqual({ contacts: 0, debts: 0, known: 1, settled: 0, erased: 0 });
    expect(
      await texts('select (select count(*) from core.contact), (select count(*) from core.debt)'),
    ).toEqual(['1 | 1']);
  });
});

describe('in portions', () => {
  const JUAN = '8000000-6;Juan;981234567;;500;30/11/2026;Banco;RM';
  const contacts = `select k.ordinal, s.name, k.variables->>'monto_total', (select count(*) from core.debt d where d.contact_id = k.id)
                      from core.contact k join core.person s on s.id = k.person_id order by k.ordinal`;

  test('a person comes with all their rows, wherever they stand, in the portion of the first one, and once', async () => {
    const lines = [JUAN, ANA, JUAN.replace('500', '700'), ANA.replace('1000', '3000')];
    const importId = await store(await csv('spread.csv', lines));
    const batchId = await newBatch(importId);
    const at = (after: number, people: number) => portion({ batchId, importId, after, people });
    expect(await at(0, 1)).toEqual({ contacts: 1, debts: 2, known: 0, settled: 0, erased: 0 });
    expect(await texts(contacts)).toEqual(['1 | Juan | 1200 | 2']);
    expect(await at(1, 1)).toEqual({ contacts: 1, debts: 2, known: 0, settled: 0, erased: 0 });
    expect(await at(2, 1)).toEqual({ contacts: 0, debts: 0, known: 0, settled: 0, erased: 0 });
    expect(await texts(contacts)).toEqual(['1 | Juan | 1200 | 2', '2 | Ana Soto | 4000 | 2']);
  });

  test('of a second import only those come who are not in the batch; nothing of the others is changed', async () => {
    const first = await store(await csv('first.csv', [JUAN]));
    const batchId = await newBatch(first);
    await portion({ batchId, importId: first, after: 0, people: 10 });
    const second = await store(
      await csv('second.csv', [JUAN.replace('500', '900').replace('Juan', 'Juanito'), ANA]),
    );
    expect(await portion({ batchId, importId: second, after: 0, people: 10 })).toEqual({
      contacts: 1,
      debts: 1,
      known: 1,
      settled: 0,
      erased: 0,
    });
    expect(await texts(contacts)).toEqual(['1 | Juan | 500 | 1', '2 | Ana Soto | 1000 | 1']);
  });
});

describe('a file that fails half-way', () => {
  test('says why, stores no row and leaves no connection in the middle of a COPY', async () => {
    const rows = Array.from({ length: 3_000 }, (_, index) => `;P${index};${961_000_000 + index};x`);
    const path = await folder.file(
      'torn.csv',
      `RUT;NOMBRE;TELEFONO;var1\n${rows.join('\n')}\n"abierta;${'x'.repeat(300_000)}`,
    );
    const input: Upload = { path, fileName: 'torn.csv' };
    for (let round = 0; round < 4; round += 1) {
      expect(await refusalOf(store(input))).toBe('csv_malformed');
    }
    expect(
      await texts(
        `select state, failure ->> 'code', rows_stored, (select count(*) from core.import_row)
           from core.import group by 1, 2, 3`,
      ),
    ).toEqual(['failed | csv_malformed | 0 | 0']);
    expect(await load(await csv('after.csv', [ANA]))).toEqual({
      contacts: 1,
      debts: 1,
      known: 0,
      settled: 0,
      erased: 0,
    });
  });

  test('an account that does not exist stores nothing', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    await expect(store(await csv('nobody.csv', [ANA]), nobody)).rejects.toThrow(/foreign key/);
  });
});
