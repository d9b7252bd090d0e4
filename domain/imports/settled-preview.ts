import { type Database, inAccount } from '../../db/client.ts';
import { copyColumns } from './copy-line.ts';
import { type LookedAtRow, type SettledRow, settledOfRows, whoHasPaid } from './queries-settled.ts';
import type { Portion } from './thread-messages.ts';

const columns = copyColumns.split(', ');

/** Rows of people who have paid something that are kept of one dry run: a file of more of them is told of the first. */
const mostKept = 20_000;

/** Looks for debts that are paid in a file that is stored nowhere: of its rows only those of people who have paid are kept. */
export class SettledPreview {
  readonly #app: Database;
  readonly #accountId: string;
  readonly #kept: LookedAtRow[] = [];

  constructor(app: Database, accountId: string) {
    this.#app = app;
    this.#accountId = accountId;
  }

  async look({ lines }: Pick<Portion, 'lines'>): Promise<void> {
    const rows = readLines(lines);
    const keys = [...new Set(rows.map(({ identity_key: key }) => key))];
    const paid = await inAccount(this.#app, this.#accountId, (trx) => whoHasPaid(trx, keys));
    for (const row of rows)
      if (paid.has(row.identity_key) && this.#kept.length < mostKept) this.#kept.push(row);
  }

  /** Once, when the whole file has been looked at: several rows may be one debt. */
  async found(): Promise<readonly SettledRow[]> {
    if (this.#kept.length === 0) return [];
    return inAccount(this.#app, this.#accountId, (trx) => settledOfRows(trx, this.#kept));
  }
}

/** Lines of COPY's text format, as `CopyLines` writes them. */
function readLines(lines: Uint8Array): readonly LookedAtRow[] {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const cells = line.split('\t');
      const cell = (column: string): string | null => readCell(cells[columns.indexOf(column)]);
      return {
        ordinal: Number(cell('ordinal')),
        sheet: cell('sheet') ?? '',
        sheet_row: Number(cell('sheet_row')),
        person: Number(cell('person')),
        name: cell('name') ?? '',
        identity_key: cell('identity_key') ?? '',
        creditor: cell('creditor'),
        amount_micros: cell('amount_micros'),
        currency: cell('currency'),
        due_date: cell('due_date'),
        reference: cell('reference'),
      };
    });
}

const escaped: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n', r: '\r' };

function readCell(text: string | undefined): string | null {
  if (text === undefined || text === '\\N') return null;
  return text.replace(/\\([\\tnr])/g, (whole, character: string) => escaped[character] ?? whole);
}
