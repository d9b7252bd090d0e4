/** Reads a .xlsx as a stream of rows: of what the guard has seen, by the zip's directory, in the order of the tabs. */
import type yauzl from 'yauzl';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import type { RawRow, RawSheet } from './rules/cells.ts';
import { damaged, ImportFileError } from './errors.ts';
import { checkFileRows } from './guard.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { type Merge, MergedCells } from './merged-cells.ts';
import { QuickXml } from './quick-xml.ts';
import { SheetRows } from './sheet-rows.ts';
import { readFrame, type WorkbookFrame } from './workbook-parts.ts';

import type { ReadProgress } from './progress.ts';
import { openZip, partText } from './zip.ts';

/**
 * The sheets of a guarded .xlsx in the order of their tabs. Each sheet's rows are read once, while it is the current
 * one. Throws `ImportFileError`.
 */
export function readWorkbook(
  path: string,
  limits: ImportLimits = importLimits,
  progress?: ReadProgress,
  merges?: Merges,
): AsyncGenerator<RawSheet> {
  return workbookReader(path, limits, merges)(progress);
}

/** As the guard has found them, by part of the zip. */
type Merges = ReadonlyMap<string, readonly Merge[]>;

const mergedWarning: Bilingual = {
  es: 'La hoja tiene celdas combinadas: el valor de cada una vale para todas sus filas.',
  en: 'The sheet has merged cells: the value of each holds for all of its rows.',
};

const commentsWarning: Bilingual = {
  es: 'El libro tiene comentarios o notas en celdas, que no se leen: si alguno dice a quién no llamar, escríbalo en una columna.',
  en: 'The workbook has comments or notes in cells, which are not read: if one says whom not to call, write it in a column.',
};

/** Reads one and the same file more than once: its texts, formats and tabs are kept from the first time. */
export function workbookReader(
  path: string,
  limits: ImportLimits = importLimits,
  merges: Merges = new Map(),
): (progress?: ReadProgress) => AsyncGenerator<RawSheet> {
  let kept: WorkbookFrame | undefined;
  return async function* (progress) {
    const zip = await openZip(path);
    try {
      const frame = kept ?? (await frameOf(zip, limits));
      kept = frame;
      const counter = { rows: 0 };
      for (const { name, hidden, part } of frame.sheets) {
        const text = partText(zip, part, progress);
        const rows = sheetRows({ text, name, frame, counter, limits });
        const merged = merges.get(part.fileName);
        const warnings = [
          ...(merged === undefined ? [] : [mergedWarning]),
          ...(frame.hasComments ? [commentsWarning] : []),
        ];
        yield {
          name,
          hidden,
          rows: merged === undefined ? rows : filledRows(rows, merged),
          ...(warnings.length === 0 ? {} : { warnings }),
        };
      }
    } catch (error) {
      throw error instanceof ImportFileError ? error : damaged(error);
    } finally {
      zip.close();
    }
  };
}

async function* filledRows(rows: AsyncIterable<RawRow>, merges: readonly Merge[]): AsyncGenerator<RawRow> {
  const cells = new MergedCells(merges);
  for await (const row of rows) yield cells.filled(row);
}

async function frameOf(zip: yauzl.ZipFile, limits: ImportLimits): Promise<WorkbookFrame> {
  const parts = new Map<string, yauzl.Entry>();
  for await (const entry of zip.eachEntry()) parts.set(entry.fileName, entry);
  return readFrame(zip, parts, limits);
}

interface SheetSource {
  readonly text: AsyncIterable<string>;
  readonly name: string;
  readonly frame: WorkbookFrame;
  /** Rows of all sheets together. */
  readonly counter: { rows: number };
  readonly limits: ImportLimits;
}

async function* sheetRows({ text, name, frame, counter, limits }: SheetSource): AsyncGenerator<RawRow> {
  const rows = new SheetRows(name, frame, limits);
  const xml = new QuickXml(rows, limits);
  try {
    for await (const chunk of text) {
      xml.write(chunk);
      for (const row of rows.take()) {
        counter.rows += 1;
        checkFileRows(counter.rows, limits);
        yield row;
      }
      if (rows.isOver) return;
    }
    // A sheet that ends before its rows do is torn.
    xml.end();
  } catch (error) {
    throw error instanceof ImportFileError ? error : damaged(error);
  }
}
