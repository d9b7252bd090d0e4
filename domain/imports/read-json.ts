/** Rows that a request sends as JSON, as a sheet of which the keys are the header. */
import { readFile } from 'node:fs/promises';
import { ImportFileError } from './errors.ts';
import { type JsonRow, JsonSyntax, JsonText } from './json-text.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import type { RawCell, RawRow, RawSheet } from './rules/cells.ts';
import type { SentFormat } from './guard.ts';
import type { ReadProgress } from './progress.ts';

/** The keys stand above the first row. */
export const keysRow = 0;

/**
 * Reads the array of `rows`, or NDJSON, whole: at most some megabytes. Opens it as its one sheet. A line of NDJSON that is no
 * JSON is a refused row; a malformed array is refused whole. Throws `ImportFileError`.
 */
export async function readJson(
  path: string,
  format: SentFormat,
  limits: ImportLimits = importLimits,
): Promise<(progress?: ReadProgress) => AsyncIterable<RawSheet>> {
  const text = textOf(await readFile(path));
  const keys: string[] = [];
  const columns = new Map<string, number>();
  const cellsOf = (row: JsonRow): readonly RawCell[] => {
    const cells: RawCell[] = [];
    // Keys of a row that cannot be read are no columns.
    if (row.faults.length > 0) return cells;
    for (const [key, cell] of row.cells) {
      const column = columns.get(key) ?? keys.push(key) - 1;
      if (keys.length > limits.maxColumns) throw tooManyKeys(limits);
      columns.set(key, column);
      cells[column] = cell;
    }
    return cells;
  };
  const rows: RawRow[] = [];
  for (const { row, pointer, read } of format === 'json' ? ofArray(text, limits) : ofLines(text, limits)) {
    if (rows.length >= limits.maxSentRows) throw tooManySent(limits);
    const cells = cellsOf(read);
    rows.push({ sheet: '', row, hidden: false, cells, sent: { pointer, keys, faults: read.faults } });
  }
  if (rows.length === 0) throw noneSent();
  if (keys.length === 0) throw noneReadable();
  const header: RawRow = { sheet: '', row: keysRow, hidden: false, cells: keys };
  return (progress) => oneSheet([header, ...rows], progress);
}

async function* oneSheet(rows: readonly RawRow[], progress?: ReadProgress): AsyncGenerator<RawSheet> {
  yield { name: '', hidden: false, rows: each(rows, progress) };
}

async function* each(rows: readonly RawRow[], progress: ReadProgress = { share: 0 }): AsyncGenerator<RawRow> {
  for (const [index, row] of rows.entries()) {
    progress.share = (index + 1) / rows.length;
    yield row;
  }
}

interface SentOne {
  readonly row: number;
  readonly pointer: string;
  readonly read: JsonRow;
}

function* ofArray(text: string, { maxColumns }: ImportLimits): Generator<SentOne> {
  let row = 0;
  try {
    for (const read of new JsonText(text, maxColumns).rows()) {
      row += 1;
      yield { row, pointer: `/rows/${row - 1}`, read };
    }
  } catch (error) {
    if (!(error instanceof JsonSyntax)) throw error;
    throw new ImportFileError(
      'json_malformed',
      `"rows" no es JSON válido en /rows/${row} (carácter ${error.at}): se espera ${error.expected.es}.`,
      `"rows" is no valid JSON at /rows/${row} (character ${error.at}): ${error.expected.en} is expected.`,
      { cause: error },
    );
  }
}

function* ofLines(text: string, { maxColumns }: ImportLimits): Generator<SentOne> {
  let line = 0;
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const written = text.slice(at, end < 0 ? text.length : end).trim();
    at = end < 0 ? text.length : end + 1;
    line += 1;
    if (written !== '') yield { row: line, pointer: '', read: rowOfLine(written, maxColumns) };
  }
}

function rowOfLine(written: string, maxKeys: number): JsonRow {
  try {
    return new JsonText(written, maxKeys).row();
  } catch (error) {
    if (!(error instanceof JsonSyntax)) throw error;
    const values = { at: error.at + 1 };
    const fault = { key: '', code: 'json_malformed', shown: written.slice(0, 120), values } as const;
    return { cells: new Map(), faults: [fault] };
  }
}

/** In no other encoding: a program says what it sends, and half a character would be another name. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ImportFileError(
      'json_malformed',
      'El cuerpo no es UTF-8. Envíe el JSON en UTF-8.',
      'The body is not UTF-8. Send the JSON in UTF-8.',
      { cause: error },
    );
  }
}

function tooManySent({ maxSentRows }: ImportLimits): ImportFileError {
  return new ImportFileError(
    'too_many_rows',
    `Una solicitud lleva a lo más ${maxSentRows} filas. Envíe las demás en otra, o un archivo CSV.`,
    `A request takes at most ${maxSentRows} rows. Send the others in another one, or a CSV file.`,
  );
}

function tooManyKeys({ maxColumns }: ImportLimits): ImportFileError {
  return new ImportFileError(
    'too_many_columns',
    `Las filas tienen en total más de ${maxColumns} claves distintas. Envíe los datos como valores, no como claves.`,
    `The rows have over ${maxColumns} different keys in all. Send data as values, not as keys.`,
  );
}

function noneSent(): ImportFileError {
  return new ImportFileError('no_rows', 'No hay ninguna fila.', 'There is no row.');
}

function noneReadable(): ImportFileError {
  return new ImportFileError(
    'json_malformed',
    'Ninguna fila es un objeto que se pueda leer. Envíe filas como {"RUT": "12.345.678-5", …}.',
    'No row is an object that can be read. Send rows such as {"RUT": "12.345.678-5", …}.',
  );
}
