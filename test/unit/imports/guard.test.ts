import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardUpload } from '../../../domain/imports/guard.ts';
import { type ImportLimits, importLimits } from '../../../domain/imports/limits.ts';
import {
  createTestFolder,
  parseFile,
  refusalOf,
  rowXml,
  sheetParts,
  type TestFolder,
  workbookOf,
  zipOf,
} from './fixtures.ts';

const HEADERS = ['nombre', 'telefono', 'var1'];
const text = (value: string): string => `<t>${value}</t>`;
const good = `<sheetData>${rowXml(1, HEADERS.map(text))}${rowXml(2, ['Ana', '+56961234567', 'x'].map(text))}</sheetData>`;

describe('the guard before parsing', () => {
  let folder: TestFolder;
  beforeAll(async () => {
    folder = await createTestFolder();
  });
  afterAll(() => folder.remove());

  const refused = async (name: string, content: string | Buffer, limits?: ImportLimits): Promise<string> => {
    const path = await folder.file(name, content);
    return refusalOf(guardUpload(path, limits));
  };

  test('an honest workbook and an honest CSV pass, with their size and hash', async () => {
    const workbook = zipOf(sheetParts(good));
    const path = await folder.file('ok.xlsx', workbook);
    const guarded = await guardUpload(path);
    expect(guarded).toMatchObject({ kind: 'workbook', bytes: workbook.length });
    expect(guarded.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await guardUpload(await folder.file('ok.csv', 'nombre;telefono\n'))).kind).toBe('csv');
  });

  test('the kind is found from the content, whatever the name', async () => {
    const path = await folder.file('misnamed.csv', zipOf(sheetParts(good)));
    expect((await guardUpload(path)).kind).toBe('workbook');
  });

  test.each([
    ['empty_file', ''],
    ['old_excel', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(2_000)])],
    [
      'encrypted',
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        // Across two chunks of the file stream.
        Buffer.alloc(64 * 1024 - 20),
        Buffer.from('EncryptedPackage', 'utf16le'),
      ]),
    ],
    ['html_not_excel', '  <html><table><tr><td>RUT</td></tr></table></html>'],
    ['not_a_spreadsheet', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1])],
    ['not_a_spreadsheet', zipOf([{ name: 'word/document.xml', content: '<w/>' }])],
    ['binary_excel', zipOf([{ name: 'xl/workbook.bin', content: 'x' }])],
    ['encrypted', zipOf([{ name: 'xl/workbook.xml', content: '<x/>', flags: 1 }])],
    ['damaged', Buffer.from('PK\u0003\u0004 and nothing more', 'latin1')],
    ['damaged', zipOf(sheetParts(good)).subarray(0, -60)],
    ['damaged', zipOf(sheetParts(good).map((part) => ({ ...part, checksum: 7 })))],
  ])('%s is said in both languages (%#)', async (code, content) => {
    expect(await refused('refused.bin', content)).toBe(code);
  });

  test('a file above the size limit is refused', async () => {
    expect(await refused('large.csv', 'a'.repeat(101), { ...importLimits, maxFileBytes: 100 })).toBe(
      'file_too_large',
    );
  });

  test('more than 200 parts are refused', async () => {
    const parts = Array.from({ length: 201 }, (_, index) => ({ name: `xl/p${index}.xml`, content: '<x/>' }));
    expect(await refused('parts.xlsx', zipOf(parts))).toBe('too_many_parts');
  });

  test('a bomb of 150 MB in one cell is refused', async () => {
    const bomb = `<sheetData>${rowXml(1, [text('x'.repeat(150 * 1024 * 1024))])}</sheetData>`;
    expect(await refused('bomb.xlsx', zipOf(sheetParts(bomb)))).toBe('suspicious_compression');
  });

  test('a bomb whose headers declare a small size is refused all the same', async () => {
    const [workbook, rels, sheet] = sheetParts(`<sheetData>${' '.repeat(20 * 1024 * 1024)}</sheetData>`);
    if (workbook === undefined || rels === undefined || sheet === undefined) throw new Error('three parts');
    const lying = zipOf([workbook, rels, { ...sheet, declaredSize: 1_000 }]);
    expect(await refused('lying.xlsx', lying)).toBe('damaged');
  });

  test('parts that are small one by one and too large together are refused', async () => {
    // Random hex packs two to one: no single ratio gives it away.
    const noise = Array.from({ length: 40_000 }, (_, index) =>
      ((index * 2_654_435_761) % 4_294_967_296).toString(16),
    );
    const parts = [
      ...sheetParts(good),
      ...Array.from({ length: 5 }, (_, index) => ({
        name: `xl/media/${index}.xml`,
        content: noise.join(''),
      })),
    ];
    const limits = { ...importLimits, maxUnpackedBytes: 1_000_000 };
    expect(await refused('sum.xlsx', zipOf(parts), limits)).toBe('too_large_unpacked');
  });

  test('parts that understate their size are counted by what they inflate to', async () => {
    const noise = Array.from({ length: 40_000 }, (_, index) =>
      ((index * 2_654_435_761) % 4_294_967_296).toString(16),
    );
    const limits = { ...importLimits, maxUnpackedBytes: 100_000 };
    const parts = [
      ...sheetParts(good),
      { name: 'xl/media/a.xml', content: noise.join(''), declaredSize: 10 },
    ];
    expect(['damaged', 'too_large_unpacked']).toContain(
      await refused('understated.xlsx', zipOf(parts), limits),
    );
  });

  test('more rows than the limit in all sheets together are refused before parsing', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ['Ana', `+5696123${4000 + index}`]);
    const content = await workbookOf({ A: [HEADERS, ...rows], B: rows });
    expect(await refused('rows.xlsx', content, { ...importLimits, maxRows: 59, maxOtherRows: 1 })).toBe(
      'too_many_rows',
    );
    expect(await refused('rows.xlsx', content, { ...importLimits, maxRows: 60, maxOtherRows: 1 })).toBe(
      'taken',
    );
  });

  test('a row tag that lies across two chunks counts once', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => `<row r="${index + 1}"/>`).join('');
    const content = zipOf(sheetParts(`<sheetData>${rows}</sheetData>`));
    expect(await refused('many.xlsx', content, { ...importLimits, maxRows: 19_999, maxOtherRows: 0 })).toBe(
      'too_many_rows',
    );
    expect(await refused('many.xlsx', content, { ...importLimits, maxRows: 20_000, maxOtherRows: 0 })).toBe(
      'taken',
    );
  });

  test('a part that the directory does not list is never read', async () => {
    const hidden = `<sheetData>${rowXml(1, HEADERS.map(text))}${rowXml(2, ['Intrusa', '+56971234567', 'x'].map(text))}</sheetData>`;
    const smuggled = sheetParts(hidden).map((part) => ({ ...part, unlisted: true }));
    const path = await folder.file('smuggled.xlsx', zipOf([...smuggled, ...sheetParts(good)]));
    expect((await parseFile(path)).rows.map(({ name }) => name)).toEqual(['Ana']);
  });

  test('a format made to be slow to search is not searched', async () => {
    const styles = `<styleSheet><numFmts><numFmt numFmtId="200" formatCode="${'['.repeat(200_000)}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>`;
    const content = zipOf([...sheetParts(good), { name: 'xl/styles.xml', content: styles }]);
    expect((await parseFile(await folder.file('format.xlsx', content))).summary.contacts).toBe(1);
  });

  test('cells that only have a format may reach the last column', async () => {
    const row = rowXml(2, ['Ana', '+56961234567', 'x'].map(text)).replace(
      '</row>',
      '<c r="XFD2" s="0"/></row>',
    );
    const sheet = `<sheetData>${rowXml(1, HEADERS.map(text))}${row}</sheetData>`;
    const path = await folder.file('formats.xlsx', zipOf(sheetParts(sheet)));
    expect((await parseFile(path)).summary.contacts).toBe(1);
  });

  test('an enormous column definition costs nothing', async () => {
    const cols = '<cols><col min="1" max="2000000000" width="9"/></cols>';
    const path = await folder.file('cols.xlsx', zipOf(sheetParts(cols + good)));
    expect((await parseFile(path)).summary.contacts).toBe(1);
  });

  test('a text run out of proportion is refused while it is read, in cells and in shared strings', async () => {
    const limits = { ...importLimits, maxTextRun: 10_000, maxRatio: 1e9 };
    const long = `<sheetData>${rowXml(1, HEADERS.map(text))}${rowXml(2, [text('x'.repeat(200_000))])}</sheetData>`;
    const cell = await folder.file('long.xlsx', zipOf(sheetParts(long)));
    expect(await refusalOf(parseFile(cell, {}, limits))).toBe('text_run_too_long');
    const strings = {
      name: 'xl/sharedStrings.xml',
      content: `<sst><si><t>${'x'.repeat(200_000)}</t></si></sst>`,
    };
    const shared = await folder.file('shared.xlsx', zipOf([...sheetParts(good), strings]));
    expect(await refusalOf(parseFile(shared, {}, limits))).toBe('text_run_too_long');
  });

  test.each([
    ['a comment', `<!--${'<c/>'.repeat(100_000)}-->`],
    [
      'a section of raw text',
      `<sheetData><row r="1"><c r="A1"><v><![CDATA[${'<c/>'.repeat(100_000)}]]></v></c></row></sheetData>`,
    ],
    [
      'a text of ten thousand runs',
      `<sheetData>${rowXml(1, ['<r><t>abcdefgh</t></r>'.repeat(10_000)])}</sheetData>`,
    ],
    [
      'a value with a comment in each of its letters',
      `<sheetData><row r="1"><c r="A1"><v>${'12345678<!---->'.repeat(10_000)}</v></c></row></sheetData>`,
    ],
  ])('%s out of proportion is refused while it is read', async (_, sheet) => {
    const limits = { ...importLimits, maxTextRun: 50_000, maxRatio: 1e9 };
    const path = await folder.file('run.xlsx', zipOf(sheetParts(sheet)));
    expect(await refusalOf(parseFile(path, {}, limits))).toBe('text_run_too_long');
  });

  test.each([
    ['unfinished cells', '<c '],
    ['unfinished rows', '<row hidden="1" '],
    ['unfinished runs', '</t></r><r><rPr>'],
    ['formulas without end', '<c r="A1"><f>'],
  ])('a sheet of %s, made to be slow to search, is refused like any other', async (_, piece) => {
    const sheet = `<sheetData>${piece.repeat(Math.floor(240_000 / piece.length))}</c>`.repeat(4);
    const path = await folder.file('slow.xlsx', zipOf(sheetParts(sheet)));
    expect(await refusalOf(parseFile(path, {}, { ...importLimits, maxRatio: 1e9 }))).toBe('damaged');
  });

  test.each([
    [
      'entities',
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData>',
    ],
    ['a torn tag', '<sheetData><row r="1"><c r="A1"><v>1</v></row></sheetData>'],
    ['an address that is none', '<sheetData><row r="1"><c r="1A"><v>1</v></c></row></sheetData>'],
    ['a row beyond the last one', '<sheetData><row r="1048577"><c r="A1"><v>1</v></c></row></sheetData>'],
    [
      'a text that is not in the file',
      '<sheetData><row r="1"><c r="A1" t="s"><v>7</v></c></row></sheetData>',
    ],
    ['rows that do not end', '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'],
    ['elements a thousand deep', '<a>'.repeat(1_000) + '</a>'.repeat(1_000)],
  ])('a sheet with %s is refused as damaged, and nothing crashes', async (_, sheet) => {
    const path = await folder.file('odd.xlsx', zipOf(sheetParts(sheet)));
    expect(await refusalOf(parseFile(path))).toBe('damaged');
  });
});
