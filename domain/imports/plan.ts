/** Which sheet of a file holds the data, where its header is, and what its columns are. */
import type { HeaderMatch } from '../usecases/headers.ts';
import { ofOthersWords } from '../usecases/other-headers.ts';
import { detect, type Detection, matchWeight, useCaseByKey, useCases } from '../usecases/registry.ts';
import type { UseCase } from '../usecases/types.ts';
import type { Bilingual } from '../shared/rules/bilingual.ts';
import { cellText, cutText, isBlank, type RawRow, type RawSheet } from './rules/cells.ts';
import { ImportFileError } from './errors.ts';
import { keysRow } from './read-json.ts';
import type { SentFormat } from './guard.ts';
import type { ImportDefaults, ParseInput } from './types.ts';

/** A title, a date, a logo's cell: headers are within the first rows that have anything in them. */
const HEADER_SCAN_ROWS = 30;

export interface FilePlan {
  readonly sheet: string;
  readonly headerRow: number;
  readonly match: HeaderMatch;
  readonly reasons: readonly Bilingual[];
  readonly warnings: readonly Bilingual[];
}

const NO_COLUMNS: ReadonlySet<number> = new Set();

interface Candidate {
  readonly sheet: string;
  readonly row: number;
  readonly detection: Detection;
  readonly hiddenColumns: ReadonlySet<number>;
}

/**
 * Looks at the first rows of every visible sheet and chooses the one whose headers fit best. Nothing is read from a
 * hidden sheet, nor from a second fitting one ("Pagados" beside "Deudores"): the warnings name them. Throws
 * `ImportFileError` when no header is found, or when it is not clear which use case it is.
 */
export async function planFile(sheets: AsyncIterable<RawSheet>, input: ParseInput): Promise<FilePlan> {
  const only = chosenUseCase(input.useCaseKey);
  const given = givenColumns(input.defaults);
  const candidates: Candidate[] = [];
  const warnings: Bilingual[] = [];
  const said = new Map<string, readonly Bilingual[]>();
  for await (const sheet of sheets) {
    if (input.sheet !== undefined && sheet.name !== input.sheet) continue;
    if (sheet.hidden && input.sheet === undefined) {
      warnings.push({
        es: `La hoja oculta «${sheet.name}» no se leyó.`,
        en: `The hidden sheet “${sheet.name}” was not read.`,
      });
      continue;
    }
    const best = await bestHeader(sheet, { only, given, format: input.format });
    if (best === undefined) continue;
    candidates.push(best);
    if (sheet.warnings !== undefined) said.set(sheet.name, sheet.warnings);
  }
  const ranked = candidates.toSorted((a, b) => rank(b.detection) - rank(a.detection));
  const best = ranked[0];
  if (best === undefined || best.detection.kind !== 'found') throw notFound(best);
  const { match, reasons } = best.detection;
  warnings.push(...(said.get(best.sheet) ?? []));
  for (const other of ranked.slice(1)) {
    if (other.detection.kind === 'found') warnings.push(otherSheet(other.sheet));
  }
  const hidden = match.bound.filter(({ index }) => best.hiddenColumns.has(index));
  if (hidden.length > 0) warnings.push(hiddenColumns(hidden.map(({ header }) => header)));
  if (match.ofOthers.length > 0) warnings.push(ofOthersWords(match.ofOthers));
  for (const { used, unused } of match.doubled) {
    warnings.push({
      es: `Las columnas «${used}» y «${unused}» sirven para lo mismo: se usa «${used}».`,
      en: `The columns “${used}” and “${unused}” are for the same thing: “${used}” is used.`,
    });
  }
  return { sheet: best.sheet, headerRow: best.row, match, reasons, warnings };
}

function chosenUseCase(key: string | undefined): UseCase | undefined {
  if (key === undefined) return undefined;
  const useCase = useCaseByKey(key);
  if (useCase !== undefined) return useCase;
  const known = useCases.map((one) => one.key).join(', ');
  throw new ImportFileError(
    'use_case_unknown',
    `No existe el caso de uso «${key.slice(0, 60)}». Existen: ${known}.`,
    `There is no use case “${key.slice(0, 60)}”. There are: ${known}.`,
  );
}

/** Keys of the columns that the batch gives. */
function givenColumns({ creditor, currency }: ImportDefaults): ReadonlySet<string> {
  const given = new Set<string>();
  if (creditor !== undefined && creditor.trim() !== '') given.add('creditor');
  if (currency !== undefined) given.add('currency');
  return given;
}

interface HeaderSearch {
  readonly only: UseCase | undefined;
  readonly given: ReadonlySet<string>;
  readonly format: SentFormat | undefined;
}

async function bestHeader(
  sheet: RawSheet,
  { only, given, format }: HeaderSearch,
): Promise<Candidate | undefined> {
  // The keys of JSON are its header: a value of a row is never taken for one.
  const rowsLooked = format === undefined ? HEADER_SCAN_ROWS : 1;
  let best: Candidate | undefined;
  let seen = 0;
  for await (const raw of sheet.rows) {
    if (raw.cells.every(isBlank)) continue;
    seen += 1;
    const detection = detect(headerTexts(raw), only === undefined ? { given } : { only, given });
    if (best === undefined || rank(detection) > rank(best.detection)) {
      const { row, hiddenColumns = NO_COLUMNS } = raw;
      best = { sheet: sheet.name, row, detection, hiddenColumns };
    }
    if (seen >= rowsLooked) break;
  }
  return best;
}

/** Only text can be a header: a row of data has numbers and dates where headers would be. */
function headerTexts(raw: RawRow): readonly string[] {
  return Array.from(raw.cells, (cell) => (typeof cell === 'string' ? cutText(cellText(cell)) : ''));
}

/** A fit before an ambiguity before a near miss; then the better fit. */
function rank(detection: Detection): number {
  switch (detection.kind) {
    case 'found':
      return 1_000_000 + matchWeight(detection.match);
    case 'ambiguous':
      return 500_000;
    case 'none':
      return detection.nearest === undefined ? 0 : matchWeight(detection.nearest);
    default: {
      const unreachable: never = detection;
      return unreachable;
    }
  }
}

function hiddenColumns(headers: readonly string[]): Bilingual {
  return {
    es: `Se leen columnas ocultas en Excel: ${headers.map((one) => `«${one}»`).join(', ')}. Revise que sean las que valen.`,
    en: `Columns that are hidden in Excel are read: ${headers.map((one) => `“${one}”`).join(', ')}. Check that they are those that hold.`,
  };
}

function otherSheet(name: string): Bilingual {
  return {
    es: `La hoja «${name}» también parece tener datos y no se leyó: cárguela aparte si corresponde.`,
    en: `The sheet “${name}” seems to have data too and was not read: upload it by itself if it should be.`,
  };
}

function notFound(best: Candidate | undefined): ImportFileError {
  if (best === undefined) {
    return new ImportFileError(
      'no_visible_sheet',
      'El archivo no tiene ninguna hoja visible con datos.',
      'The file has no visible sheet with data.',
    );
  }
  const { detection, sheet, row } = best;
  if (detection.kind === 'ambiguous') {
    return new ImportFileError('use_case_ambiguous', detection.error.es, detection.error.en);
  }
  const error = detection.kind === 'none' ? detection.error : { es: '', en: '' };
  if (row === keysRow) return new ImportFileError('header_not_found', error.es, error.en);
  return new ImportFileError(
    'header_not_found',
    `${error.es} (hoja «${sheet}», fila ${row})`,
    `${error.en} (sheet “${sheet}”, row ${row})`,
  );
}
