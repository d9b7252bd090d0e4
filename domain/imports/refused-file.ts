import { type Database, inAccount } from '../../db/client.ts';
import { type Cell, writeWorkbook } from '../shared/write-workbook.ts';
import { listRefused, refusedColumns, type RefusedRow } from './queries-refused.ts';

/** Rows that are read at once, in a transaction of their own. */
const pageSize = 500;

const text = (value: string | undefined): Cell =>
  value === undefined || value === '' ? null : { text: value };

/**
 * The refused rows of an import as a workbook: on the first sheet under their own columns, to be mended and uploaded as it is; on the
 * second one what was wrong with each. Throws `OperationRefused` for an import that is not the account's.
 */
export async function refusedFile(
  app: Database,
  accountId: string,
  importId: string,
): Promise<AsyncGenerator<Uint8Array>> {
  const { columns } = await inAccount(app, accountId, (trx) => refusedColumns(trx, importId));
  const pages = (): AsyncGenerator<readonly RefusedRow[]> => readPages(app, accountId, importId);
  return writeWorkbook([
    {
      name: 'Rechazadas',
      columns: columns.map((title) => ({ title, width: 22 })),
      rows: inRows(pages(), (row) => [columns.map((title) => text(row.cells[row.titles.indexOf(title)]))]),
    },
    {
      name: 'Problemas',
      columns: [
        { title: 'Fila en esta planilla', width: 14 },
        { title: 'Hoja del archivo', width: 18 },
        { title: 'Fila del archivo', width: 14 },
        { title: 'Columna', width: 22 },
        { title: 'Valor', width: 28 },
        { title: 'Problema', width: 60 },
        { title: 'Cómo arreglarlo', width: 60 },
      ],
      rows: inRows(pages(), problemsOf),
    },
  ]);
}

async function* readPages(
  app: Database,
  accountId: string,
  importId: string,
): AsyncGenerator<readonly RefusedRow[]> {
  let after = 0;
  for (;;) {
    const from = after;
    const page = await inAccount(app, accountId, (trx) =>
      listRefused(trx, importId, { after: from, limit: pageSize }),
    );
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.ordinal ?? after;
  }
}

/** `place`: of the row among all, from 1. */
async function* inRows(
  pages: AsyncGenerator<readonly RefusedRow[]>,
  of: (row: RefusedRow, place: number) => readonly (readonly Cell[])[],
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let place = 0;
  for await (const page of pages) {
    const before = place;
    place += page.length;
    yield page.flatMap((row, index) => of(row, before + index + 1));
  }
}

function problemsOf(row: RefusedRow, place: number): readonly (readonly Cell[])[] {
  const where: readonly Cell[] = [
    { number: String(place + 1) },
    text(row.sheet),
    { number: String(row.sheet_row) },
  ];
  const problems = row.messages.map((message, index) => [
    ...where,
    text(row.problem_columns[index]),
    text(row.problem_values[index]),
    text(message),
    text(row.hints[index]),
  ]);
  if (row.cells_omitted === 0) return problems;
  const omitted = `Faltan ${row.cells_omitted} celdas de esta fila: cópielas del archivo original.`;
  return [...problems, [...where, null, null, text(omitted), null]];
}
