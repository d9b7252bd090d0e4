/** Who a row is about, how they are reached and where they live, by columns as operators name them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportDefaults } from '../../../domain/imports/types.ts';
import { createTestFolder, type Parsed, parseLines, told, type TestFolder } from './fixtures.ts';

const FIXED = 'MONTO;FECHA_VENC;EMPRESA';
const DEBT = '1000;30/11/2026;Banco';

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

const parse = (lines: readonly string[], defaults?: ImportDefaults): Promise<Parsed> =>
  parseLines(folder, lines, defaults);

/** Rows of a file of collection, with the debt's columns behind those that matter here. */
const debtors = (header: string, rows: readonly string[], defaults?: ImportDefaults): Promise<Parsed> =>
  parse([`${header};${FIXED}`, ...rows.map((row) => `${row};${DEBT}`)], defaults);

describe('who it is', () => {
  test('RUT and DV in two columns are one RUT, also of whose body ends in a right digit', async () => {
    const parsed = await debtors('RUT;DV;NOMBRE;TELEFONO', [
      '13000018;5;Ana Soto;962468135',
      '8000000;6;Eva Paz;962468136',
      '13000018;2;Juan Paz;962468137',
    ]);
    expect(parsed.rows.map(({ nationalId }) => nationalId)).toEqual(['13000018-5', '8000000-6']);
    expect(told(parsed)).toEqual(['refused 4 RUT national_id_check_digit']);
  });

  test('without a column DV a number that may be of two people is refused with both', async () => {
    const parsed = await debtors('RUT;NOMBRE;TELEFONO', ['13000018;Ana Soto;962468135']);
    expect(told(parsed)).toEqual(['refused 2 RUT national_id_ambiguous']);
    expect(parsed.problems[0]?.message_es).toMatch(/13000018-5 o 1300001-8/);
  });

  test('a masked id is nobody’s: refused in collection, and elsewhere each is who their phone is', async () => {
    const us = { country: 'US', creditor: 'Acme' };
    const collection = await parse(
      ['ssn;name;phone;amount;due date;state', '***-**-6789;Mary;+12125550188;10;2026-11-30;NY'],
      us,
    );
    expect(told(collection)).toEqual(['refused 2 ssn national_id_masked']);
    const notification = await parse(
      [
        'ssn;name;phone;state;text',
        '***-**-6789;Mary;+12125550188;NY;a',
        '***-**-6789;John;+12125550189;New York;b',
      ],
      us,
    );
    expect(notification.rows.map(({ identityKey, zone, region }) => [identityKey, zone, region])).toEqual([
      ['tel:+12125550188', 'America/New_York', 'NY'],
      ['tel:+12125550189', 'America/New_York', 'NY'],
    ]);
    expect(notification.summary.contacts).toBe(2);
  });

  test('one DNI in three spellings is one person', async () => {
    const parsed = await debtors(
      'DNI;NOMBRE;TELEFONO',
      ['1234567;Rosa;+51962468135', '01234567;Rosa;+51962468136', 'DNI 01234567;Rosa;+51962468137'],
      { country: 'PE' },
    );
    expect(parsed.summary).toMatchObject({ contacts: 1, rowsRefused: 0 });
    expect(parsed.rows[0]?.nationalId).toBe('01234567');
  });

  test('in an agency’s file the client is the creditor', async () => {
    const parsed = await parse([
      'RUT CLIENTE;CLIENTE;RUT DEUDOR;DEUDOR;FONO;DEUDA;FECHA VENC',
      '76543210-3;Banco Uno;12345678-5;Ana Soto;962468135;1000;30/11/2026',
    ]);
    expect(parsed.rows[0]).toMatchObject({
      name: 'Ana Soto',
      nationalId: '12345678-5',
      debt: { creditor: 'Banco Uno' },
    });
  });

  test('a name in parts is one, once', async () => {
    const parsed = await debtors('RUT;NOMBRES;AP. PATERNO;AP. MATERNO;TELEFONO', [
      '12345678-5;Ana María;Soto;Paz;962468135',
      '8000000-6;Eva Díaz Ríos;Díaz;Ríos;962468136',
      '9000000-4;Juan;Rojas;;962468137',
    ]);
    expect(parsed.rows.map(({ name }) => name)).toEqual([
      'Ana María Soto Paz',
      'Eva Díaz Ríos',
      'Juan Rojas',
    ]);
  });

  test('a row of totals is nobody', async () => {
    const parsed = await debtors('RUT;NOMBRE;TELEFONO', [
      '12345678-5;Ana;962468135',
      ';TOTAL GENERAL;',
      'Total;;',
      '8000000-6;Total Soto;962468136',
    ]);
    expect(told(parsed)).toEqual(['refused 3  total_row', 'refused 4  total_row']);
    expect(parsed.rows).toHaveLength(2);
  });
});

