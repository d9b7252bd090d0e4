import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_TODAY, invent } from '../../../dev/demo-data/people.ts';
import { writeDemoWorkbook } from '../../../dev/demo-data/generate.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';
import { createTestFolder, parseFile, type TestFolder } from './fixtures.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../../shared/samples');

describe.skipIf(!existsSync(SAMPLES))('the samples of another program', () => {
  const sample = (name: string) => parseFile(join(SAMPLES, name));

  test('deudores-60: 60 contacts, 61 debts, five rows refused, each by its cell and its reason', async () => {
    const { summary, problems, rows } = await sample('deudores-60.xlsx');
    expect(summary).toMatchObject({
      useCase: 'debt_collection',
      sheet: 'Deudores',
      headerRow: 1,
      contacts: 60,
      debts: 61,
      rowsRead: 66,
      rowsGood: 61,
      rowsRefused: 5,
      rowsIdentical: 0,
      warnings: [],
      ignoredColumns: [],
    });
    expect(problems.map(({ row, column, value, code }) => [row, column, value, code])).toEqual([
      [63, 'RUT', '12.345.678-9', 'national_id_check_digit'],
      [64, 'TELEFONO', '', 'required_missing'],
      [65, 'TELEFONO', '9,61235E+08', 'phone_scientific'],
      [66, 'MONTO', 'mucho', 'money_invalid'],
      [67, 'NOMBRE', '=HYPERLINK("http://x","Fórmula")', 'formula_without_value'],
    ]);
    for (const problem of problems) {
      expect(problem.severity).toBe('refused');
      expect([problem.message_es, problem.message_en, problem.hint_es, problem.hint_en]).not.toContain('');
    }
    expect(rows.filter(({ phones }) => phones.length === 2)).toHaveLength(20);
    expect(new Set(rows.map(({ zone }) => zone))).toEqual(
      new Set(['America/Santiago', 'America/Punta_Arenas', 'America/Coyhaique', 'Pacific/Easter']),
    );
    const twice = rows.filter(({ nationalId }) => nationalId === '8000000-6').map(({ debt }) => debt);
    expect(twice).toMatchObject([
      { creditor: 'Banco del Sur', amountMicros: 283_235_000_000n, currency: 'CLP', dueDate: '2026-10-29' },
      { creditor: 'Retail Andes', amountMicros: 77_000_000_000n, currency: 'CLP', dueDate: '2026-12-31' },
    ]);
    // Without a decimal or a thousand lost: each of these was written in another way.
    expect(rows.slice(0, 4).map(({ debt }) => debt?.amountMicros)).toEqual([
      283_235_000_000n,
      169_399_000_000n,
      145_313_000_000n,
      581_831_000_000n,
    ]);
    expect(rows.slice(0, 4).map(({ debt }) => debt?.dueDate)).toEqual([
      '2026-10-29',
      '2026-10-29',
      '2026-07-26',
      '2026-01-27',
    ]);
  });

  test.each([
    ['marketing-40.xlsx', 'marketing', 40],
    ['generic-25.xlsx', 'notification', 25],
    ['experiencia-30.xlsx', 'user_experience', 30],
  ])('%s: use case %s, %i contacts, nothing refused', async (file, useCase, contacts) => {
    const { summary, problems } = await sample(file);
    expect(summary).toMatchObject({ useCase, contacts, rowsGood: contacts, rowsRefused: 0, debts: 0 });
    expect(problems).toEqual([]);
  });

  test('generic-25: free columns are the agent’s variables, also a zero', async () => {
    const { rows } = await sample('generic-25.xlsx');
    expect(rows[0]?.variables).toMatchObject({ nombre: 'Juan González', var1: 'A', var2: '0' });
  });
});

