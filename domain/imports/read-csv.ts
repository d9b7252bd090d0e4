/** Reads a CSV as a stream of rows, whatever the programs and the country that it was written in. */
import { basename } from 'node:path';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import type { RawRow, RawSheet } from './rules/cells.ts';
import { type CsvEncoding, detectEncoding } from './csv-encoding.ts';
import { LineTooLong, readLines } from './csv-lines.ts';
import { type CsvRecord, CsvRecords, type RecordShape, unwrapped } from './csv-records.ts';
import { damaged, ImportFileError } from './errors.ts';
import { checkFileRows } from './guard.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import type { ReadProgress } from './progress.ts';

export type CsvDelimiter = ';' | ',' | '\t' | '|';

const DELIMITERS: readonly CsvDelimiter[] = [';', ',', '\t', '|'];
const SAMPLE_CHARACTERS = 64 * 1024;
const SAMPLE_LINES = 30;

/** The one sheet of a guarded CSV, named after the file. Throws `ImportFileError`. */
export async function* readCsv(
  path: string,
  name: string = basename(path),
  limits: ImportLimits = importLimits,
  progress: ReadProgress = { share: 0 },
): AsyncGenerator<RawSheet> {
  const encoding = await detectEncoding(path);
  const sample = await sampleOf({ path, encoding, maxLine: limits.maxTextRun });
  // Excel's own line that names the separator: it is no row that the operator sees.
  const hint = /^sep=(.)$/i.exec(sample[0] ?? '')?.[1];
  const isWrapped = isWrappedTable(sample);
  const lines = isWrapped ? sample.map((line) => unwrapped(line) ?? line) : sample;
  const delimiter = hint ?? detectDelimiter(lines.join('\n'));
  const shape = {
    delimiter,
    columns: usualColumns(lines, delimiter),
    isWrapped,
    maxRecord: limits.maxTextRun,
  };
  const rows = csvRows({ path, name, encoding, limits, shape, skipFirst: hint !== undefined, progress });
  const warning = encodingWarnings[encoding];
  yield { name, hidden: false, rows, ...(warning === undefined ? {} : { warnings: [warning] }) };
}

/** What an operator does not expect is said: names are worth a look then. */
const encodingWarnings: Readonly<Partial<Record<CsvEncoding, Bilingual>>> = {
  cp850: {
    es: 'El archivo se leyó como texto de MS-DOS (CP850): revise los nombres con tildes y ñ.',
    en: 'The file was read as text of MS-DOS (CP850): check names with accents and ñ.',
  },
  macintosh: {
    es: 'El archivo se leyó como texto de un Macintosh antiguo (MacRoman): revise los nombres con tildes y ñ.',
    en: 'The file was read as text of an old Macintosh (MacRoman): check names with accents and ñ.',
  },
  'utf-8+windows-1252': {
    es: 'El archivo está en UTF-8 y tiene filas en Windows-1252: cada fila se leyó como corresponde.',
    en: 'The file is in UTF-8 and has rows in Windows-1252: each row was read as what it is.',
  },
  'windows-1252+utf-8': {
    es: 'El archivo está en Windows-1252 y tiene filas en UTF-8: cada fila se leyó como corresponde.',
    en: 'The file is in Windows-1252 and has rows in UTF-8: each row was read as what it is.',
  },
};

interface SampleSource {
  readonly path: string;
  readonly encoding: CsvEncoding;
  readonly maxLine: number;
}

/** The first lines that have anything in them. */
async function sampleOf(source: SampleSource): Promise<readonly string[]> {
  const sample: string[] = [];
  let characters = 0;
  try {
    for await (const { lines } of readLines({ ...source, progress: { share: 0 } })) {
      for (const line of lines) {
        if (line.trim() === '') continue;
        characters += line.length;
        if (sample.length >= SAMPLE_LINES || characters > SAMPLE_CHARACTERS) return sample;
        sample.push(line);
      }
    }
  } catch (error) {
    // It is met again, with its row, when rows are read.
    if (!(error instanceof LineTooLong)) throw error;
  }
  return sample;
}

/**
 * The separator that most lines of the sample have more often than any other: each line has one vote. Quoted text does not count; a comma
 * before a space or between figures is a name's or an amount's rather than a separator, and counts for a quarter.
 */