describe('how they are reached', () => {
  test('area and number in two columns are one number; a whole one stays as it is', async () => {
    const parsed = await debtors('RUT;NOMBRE;COD AREA 1;FONO 1;COD AREA 2;FONO 2', [
      '12345678-5;Ana;9;62468135;2;24681357',
      '8000000-6;Eva;9;962468136;;',
      '9000000-4;Juan;045;2468135;;',
      '9100000-8;Luz;9;2468135;;',
    ]);
    expect(parsed.rows.map(({ phones }) => phones)).toEqual([
      ['+56962468135', '+56224681357'],
      ['+56962468136'],
      ['+56452468135'],
    ]);
    expect(told(parsed)).toEqual(['refused 5 FONO 1 phone_too_short']);
  });

  test('the row’s own RUT in the phone’s place is no phone, with or without dash', async () => {
    const parsed = await debtors('RUT;NOMBRE;TELEFONO', [
      '22468135-6;Ana;224681356',
      '22468135-6;Ana;22.468.135-6',
    ]);
    expect(told(parsed)).toEqual([
      'refused 2 TELEFONO phone_is_national_id',
      'refused 3 TELEFONO phone_is_national_id',
    ]);
  });
});

describe('where they live', () => {
  const lives = async (header: string, place: string): Promise<Parsed> =>
    debtors(`RUT;NOMBRE;TELEFONO;${header}`, [`12345678-5;Ana;962468135;${place}`]);

  test.each([
    ['REGION;COMUNA', 'Valparaíso;Isla de Pascua', 'Pacific/Easter', 'Isla de Pascua, Valparaíso', ''],
    ['REGION', "Villa O'Higgins", 'America/Coyhaique', "O'Higgins, Aysén", ''],
    ['REGION;COMUNA', "Aysén;O'Higgins", 'America/Coyhaique', "O'Higgins, Aysén", ''],
    ['REGION;COMUNA', 'Biobío;Chillán', 'America/Santiago', 'Chillán, Ñuble', 'region_differs'],
    [
      'REGION;COMUNA',
      'Metropolitana;Punta Arenas',
      null,
      'Punta Arenas, Magallanes, Metropolitana',
      'zone_open',
    ],
    ['ESTADO;COMUNA', 'VIGENTE;Chillán', 'America/Santiago', 'Chillán, Ñuble', ''],
    ['ESTADO', 'JUDICIAL', null, undefined, ''],
    ['REGION', 'XV', 'America/Santiago', 'XV (Arica y Parinacota)', ''],
    ['REGION;COMUNA', 'RM;', 'America/Santiago', 'RM', ''],
    ['REGION;COMUNA', 'Marte;Venus', null, 'Marte', 'region_unknown'],
    ['REGION;COMUNA', 'Magallanes;Río Pérez', 'America/Punta_Arenas', 'Magallanes', ''],
  ])('%s %s', async (header, place, zone, region, notice) => {
    const parsed = await lives(header, place);
    expect(parsed.rows[0]?.zone).toBe(zone);
    expect(parsed.rows[0]?.region).toBe(region);
    expect(parsed.rows[0]?.notices.map(({ code }) => code)).toEqual(notice === '' ? [] : [notice]);
  });

  test('a state of the United States across two clocks has both, and needs no zone', async () => {
    const parsed = await parse(
      ['national id;name;phone;amount;due date;state', '123-45-6789;Mary;+13055550123;10;2026-11-30;Florida'],
      { country: 'US', creditor: 'Acme' },
    );
    expect(parsed.rows[0]).toMatchObject({ zone: null, region: 'FL' });
    expect(told(parsed)).toEqual([]);
  });

  test('PAIS is a nationality where phone or RUT are of here, and a country where they are not', async () => {
    const parsed = await debtors('RUT;NOMBRE;TELEFONO;PAIS', [
      '12345678-5;Ana;+56962468135;Venezuela',
      '12345678-4;Ana;+56962468135;Venezuela',
      '8000000-6;Eva;962468136;Venezuela',
      '9000000-4;Luz;962468137;Perú',
      '01234567;Rosa;962468138;Perú',
    ]);
    expect(parsed.rows.map(({ country, phones }) => `${country} ${phones[0]}`)).toEqual([
      'CL +56962468135',
      'CL +56962468136',
      'CL +56962468137',
      'PE +51962468138',
    ]);
    expect(told(parsed)).toEqual([
      'notice 3 PAIS country_differs',
      'refused 3 RUT national_id_check_digit',
      'notice 2 PAIS country_differs',
      'notice 4 PAIS country_differs',
      'notice 5 PAIS country_differs',
    ]);
  });
});

test('what is left to pay is asked for, and the other column is told', async () => {
  const parsed = await parse([
    'RUT;NOMBRE;TELEFONO;MONTO;SALDO;FECHA_VENC;EMPRESA',
    '12345678-5;Ana;962468135;100000;40000;30/11/2026;Banco',
  ]);
  expect(parsed.rows[0]?.debt?.amountMicros).toBe(40_000_000_000n);
  expect(parsed.summary.warnings[0]?.es).toContain('«SALDO» y «MONTO»');
});