describe('the demo file', () => {
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await createTestFolder();
  });
  afterAll(() => folder.remove());

  test('gives exactly 60 contacts and 61 debts, and only its planted rows are refused', async () => {
    const path = join(folder.path, 'new-folder', 'demo.xlsx');
    const written = await writeDemoWorkbook(path);
    const { summary, problems, rows } = await parseFile(path);
    expect(written).toEqual({ contacts: 60, debts: 61, badRows: 5 });
    expect(summary).toMatchObject({
      useCase: 'debt_collection',
      headerRow: 3,
      contacts: 60,
      debts: 61,
      rowsRefused: 5,
      rowsWithNotices: 0,
    });
    expect(problems.map(({ code }) => code).toSorted()).toEqual([
      'formula_without_value',
      'money_invalid',
      'national_id_check_digit',
      'phone_scientific',
      'required_missing',
    ]);
    const zones = new Set(rows.map(({ zone }) => zone));
    expect(zones).toEqual(
      new Set(['America/Santiago', 'America/Punta_Arenas', 'America/Coyhaique', 'Pacific/Easter']),
    );
    const first = rows[0]?.identityKey;
    expect(
      new Set(rows.filter((row) => row.identityKey === first).map(({ debt }) => debt?.creditor)).size,
    ).toBe(2);
  });

  test('its rows are read back as the people that were invented, whatever the spelling', async () => {
    const path = join(folder.path, 'demo-read-back.xlsx');
    await writeDemoWorkbook(path, { rows: 300, seed: 7 });
    const { rows } = await parseFile(path);
    const read = new Map(rows.map((row) => [row.nationalId, row]));
    for (const [index, person] of invent(300, 7).entries()) {
      // The first person's last row is the second debt.
      if (index === 0) continue;
      const row = read.get(`${person.rutBody}-${rutCheckDigit(person.rutBody)}`);
      expect(row?.phones).toEqual([
        `+56${person.mobile}`,
        ...(person.secondMobile === undefined ? [] : [`+56${person.secondMobile}`]),
      ]);
      expect(row?.debt).toMatchObject({
        amountMicros: BigInt(person.amount) * 1_000_000n,
        dueDate: person.dueDate,
        creditor: person.creditor,
      });
      expect(person.dueDate < DEMO_TODAY).toBe(true);
    }
  });

  test('one seed gives one file, byte for byte, and another seed other people', async () => {
    const [a, b, c] = ['a.xlsx', 'b.xlsx', 'c.xlsx'].map((name) => join(folder.path, name));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three names');
    await writeDemoWorkbook(a, { seed: 3 });
    await writeDemoWorkbook(b, { seed: 3 });
    await writeDemoWorkbook(c, { seed: 4 });
    const bytes = await readFile(a);
    expect(bytes.equals(await readFile(b))).toBe(true);
    // Two files of the same two seconds are equal by chance: the first part's date is the fixed one.
    expect(bytes.readUInt32LE(10)).toBe(0x0021_0000);
    const [first, other] = [await parseFile(a), await parseFile(c)];
    expect(first.rows.map(({ phones }) => phones[0])).not.toEqual(other.rows.map(({ phones }) => phones[0]));
    await expect(writeDemoWorkbook(a, { rows: 0 })).rejects.toThrow(RangeError);
  });

  test('people are distinct by RUT and by phone, and the mobiles exist, for any seed', () => {
    for (let seed = 1; seed <= 3; seed += 1) {
      const people = invent(20_000, seed);
      const mobiles = people.flatMap(({ mobile, secondMobile }) => [
        mobile,
        ...(secondMobile === undefined ? [] : [secondMobile]),
      ]);
      expect(new Set(people.map(({ rutBody }) => rutBody)).size).toBe(people.length);
      expect(new Set(mobiles).size).toBe(mobiles.length);
      expect(mobiles.every((mobile) => /^9[2-9]\d{7}$/.test(mobile))).toBe(true);
    }
  });

  test('the same file under another name has the same hash, and one changed row another', async () => {
    const path = join(folder.path, 'hash.xlsx');
    const copy = join(folder.path, 'renamed.xlsx');
    await writeDemoWorkbook(path, { rows: 5 });
    await copyFile(path, copy);
    const other = join(folder.path, 'six.xlsx');
    await writeDemoWorkbook(other, { rows: 6 });
    const hash = async (file: string): Promise<string> => (await parseFile(file)).summary.sha256;
    expect(await hash(copy)).toBe(await hash(path));
    expect(await hash(other)).not.toBe(await hash(path));
  });
});
