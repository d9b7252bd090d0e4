/** Files for the import tests: written in the test, each wrong (or odd) in one way. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { ImportFileError } from '../../../domain/imports/errors.ts';
import type { ImportLimits } from '../../../domain/imports/limits.ts';
import { parseUpload } from '../../../domain/imports/parse.ts';
import type {
  ImportDefaults,
  ImportSummary,
  PlacedRow,
  ParseInput,
  RowProblem,
} from '../../../domain/imports/types.ts';

export interface TestFolder {
  readonly path: string;
  file(name: string, content: string | Buffer): Promise<string>;
  remove(): Promise<void>;
}

export async function createTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'tandas-import-'));
  return {
    path,
    async file(name, content) {
      const target = join(path, name);
      await writeFile(target, content);
      return target;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export interface Parsed {
  readonly summary: ImportSummary;
  readonly rows: readonly PlacedRow[];
  readonly problems: readonly RowProblem[];
}

/** Reads a file whole, with the defaults of a Chilean batch. */
export async function parseFile(
  path: string,
  input: Partial<ParseInput> = {},
  limits?: ImportLimits,
): Promise<Parsed> {
  const rows: PlacedRow[] = [];
  const problems: RowProblem[] = [];
  const summary = await parseUpload(
    { path, fileName: 'prueba', defaults: { country: 'CL' }, ...input },
    { row: (row) => void rows.push(row), problem: (problem) => void problems.push(problem) },
    limits,
  );
  return { summary, rows, problems };
}

/** The same of the lines of a CSV. */
export async function parseLines(
  folder: TestFolder,
  lines: readonly string[],
  defaults: ImportDefaults = { country: 'CL' },
): Promise<Parsed> {
  return parseFile(await folder.file('lines.csv', lines.join('\n')), { defaults });
}

/** All that is said of rows, those that are refused first. */
export const told = ({ problems, rows }: Parsed): string[] =>
  [...problems, ...rows.flatMap(({ notices }) => notices)].map(
    ({ row, column, code, severity }) => `${severity} ${row} ${column} ${code}`,
  );

/** The code that a file is refused with, or 'taken'. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'taken';
  } catch (error) {
    if (!(error instanceof ImportFileError)) throw error;
    if (error.message_es === '' || error.message_en === '')
      throw new Error('an error without words', { cause: error });
    return error.code;
  }
}

export type CellInput = ExcelJS.CellValue | undefined;

/** A workbook of one or more sheets by exceljs, as a buffer. */
export async function workbookOf(
  sheets: Readonly<Record<string, readonly (readonly CellInput[])[]>>,
  adjust: (workbook: ExcelJS.Workbook) => void = () => undefined,
): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  for (const [name, rows] of Object.entries(sheets)) {
    const sheet = workbook.addWorksheet(name);
    rows.forEach((row, rowIndex) => {
      row.forEach((value, column) => {
        if (value !== undefined && value !== null) sheet.getCell(rowIndex + 1, column + 1).value = value;
      });
    });
  }
  adjust(workbook);
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

export interface ZipPart {
  readonly name: string;
  readonly content: string | Buffer;
  /** What the headers say, when it is not the truth. */
  readonly declaredSize?: number;
  /** Left out of the directory: only a reader that scans local headers sees it. */
  readonly unlisted?: boolean;
  readonly flags?: number;
  /** What the headers say, when it is not the truth. */
  readonly checksum?: number;
}

/** A zip by hand, for those that no honest program writes. Parts are in the given order. */
export function zipOf(parts: readonly ZipPart[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, declaredSize, unlisted, flags = 0, checksum } of parts) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const nameBytes = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(checksum ?? crc32(raw), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(declaredSize ?? raw.length, 18);
    fields.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, nameBytes, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    if (unlisted !== true) {
      const made = Buffer.from([20, 0]);
      directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002', 'latin1'), made, fields, tail, nameBytes]));
    }
    bodies.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, listing, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The parts of a workbook with one sheet whose XML is given, from `<worksheet>`'s content. */
export function sheetParts(sheet: string): ZipPart[] {
  return [
    {
      name: 'xl/workbook.xml',
      content: `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="Datos" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `<Relationships xmlns="${RELATIONS}"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    },
    { name: 'xl/worksheets/sheet1.xml', content: `<worksheet xmlns="${MAIN}">${sheet}</worksheet>` },
  ];
}

/** A row of inline texts in a sheet's XML. */
export function rowXml(row: number, texts: readonly string[], attributes = ''): string {
  const cells = texts.map(
    (text, index) => `<c r="${String.fromCharCode(65 + index)}${row}" t="inlineStr"><is>${text}</is></c>`,
  );
  return `<row r="${row}"${attributes}>${cells.join('')}</row>`;
}
