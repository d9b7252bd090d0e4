/** Reads a CSV as a stream of rows, whatever the program and the country that it was written in. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import type { RawRow, RawSheet } from './rules/cells.ts';
import { damaged, ImportFileError } from './errors.ts';
import { checkFileRows } from './guard.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import type { ReadProgress } from './progress.ts';

export type CsvEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
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
  const sample = await readSample(path, encoding);
  // Excel's own line that names the separator: it is no row that the operator sees.
  const hint = /^sep=(.)\r?\n/i.exec(sample);
  const delimiter = hint?.[1] ?? detectDelimiter(sample);
  yield {
    name,
    hidden: false,
    rows: csvRows({ path, name, encoding, delimiter, limits, skipFirst: hint !== null, progress }),
  };
}

/**
 * By byte order mark, else UTF-8 when the whole file is valid UTF-8, else Windows-1252 (what Excel in Chile writes).
 * The whole file: the first accent may be on the last line.
 */
export async function detectEncoding(path: string): Promise<CsvEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let first = true;
  try {
    for await (const chunk of createReadStream(path)) {
      if (!Buffer.isBuffer(chunk)) continue;
      if (first && chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
      if (first && chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
      first = false;
      decoder.decode(chunk, { stream: true });
    }
    decoder.decode();
    return 'utf-8';
  } catch (error) {
    if (error instanceof TypeError) return 'windows-1252';
    throw error;
  }
}

async function* bytesOf(path: string, progress: ReadProgress): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    progress.share = Math.min(1, bytes / size);
    yield chunk;
  }
}

async function* decoded(
  path: string,
  encoding: CsvEncoding,
  progress: ReadProgress = { share: 0 },
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of bytesOf(path, progress)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function readSample(path: string, encoding: CsvEncoding): Promise<string> {
  let sample = '';
  for await (const text of decoded(path, encoding)) {
    sample += text;
    if (sample.length >= SAMPLE_CHARACTERS) break;
  }
  return sample.slice(0, SAMPLE_CHARACTERS);
}

/** The separator that most lines of the sample have in the same number; quoted text does not count. */
export function detectDelimiter(sample: string): CsvDelimiter {
  const lines = sample
    .replace(/"(?:[^"]|"")*"/g, 'q')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLE_LINES);
  let best: CsvDelimiter = ';';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const columns = line.split(delimiter).length - 1;
      if (columns > 0) counts.set(columns, (counts.get(columns) ?? 0) + 1);
    }
    // '1.234,50' puts one comma on most lines of a ';' file: more columns on as many lines wins.
    const score = Math.max(0, ...[...counts].map(([columns, count]) => count * 100 + Math.min(columns, 99)));
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  }
  return best;
}

interface CsvSource {
  readonly path: string;
  readonly name: string;
  readonly encoding: CsvEncoding;
  readonly delimiter: string;
  readonly limits: ImportLimits;
  readonly skipFirst: boolean;
  readonly progress: ReadProgress;
}

async function* csvRows({
  path,
  name,
  encoding,
  delimiter,
  limits,
  skipFirst,
  progress,
}: CsvSource): AsyncGenerator<RawRow> {
  const parser = parse({
    delimiter,
    bom: true,
    // A blank line is a row in Excel: without it, every row number after it would be wrong in the report.
    skip_empty_lines: false,
    relax_column_count: true,
    relax_quotes: true,
    from: skipFirst ? 2 : 1,
    max_record_size: limits.maxTextRun,
  });
  // The parser works on bytes of UTF-8, and the whole file was found to be that: a text would be turned into them again.
  const source = Readable.from(
    encoding === 'utf-8' ? bytesOf(path, progress) : decoded(path, encoding, progress),
    { objectMode: true },
  );
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let row = 0;
  try {
    for await (const record of parser) {
      row += 1;
      checkFileRows(row, limits);
      if (!isRecord(record)) continue;
      if (record.length > limits.maxColumns) throw tooManyColumns(limits);
      yield {
        sheet: name,
        row,
        hidden: false,
        cells: record.map((text) => (text === '' ? undefined : text)),
      };
    }
  } catch (error) {
    throw asFileError(error, row);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function isRecord(record: unknown): record is readonly string[] {
  return Array.isArray(record) && record.every((value) => typeof value === 'string');
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
  if (!(error instanceof CsvError)) return damaged(error);
  return new ImportFileError(
    'csv_malformed',
    `El CSV no se puede leer después de la fila ${row}: unas comillas quedan abiertas o una línea es desmesurada.`,
    `The CSV cannot be read after row ${row}: a quote stays open, or a line is out of all proportion.`,
    { cause: error },
  );
}
