/**
 * Reads a .xlsx as a stream of rows. The cells are exceljs's; the zip is not: exceljs by itself scans local headers in
 * the order of the file, which shows it parts that the guard never saw, and makes it read a sheet before the styles
 * (dates become numbers) or before the workbook (a crash) when a program wrote them in another order.
 */
import ExcelJS from 'exceljs';
import type yauzl from 'yauzl';
import type { RawCell, RawRow, RawSheet } from './rules/cells.ts';
import { damaged, ImportFileError } from './errors.ts';
import { tooManyRows } from './guard.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { boundedText, sheetText } from './sheet-text.ts';
import { openZip, partStream, partText } from './zip.ts';

type Parts = ReadonlyMap<string, yauzl.Entry>;

interface SheetEntry {
  readonly name: string;
  readonly hidden: boolean;
  readonly part: string;
}

/** The methods of exceljs 4.4.0's reader that do the parsing; pinned by a test, since they are not in its types. */
interface ReaderParts {
  _parseRels(stream: NodeJS.ReadableStream): Promise<void>;
  _parseWorkbook(stream: NodeJS.ReadableStream): Promise<void>;
  _parseStyles(stream: NodeJS.ReadableStream): Promise<void>;
  _parseSharedStrings(stream: NodeJS.ReadableStream): AsyncIterable<unknown>;
  _parseWorksheet(
    text: AsyncIterable<string>,
    sheetNumber: string,
  ): Iterable<{ readonly value: AsyncIterable<ExcelJS.Row> }>;
  readonly workbookRels?: readonly { readonly Id: string; readonly Target: string }[];
  readonly model?: {
    readonly sheets?: readonly { readonly name: string; readonly rId: string; readonly state?: string }[];
  };
}

/**
 * The sheets of a guarded .xlsx in the order of their tabs. Each sheet's rows are read once, while it is the current
 * one. Throws `ImportFileError`.
 */
export async function* readWorkbook(
  path: string,
  limits: ImportLimits = importLimits,
): AsyncGenerator<RawSheet> {
  const zip = await openZip(path);
  try {
    const parts = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) parts.set(entry.fileName, entry);
    const reader = createReader();
    const sheets = await readFrame(reader, zip, parts, limits);
    const counter = { rows: 0 };
    for (const { name, hidden, part } of sheets) {
      const entry = parts.get(part);
      // A chart sheet has no cells.
      if (entry === undefined || !part.startsWith('xl/worksheets/')) continue;
      const rows = sheetRows({ reader, text: partText(zip, entry), name, counter, limits });
      yield { name, hidden, rows };
    }
  } catch (error) {
    throw error instanceof ImportFileError ? error : damaged(error);
  } finally {
    zip.close();
  }
}

function createReader(): ReaderParts {
  const reader: unknown = new ExcelJS.stream.xlsx.WorkbookReader(partStream(nothing()), {
    worksheets: 'emit',
    sharedStrings: 'cache',
    hyperlinks: 'ignore',
    styles: 'cache',
    entries: 'ignore',
  });
  if (!isReaderParts(reader))
    throw new Error('exceljs is not the version that this reader was written for (4.4.0)');
  return reader;
}

async function* nothing(): AsyncGenerator<string> {}

function isReaderParts(reader: unknown): reader is ReaderParts {
  if (typeof reader !== 'object' || reader === null) return false;
  const methods = ['_parseRels', '_parseWorkbook', '_parseStyles', '_parseSharedStrings', '_parseWorksheet'];
  return methods.every((method) => typeof Reflect.get(reader, method) === 'function');
}

