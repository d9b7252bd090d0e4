import type { PlacedRow } from './types.ts';

/** The columns of core.import_row that come from the file, in the order of a line. */
export const copyColumns =
  'ordinal, sheet, sheet_row, identity_key, national_id, name, phones, country, region, zone, creditor, ' +
  'amount_micros, currency, due_date, reference, variables, email, person';

/** Of a portion of usual rows; it grows with longer ones. */
const firstBytes = 1024 * 1024;

/** Lines of COPY as they are sent. Kept as texts until then, each of a line's twenty pieces is an object of its own. */
export class CopyLines {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #spare: Buffer<ArrayBuffer> | undefined;
  #length = 0;

  add(row: PlacedRow, ordinal: number): void {
    const line = copyLine(row, ordinal);
    // A character takes three bytes at most, or four for the two that make a pair.
    if (this.#length + 3 * line.length > this.#bytes.length) this.#grow(this.#length + 3 * line.length);
    this.#length += this.#bytes.write(line, this.#length);
  }

  /** What was added since the last call, alone in its memory: it can be handed to another thread. */
  take(): Uint8Array<ArrayBuffer> {
    const lines = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(firstBytes);
    this.#spare = undefined;
    this.#length = 0;
    return lines;
  }

  /** Memory that was taken, and that nobody needs any more. */
  giveBack(memory: ArrayBuffer): void {
    this.#spare = Buffer.from(memory);
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(2 * bytes);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** One line of COPY's text format. */
function copyLine(row: PlacedRow, ordinal: number): string {
  const { debt, phones } = row;
  // E.164 has no character that an array literal would quote.
  const list = phones.length === 1 ? phones[0] : phones.join(',');
  return (
    `${ordinal}\t${value(row.sheet)}\t${row.row}\t${value(row.identityKey)}\t${value(row.nationalId)}\t${value(row.name)}\t{${list}}\t` +
    `${value(row.country)}\t${value(row.region)}\t${value(row.zone ?? undefined)}\t` +
    (debt === undefined
      ? `${none}\t${none}\t${none}\t${none}\t${none}`
      : `${value(debt.creditor)}\t${debt.amountMicros}\t${value(debt.currency)}\t${value(debt.dueDate)}\t${value(debt.reference)}`) +
    `\t${value(JSON.stringify(row.variables))}\t${value(row.email)}\t${row.person}\n`
  );
}

const none = '\\N';
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const special = /[\\\t\n\r]/;

function value(text: string | undefined): string {
  if (text === undefined) return none;
  // Replacing takes five times as long as looking, and one in a million texts has something to replace.
  if (!special.test(text)) return text;
  return text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character);
}
