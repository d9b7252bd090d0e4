/** An uploaded file to typed rows and problems, one row at a time. */
import type { HeaderMatch } from '../usecases/headers.ts';
import type { RawSheet } from './rules/cells.ts';
import { damaged, ImportFileError } from './errors.ts';
import { guardUpload, type GuardedUpload, tooManyRows } from './guard.ts';
import { type ImportLimits, importLimits } from './limits.ts';
import { type KnownPerson, People } from './people.ts';
import { type FilePlan, planFile } from './plan.ts';
import type { ReadProgress } from './progress.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { workbookReader } from './read-workbook.ts';
import { readRow } from './row.ts';
import { problemOf } from './row-problems.ts';
import type { ImportSink, ImportSummary, ParseInput } from './types.ts';

/**
 * Guards, plans and reads an upload. Good rows and problems go to `sink` in the order of the file; the summary counts
 * them. Memory holds one row, and a key for each person and row read. Throws `ImportFileError` for a file that cannot
 * be taken at all; a bad row is never an exception.
 */
export async function parseUpload(
  input: ParseInput,
  sink: ImportSink,
  limits: ImportLimits = importLimits,
  progress: ReadProgress = { share: 0 },
): Promise<ImportSummary> {
  const guarded = await guardUpload(input.path, limits, input.format);
  const open = await sheetsOf(guarded, input, limits);
  const plan = await planFile(open(), input);
  for await (const sheet of open(progress)) {
    if (sheet.name !== plan.sheet) continue;
    const counts = await readSheet(sheet, plan, input, { sink, limits });
    if (counts.rowsRead === 0) throw noRows(plan);
    return { ...frameOf(input, guarded, plan), ...counts };
  }
  throw damaged(new Error('the sheet was there on the first reading and not on the second'));
}

/** Opens a file's sheets, from the first row on each time. */
async function sheetsOf(
  { kind, merges }: GuardedUpload,
  { path, fileName }: ParseInput,
  limits: ImportLimits,
): Promise<(progress?: ReadProgress) => AsyncIterable<RawSheet>> {
  if (kind === 'workbook') return workbookReader(path, limits, merges);
  if (kind === 'csv') return (progress) => readCsv(path, fileName, limits, progress);
  return readJson(path, kind, limits);
}

type Counts = Pick<
  ImportSummary,
  | 'rowsRead'
  | 'rowsGood'
  | 'rowsRefused'
  | 'rowsWithNotices'
  | 'rowsIdentical'
  | 'rowsBlank'
  | 'rowsHidden'
  | 'contacts'
  | 'withdrawn'
  | 'rowsWithdrawn'
  | 'debts'
>;

async function readSheet(
  sheet: RawSheet,
  { headerRow, match }: FilePlan,
  { defaults }: ParseInput,
  { sink, limits }: { readonly sink: ImportSink; readonly limits: ImportLimits },
): Promise<Counts> {
  const people = new People();
  const withdrawals = new Map<string, number>();
  let [rowsRead, rowsGood, rowsRefused, rowsWithNotices, rowsIdentical, rowsBlank, rowsHidden] = [
    0, 0, 0, 0, 0, 0, 0,
  ];
  for await (const raw of sheet.rows) {
    if (raw.row <= headerRow) continue;
    const reading = readRow(match, defaults, raw);
    if (reading.kind === 'blank') {
      rowsBlank += 1;
      continue;
    }
    rowsRead += 1;
    if (rowsRead > limits.maxRows) throw tooManyRows(limits);
    if (raw.hidden) rowsHidden += 1;
    if (reading.kind === 'refused') {
      rowsRefused += 1;
      const { withdrawal } = reading;
      if (withdrawal !== undefined) withdrawals.set(withdrawal.identityKey, withdrawal.row);
      for (const problem of reading.problems) await sink.problem(problem, reading.cells);
      continue;
    }
    const placed = people.place(reading.row);
    if (placed.kind === 'identical') {
      rowsIdentical += 1;
      await sink.problem(placed.problem);
      continue;
    }
    rowsGood += 1;
    if (placed.row.notices.length > 0) rowsWithNotices += 1;
    // An await of nothing is a turn of the queue, a hundred thousand times.
    const taken = sink.row(placed.row);
    if (taken !== undefined) await taken;
  }
  const gone = await withdraw(people, withdrawals, { sheet: sheet.name, sink });
  const rowsGone = sum(gone.map(({ rows }) => rows));
  return {
    rowsRead,
    rowsGood: rowsGood - rowsGone,
    rowsRefused: rowsRefused + rowsGone,
    rowsWithNotices,
    rowsIdentical,
    rowsBlank,
    rowsHidden,
    rowsWithdrawn: rowsGone,
    withdrawn: gone.map(({ person }) => person),
    contacts: people.contacts - gone.length,
    debts: people.debts - sum(gone.map(({ debts }) => debts)),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

/** People of earlier or later rows whom one row forbids to call: they go, and each is told once, at their first row. */
async function withdraw(
  people: People,
  withdrawals: ReadonlyMap<string, number>,
  { sheet, sink }: { readonly sheet: string; readonly sink: ImportSink },
): Promise<readonly KnownPerson[]> {
  const withdrawn: KnownPerson[] = [];
  for (const [identityKey, by] of withdrawals) {
    const known = people.known(identityKey);
    if (known === undefined) continue;
    withdrawn.push(known);
    const place = { sheet, row: known.row, pointer: null, column: '', value: '' };
    await sink.problem(problemOf(place, 'refused', { code: 'person_withdrawn', values: { by } }), []);
  }
  return withdrawn;
}

/** Taken as good it would be a batch of nobody. */
function noRows({ sheet, headerRow }: FilePlan): ImportFileError {
  return new ImportFileError(
    'no_rows',
    `La hoja «${sheet}» tiene encabezados en la fila ${headerRow} y ninguna fila con datos debajo.`,
    `The sheet “${sheet}” has headers in row ${headerRow} and no row with data below them.`,
  );
}

function frameOf(
  { fileName }: ParseInput,
  { kind, bytes, sha256 }: GuardedUpload,
  { sheet, headerRow, match, reasons, warnings }: FilePlan,
): Omit<ImportSummary, keyof Counts> {
  return {
    fileName,
    kind,
    bytes,
    sha256,
    useCase: match.useCase.key,
    reasons,
    sheet,
    headerRow,
    columns: columnsOf(match),
    freeVariables: match.free.map(({ header, variable }) => ({ header, variable })),
    ignoredColumns: match.ignored,
    warnings,
  };
}

function columnsOf({ bound }: HeaderMatch): ImportSummary['columns'] {
  return bound
    .toSorted((a, b) => a.index - b.index)
    .map(({ header, column }) => ({ header, label: column.label, key: column.key }));
}
