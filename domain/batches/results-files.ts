import { DateTime } from 'luxon';
import { leastUnitMicros } from '../contacts/rules/spoken.ts';
import { packNameInWords, policyNameInWords } from '../policy/rules/rules-in-words.ts';
import { csvCell, csvLine } from '../shared/rules/csv.ts';
import type { Money } from '../shared/rules/money.ts';
import { type Cell, writeWorkbook } from '../shared/write-workbook.ts';
import type { BatchListRow } from './queries-list.ts';
import type { ContactResult } from './results.ts';
import { agreementKinds, agreementWords, batchWords, stateWords } from './rules/result-words.ts';

export const resultFormats = ['ndjson', 'csv', 'xlsx'] as const;
export type ResultFormat = (typeof resultFormats)[number];

type Pages = AsyncIterable<readonly ContactResult[]>;

/** The results of a batch as a file that grows as it is taken. */
export function resultsFile(
  format: ResultFormat,
  batch: BatchListRow,
  pages: Pages,
): AsyncGenerator<Uint8Array> {
  const slices = inSlices(pages);
  if (format === 'xlsx') return workbook(batch, slices);
  return inBytes(format === 'csv' ? csv(batch, slices) : ndjson(slices));
}

/** Rows that are written at once: everybody else's requests wait while they are. */
const sliceSize = 50;

async function* inSlices(pages: Pages): AsyncGenerator<readonly ContactResult[]> {
  for await (const page of pages) {
    for (let at = 0; at < page.length; at += sliceSize) yield page.slice(at, at + sliceSize);
  }
}

async function* inBytes(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text);
}

async function* ndjson(pages: Pages): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** One column of the tables: its title, and what stands in it. Money is a number, with its currency in a column of its own. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: ContactResult, zone: string) => Cell;
}

const text = (value: string | null | undefined): Cell =>
  value === null || value === undefined ? null : { text: value };
const whole = (value: number): Cell => ({ number: String(value) });

/** Of the contact's first currency; whatever it has in others stands in a column of its own. */
function amount(of: readonly Money[]): Cell {
  const [first] = of;
  if (first === undefined) return null;
  const hasCents = leastUnitMicros(first.unit) < 1_000_000n;
  return { number: first.amount, style: hasCents ? 'decimals' : 'whole' };
}

/** An instant with an offset as the clock there showed it. */
const localOf = (at: string): Cell => ({ local: at.slice(0, 19) });
const inZone = (at: string | null, zone: string): Cell =>
  at === null
    ? null
    : { local: DateTime.fromISO(at, { zone, setZone: false }).toFormat("yyyy-MM-dd'T'HH:mm:ss") };

/** What one column of money cannot hold: no amount is left out. */
function others({ debt, outstanding, paid, cost }: ContactResult): Cell {
  const rest = debt.slice(1).map(({ unit, amount: owed }, index) => {
    const [left, came] = [outstanding[index + 1]?.amount ?? '0', paid[index + 1]?.amount ?? '0'];
    return `${unit}: deuda ${owed}, saldo ${left}, pagado ${came}`;
  });
  const costs = cost.slice(1).map(({ unit, amount: also }) => `${unit}: costo ${also}`);
  return text([...rest, ...costs].join(' / ') || null);
}