/** Reads everything but the sheets, in the order that exceljs needs: relations, workbook, styles, strings. */
async function readFrame(
  reader: ReaderParts,
  zip: yauzl.ZipFile,
  parts: Parts,
  limits: ImportLimits,
): Promise<readonly SheetEntry[]> {
  const text = (name: string): AsyncGenerator<string> | undefined => {
    const entry = parts.get(name);
    return entry === undefined ? undefined : boundedText(partText(zip, entry), limits);
  };
  const relations = text('xl/_rels/workbook.xml.rels');
  const workbook = text('xl/workbook.xml');
  if (relations === undefined || workbook === undefined) throw damaged(new Error('no workbook part'));
  await reader._parseRels(partStream(relations));
  await reader._parseWorkbook(partStream(workbook));
  const styles = text('xl/styles.xml');
  if (styles !== undefined) await reader._parseStyles(partStream(styles));
  const strings = text('xl/sharedStrings.xml');
  if (strings !== undefined)
    for await (const unused of reader._parseSharedStrings(partStream(strings))) void unused;
  return (reader.model?.sheets ?? []).flatMap(({ name, rId, state }): SheetEntry[] => {
    const target = reader.workbookRels?.find(({ Id }) => Id === rId)?.Target;
    if (target === undefined) return [];
    // Some programs write an absolute path ('/xl/worksheets/sheet1.xml'), which exceljs itself does not match.
    const part = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
    return [{ name, hidden: state !== undefined && state !== 'visible', part }];
  });
}

interface SheetSource {
  readonly reader: ReaderParts;
  readonly text: AsyncIterable<string>;
  readonly name: string;
  readonly counter: { rows: number };
  readonly limits: ImportLimits;
}

async function* sheetRows({ reader, text, name, counter, limits }: SheetSource): AsyncGenerator<RawRow> {
  const hidden = new Set<number>();
  try {
    for (const { value } of reader._parseWorksheet(sheetText(text, hidden, limits), '1')) {
      for await (const row of value) {
        counter.rows += 1;
        if (counter.rows > limits.maxRows) throw tooManyRows(limits);
        yield { sheet: name, row: row.number, hidden: hidden.has(row.number), cells: rowCells(row, limits) };
      }
    }
  } catch (error) {
    throw error instanceof ImportFileError ? error : damaged(error);
  }
}

/** By column, from 0: blank cells are absent from the file, so the position in the XML says nothing. */
function rowCells(row: ExcelJS.Row, { maxColumns }: ImportLimits): readonly RawCell[] {
  const cells: RawCell[] = [];
  row.eachCell((cell, column) => {
    if (column > maxColumns) {
      throw new ImportFileError(
        'too_many_columns',
        `La hoja usa más de ${maxColumns} columnas. Quite las que sobran.`,
        `The sheet uses over ${maxColumns} columns. Remove those that are not needed.`,
      );
    }
    cells[column - 1] = readCell(cell.value, cell.numFmt, cell.result);
  });
  return cells;
}

function readCell(value: unknown, format: string | undefined, saved?: unknown): RawCell {
  if (typeof value === 'number') return Number.isNaN(value) ? { error: '#N/A' } : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? { error: '#N/A' } : value;
  if (typeof value !== 'object' || value === null) return undefined;
  if ('error' in value) return { error: String(value.error) };
  if ('formula' in value || 'sharedFormula' in value) return readFormula(value, format, saved);
  if ('richText' in value && Array.isArray(value.richText)) return richText(value.richText);
  return 'text' in value ? readCell(value.text, format) : undefined;
}

function readFormula(value: object, format: string | undefined, saved: unknown): RawCell {
  const formula = 'formula' in value && typeof value.formula === 'string' ? value.formula : '';
  // exceljs leaves 0, '' and errors out of `value`; a dragged (shared) formula has its result only there.
  const result = 'result' in value ? value.result : saved;
  // exceljs turns the cached '#N/A' of a formula into NaN, and does not convert its dates.
  if (typeof result === 'number' && !Number.isNaN(result) && isDateFormat(format))
    return serialToDate(result);
  const cell = readCell(result, format);
  return cell === undefined ? { formula } : cell;
}

function richText(runs: readonly unknown[]): string {
  return runs
    .map((run) =>
      typeof run === 'object' && run !== null && 'text' in run && typeof run.text === 'string'
        ? run.text
        : '',
    )
    .join('');
}

/** Day or year letters outside of quotes and brackets: 'dd/mm/yyyy', not '[Red]0' nor '0 "días"'. */
function isDateFormat(format: string | undefined): boolean {
  return format !== undefined && /[dy]/i.test(format.replace(/"[^"]*"|\[[^\]]*\]|\\./g, ''));
}

const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

function serialToDate(serial: number): Date {
  return new Date(SERIAL_EPOCH_MS + Math.round(serial * DAY_MS));
}
