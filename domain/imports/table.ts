/** A small file of a few known columns (payments, removals): one row at a time, headers in any row and spelling. */
import { headerWords } from '../usecases/header-words.ts';
import { normaliseHeader } from '../usecases/headers.ts';
import { cellText, cutText, isBlank, type RawCell, type RawRow, type RawSheet } from './rules/cells.ts';
import { ImportFileError } from './errors.ts';
import { guardUpload } from './guard.ts';
import { importLimits } from './limits.ts';
import type { ReadProgress } from './progress.ts';
import { readCsv } from './read-csv.ts';
import { readWorkbook } from './read-workbook.ts';

export interface TableColumn {
  readonly key: string;
  /** For people: what the file would call it. */
  readonly label: string;
  readonly aliases: readonly string[];
  /** Every column of these names is read, also 'TELEFONO 2': the further ones as `key_2`, `key_3` … */
  readonly isMany?: true;
}

export interface TableRow {
  readonly sheet: string;
  /** As the operator sees it in Excel. */
  readonly row: number;
  /** By column key; a column that the file has not got is absent. */
  readonly cells: Readonly<Record<string, { readonly header: string; readonly cell: RawCell }>>;
  /** Of a workbook whose days count from 1904. */
  readonly is1904?: true;
  /** Columns by key whose value is that of a cell merged over several rows. */
  readonly merged?: readonly string[];
}

export interface TableInput {
  readonly path: string;
  readonly fileName: string;
  readonly columns: readonly TableColumn[];
  /** Any of these sets is enough to be a header. */
  readonly needs: readonly (readonly string[])[];
  readonly progress?: ReadProgress;
}

const headerScanRows = 30;

/** Rows of the first visible sheet that has a header. Throws `ImportFileError` for a file that cannot be taken at all. */
export async function* readTable(input: TableInput): AsyncGenerator<TableRow> {
  const { kind, merges } = await guardUpload(input.path);
  const sheets: AsyncIterable<RawSheet> =
    kind === 'workbook'
      ? readWorkbook(input.path, importLimits, input.progress, merges)
      : readCsv(input.path, input.fileName, importLimits, input.progress);
  for await (const sheet of sheets) {
    if (sheet.hidden) continue;
    let header: BoundHeader | undefined;
    let seen = 0;
    for await (const raw of sheet.rows) {
      if (raw.cells.every(isBlank)) continue;
      if (header !== undefined) {
        // What a merged cell leaves in a row that has nothing else is no row.
        if (raw.cells.every((cell, index) => isBlank(cell) || raw.merged?.includes(index) === true)) continue;
        yield rowOf(raw, header);
        continue;
      }
      seen += 1;
      if (seen > headerScanRows) break;
      header = headerOf(raw, input);
    }
    if (header !== undefined) return;
  }
  const names = input.columns.map(({ label }) => label).join(', ');
  throw new ImportFileError(
    'header_not_found',
    `Ninguna hoja visible tiene los encabezados necesarios: ${names}.`,
    `No visible sheet has the headers that are needed: ${names}.`,
  );
}

type BoundHeader = ReadonlyMap<number, { readonly key: string; readonly header: string }>;

/** Of two headers for one column the one with the better name, as imports bind them. */
function headerOf(raw: RawRow, { columns, needs }: TableInput): BoundHeader | undefined {
  const found = raw.cells.flatMap((cell, index) => {
    if (typeof cell !== 'string') return [];
    const header = cutText(cellText(cell));
    return columns.flatMap((column) => {
      const rank = rankOf(column, header);
      return rank < 0 ? [] : [{ column, header, index, rank }];
    });
  });
  const bound = new Map<number, { key: string; header: string }>();
  for (const column of columns) {
    const own = found.filter((one) => one.column === column && !bound.has(one.index));
    const [best, ...others] = own.toSorted((a, b) => a.rank - b.rank || a.index - b.index);
    if (best === undefined) continue;
    bound.set(best.index, { key: column.key, header: best.header });
    if (column.isMany !== true) continue;
    for (const [at, { index, header }] of others.entries())
      bound.set(index, { key: `${column.key}_${at + 2}`, header });
  }
  const keys = new Set([...bound.values()].map(({ key }) => key));
  return needs.some((set) => set.every((key) => keys.has(key))) ? bound : undefined;
}

/** Place of the header among the column's names; -1 for none. */
function rankOf({ label, aliases, isMany }: TableColumn, header: string): number {
  const names = [label, ...aliases];
  const spelled = normaliseHeader(header);
  const exact = names.findIndex((name) => normaliseHeader(name) === spelled);
  if (exact >= 0 || spelled === '') return exact;
  const words = headerWords(header);
  const byWords = words === '' ? -1 : names.findIndex((name) => headerWords(name) === words);
  if (byWords >= 0 || isMany !== true) return byWords;
  const base = words.replace(/ ?[1-9]$/, '');
  const numbered = base === words ? -1 : names.findIndex((name) => headerWords(name) === base);
  return numbered < 0 ? -1 : 100 + numbered;
}

function rowOf(raw: RawRow, header: BoundHeader): TableRow {
  const cells: Record<string, { header: string; cell: RawCell }> = {};
  for (const [index, { key, header: name }] of header) cells[key] = { header: name, cell: raw.cells[index] };
  const row = { sheet: raw.sheet, row: raw.row, cells };
  if (raw.is1904 === undefined && raw.merged === undefined) return row;
  const merged = (raw.merged ?? []).flatMap((index) => header.get(index)?.key ?? []);
  return { ...row, ...(raw.is1904 === true ? { is1904: true } : {}), merged };
}