export function detectDelimiter(sample: string): CsvDelimiter {
  const lines = sample
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLE_LINES)
    .map(withoutQuoted);
  const votes = new Map<CsvDelimiter, number>();
  const weights = new Map<CsvDelimiter, number>();
  for (const line of lines) {
    let best: CsvDelimiter | undefined;
    let bestWeight = 0;
    for (const delimiter of DELIMITERS) {
      const weight = weightOf(line, delimiter);
      weights.set(delimiter, (weights.get(delimiter) ?? 0) + weight);
      if (weight > bestWeight) [best, bestWeight] = [delimiter, weight];
    }
    if (best !== undefined) votes.set(best, (votes.get(best) ?? 0) + 1);
  }
  const rank = (one: CsvDelimiter): number => (votes.get(one) ?? 0) * 1e6 + (weights.get(one) ?? 0);
  return DELIMITERS.reduce((best, one) => (rank(one) > rank(best) ? one : best));
}

function withoutQuoted(line: string): string {
  return line.replace(/"(?:[^"]|"")*"/g, 'q');
}

function weightOf(line: string, delimiter: CsvDelimiter): number {
  let weight = 0;
  for (let at = line.indexOf(delimiter); at !== -1; at = line.indexOf(delimiter, at + 1)) {
    const [before, after] = [line.charAt(at - 1), line.charAt(at + 1)];
    const isText = delimiter === ',' && (after === ' ' || (isFigure(before) && isFigure(after)));
    weight += isText ? 0.25 : 1;
  }
  return weight;
}

function isFigure(character: string): boolean {
  return character >= '0' && character <= '9';
}

/** Columns of most lines; of as many, the more. */
function usualColumns(lines: readonly string[], delimiter: string): number {
  const counts = new Map<number, number>();
  for (const line of lines) {
    const columns = withoutQuoted(line).split(delimiter).length;
    counts.set(columns, (counts.get(columns) ?? 0) + 1);
  }
  return [...counts].toSorted(([a, n], [b, m]) => m - n || b - a)[0]?.[0] ?? 1;
}

/** Each line one text in quotes, with separators inside: saved as a CSV twice. */
function isWrappedTable(lines: readonly string[]): boolean {
  const inside = lines.map(unwrapped);
  return (
    inside.length > 1 &&
    inside.every((line) => line !== undefined && DELIMITERS.some((one) => weightOf(line, one) >= 1)) &&
    lines.every((line) => DELIMITERS.every((one) => weightOf(withoutQuoted(line), one) === 0))
  );
}

interface CsvSource {
  readonly path: string;
  readonly name: string;
  readonly encoding: CsvEncoding;
  readonly limits: ImportLimits;
  readonly shape: RecordShape;
  readonly skipFirst: boolean;
  readonly progress: ReadProgress;
}

async function* csvRows({
  path,
  name,
  encoding,
  limits,
  shape,
  skipFirst,
  progress,
}: CsvSource): AsyncGenerator<RawRow> {
  const records = new CsvRecords(shape);
  const rows = new Rows(name, limits, skipFirst);
  try {
    for await (const { lines, others } of readLines({
      path,
      encoding,
      maxLine: limits.maxTextRun,
      progress,
    })) {
      records.add(lines, others);
      for (const record of records.take(false)) {
        const row = rows.of(record);
        if (row !== undefined) yield row;
      }
    }
    for (const record of records.take(true)) {
      const row = rows.of(record);
      if (row !== undefined) yield row;
    }
  } catch (error) {
    throw asFileError(error, rows.count);
  }
}

/** Records as rows, with the numbers that Excel shows: a blank line is a row there. */
class Rows {
  readonly #name: string;
  readonly #limits: ImportLimits;
  #skips: boolean;
  count = 0;

  constructor(name: string, limits: ImportLimits, skipFirst: boolean) {
    this.#name = name;
    this.#limits = limits;
    this.#skips = skipFirst;
  }

  of({ cells, remarks }: CsvRecord): RawRow | undefined {
    if (this.#skips) {
      this.#skips = false;
      return undefined;
    }
    this.count += 1;
    checkFileRows(this.count, this.#limits);
    if (cells.length > this.#limits.maxColumns) throw tooManyColumns(this.#limits);
    const row = {
      sheet: this.#name,
      row: this.count,
      hidden: false,
      cells: cells.map((text) => (text === '' ? undefined : text)),
    };
    return remarks.length === 0 ? row : { ...row, remarks };
  }
}

function tooManyColumns({ maxColumns }: ImportLimits): ImportFileError {
  return new ImportFileError(
    'too_many_columns',
    `Una línea tiene más de ${maxColumns} columnas. Revise el separador.`,
    `A line has over ${maxColumns} columns. Check the separator.`,
  );
}

function asFileError(error: unknown, row: number): ImportFileError {
  if (error instanceof ImportFileError) return error;
  if (!(error instanceof LineTooLong)) return damaged(error);
  return new ImportFileError(
    'csv_malformed',
    `El CSV no se puede leer después de la fila ${row}: una línea es desmesurada.`,
    `The CSV cannot be read after row ${row}: a line is out of all proportion.`,
    { cause: error },
  );
}
