import { type Database, inAccount } from '../../db/client.ts';
import { ownAccount } from '../shared/queries-account.ts';
import { refuse } from '../shared/refused.ts';
import { formatMicros } from '../shared/rules/money.ts';
import { type Cell, mostSheetRows, writeWorkbook } from '../shared/write-workbook.ts';
import {
  findImported,
  type ImportedRow,
  listImportedRows,
  variablesOfImport,
} from './queries-import-rows.ts';
import { type ContactResult, resultsOf } from './results.ts';
import { readResultContactsById } from './queries-results.ts';
import { resultColumns } from './results-files.ts';

const pageSize = 250;

const text = (value: string | null | undefined): Cell =>
  value === null || value === undefined || value === '' ? null : { text: value };

interface FileColumn {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: ImportedRow) => Cell;
}

const fileColumns: readonly FileColumn[] = [
  { title: 'hoja', width: 14, cell: ({ sheet }) => text(sheet) },
  { title: 'fila', width: 8, cell: ({ sheet_row: row }) => ({ number: String(row) }) },
  { title: 'rut', width: 13, cell: (row) => text(row.national_id) },
  { title: 'nombre', width: 30, cell: ({ name }) => text(name) },
  { title: 'telefonos', width: 26, cell: ({ phones }) => text(phones.join(' / ')) },
  { title: 'correo', width: 26, cell: ({ email }) => text(email) },
  { title: 'empresa', width: 22, cell: ({ creditor }) => text(creditor) },
  {
    title: 'monto',
    width: 14,
    cell: ({ amount_micros: micros }) =>
      micros === null ? null : { number: formatMicros(micros), style: 'decimals' },
  },
  { title: 'moneda', width: 8, cell: ({ currency }) => text(currency) },
  { title: 'fecha_venc', width: 12, cell: ({ due_date: day }) => (day === null ? null : { local: day }) },
  { title: 'referencia', width: 18, cell: ({ reference }) => text(reference) },
];

/** Read from the row itself: the results say it again of the person. */
const repeated: ReadonlySet<string> = new Set(['lugar', 'rut', 'nombre']);

/**
 * The rows of an uploaded file in their order, with what became of each person in the batch that took it. Rows of one person say the same.
 * Throws `OperationRefused` for an import that is not the account's, or has more rows than a sheet.
 */
export async function importResultsFile(
  app: Database,
  accountId: string,
  importId: string,
): Promise<AsyncGenerator<Uint8Array>> {
  const { zone, variables } = await inAccount(app, accountId, async (trx) => {
    const found = await findImported(trx, importId);
    if (found === undefined) throw refuse('import_not_found');
    if (found.rows_stored >= mostSheetRows) throw refuse('workbook_too_long', { most: mostSheetRows });
    return {
      zone: found.zone ?? (await ownAccount(trx)).zone,
      variables: await variablesOfImport(trx, importId),
    };
  });
  const own: readonly FileColumn[] = [
    ...fileColumns,
    ...variables
      .filter((title) => !fileColumns.some((one) => one.title === title))
      .map((title) => ({
        title: `dato: ${title}`,
        width: 18,
        cell: ({ variables: said }: ImportedRow) => text(said[title]),
      })),
  ];
  const ofResult = resultColumns.filter(({ title }) => !repeated.has(title));
  return writeWorkbook([
    {
      name: 'Resultados',
      // What the file calls like a result of ours is not one.
      columns: [...own, ...ofResult.map(({ title, width }) => ({ title: `resultado: ${title}`, width }))],
      rows: rowsOf(readPages(app, accountId, importId), (row, result) => [
        ...own.map(({ cell }) => cell(row)),
        ...ofResult.map(({ cell }) => (result === undefined ? null : cell(result, zone))),
      ]),
    },
  ]);
}

interface Page {
  readonly rows: readonly ImportedRow[];
  readonly results: ReadonlyMap<string, ContactResult>;
}

async function* readPages(app: Database, accountId: string, importId: string): AsyncGenerator<Page> {
  let after = 0;
  for (;;) {
    const from = after;
    const page = await inAccount(app, accountId, async (trx): Promise<Page> => {
      const rows = await listImportedRows(trx, importId, { after: from, limit: pageSize });
      const ids = rows.flatMap(({ contact_id: id }) => (id === null ? [] : [id]));
      const results = await resultsOf(trx, await readResultContactsById(trx, [...new Set(ids)]));
      return { rows, results: new Map(results.map((one) => [one.contact_id, one])) };
    });
    if (page.rows.length > 0) yield page;
    if (page.rows.length < pageSize) return;
    after = page.rows.at(-1)?.ordinal ?? after;
  }
}

async function* rowsOf(
  pages: AsyncGenerator<Page>,
  cells: (row: ImportedRow, result: ContactResult | undefined) => readonly Cell[],
): AsyncGenerator<readonly (readonly Cell[])[]> {
  for await (const { rows, results } of pages)
    yield rows.map((row) => cells(row, row.contact_id === null ? undefined : results.get(row.contact_id)));
}