export const resultColumns: readonly Column[] = [
  { title: 'lugar', width: 7, cell: (row) => whole(row.position) },
  { title: 'rut', width: 13, cell: (row) => text(row.national_id) },
  { title: 'nombre', width: 30, cell: (row) => text(row.name) },
  { title: 'estado', width: 16, cell: (row) => text(stateWords[row.state]) },
  { title: 'resultado', width: 26, cell: (row) => text(row.outcome_es) },
  { title: 'codigo_resultado', width: 18, cell: (row) => text(row.outcome) },
  { title: 'espera', width: 30, cell: (row) => text(row.waiting_for) },
  { title: 'proxima_accion', width: 20, cell: (row, zone) => inZone(row.next_at, zone) },
  { title: 'llamadas', width: 10, cell: (row) => whole(row.calls) },
  { title: 'telefonos_llamados', width: 20, cell: (row) => text(row.phones_tried.join(' / ') || null) },
  {
    title: 'ultima_llamada',
    width: 20,
    cell: ({ last_call: last }) => (last === null ? null : localOf(last.at)),
  },
  { title: 'zona_horaria', width: 18, cell: (row) => text(row.last_call?.zone) },
  { title: 'ultima_llamada_resultado', width: 24, cell: (row) => text(row.last_call?.outcome_es) },
  { title: 'acreedores', width: 26, cell: (row) => text(row.creditors.join(' / ') || null) },
  { title: 'moneda', width: 8, cell: (row) => text(row.debt[0]?.unit) },
  { title: 'deuda', width: 14, cell: (row) => amount(row.debt) },
  { title: 'pagado', width: 14, cell: (row) => amount(row.paid) },
  { title: 'saldo', width: 14, cell: (row) => amount(row.outstanding) },
  { title: 'otras_monedas', width: 16, cell: others },
  {
    title: 'acuerdo',
    width: 14,
    cell: ({ agreements: [one] }) => text(one && agreementKinds[one.kind]),
  },
  {
    title: 'acuerdo_estado',
    width: 18,
    cell: ({ agreements: [one] }) => text(one && agreementWords[one.state]),
  },
  {
    title: 'acuerdo_monto',
    width: 14,
    cell: ({ agreements: [one] }) => amount(one === undefined ? [] : [one.total]),
  },
  { title: 'acuerdo_moneda', width: 8, cell: ({ agreements: [one] }) => text(one?.total.unit) },
  {
    title: 'acuerdo_vence',
    width: 12,
    cell: ({ agreements: [one] }) => (one === undefined ? null : { local: one.due_date }),
  },
  { title: 'costo', width: 12, cell: ({ cost: [one] }) => amount(one === undefined ? [] : [one]) },
  { title: 'costo_unidad', width: 8, cell: ({ cost: [one] }) => text(one?.unit) },
  { title: 'leido_a_las', width: 20, cell: (row, zone) => inZone(row.as_of, zone) },
  { title: 'contacto', width: 38, cell: (row) => text(row.contact_id) },
];

function cellsOf(row: ContactResult, zone: string): readonly Cell[] {
  return resultColumns.map(({ cell }) => cell(row, zone));
}

async function* csv({ zone }: BatchListRow, pages: Pages): AsyncGenerator<string> {
  // With its mark Excel reads accents.
  yield `\uFEFF${csvLine(resultColumns.map(({ title }) => title))}`;
  for await (const page of pages)
    yield page.map((row) => `${cellsOf(row, zone).map(plain).join(',')}\r\n`).join('');
}

function plain(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return csvCell(cell.text);
  return 'number' in cell ? cell.number : cell.local.replace('T', ' ');
}

/** The results, and on a second sheet which batch they are of. */
function workbook(batch: BatchListRow, pages: Pages): AsyncGenerator<Uint8Array> {
  const { zone } = batch;
  return writeWorkbook([
    { name: 'Resultados', columns: resultColumns, rows: rowsOf(pages, zone) },
    {
      name: 'Lote',
      columns: [
        { title: 'dato', width: 20 },
        { title: 'valor', width: 90 },
      ],
      rows: [
        [
          [text('lote'), text(batch.name)],
          [text('identificador'), text(batch.id)],
          [text('estado'), text(batchWords[batch.state])],
          [text('cuándo se llama'), text(policyNameInWords(`${batch.policy_key}@${batch.policy_version}`))],
          [text('reglas de la ley'), text(packNameInWords(`${batch.pack_key}@${batch.pack_version}`))],
          [text('zona horaria'), text(zone)],
          [text('creado'), inZone(batch.created_at.toISOString(), zone)],
          [text('leído desde'), inZone(new Date().toISOString(), zone)],
        ],
      ],
    },
  ]);
}

async function* rowsOf(pages: Pages, zone: string): AsyncGenerator<readonly (readonly Cell[])[]> {
  for await (const page of pages) yield page.map((row) => cellsOf(row, zone));
}
