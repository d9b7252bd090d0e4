/** A JSON body `{…, "rows": […]}` as a stream: rows go on as they came, and are read where files are read. */
import { JsonSyntax, JsonText } from '../../domain/imports/json-text.ts';
import { cutText, isRefused } from '../../domain/imports/rules/cells.ts';

/** The body is no JSON object of some short fields and one array of rows. */
export class RowsBodyError extends Error {
  override readonly name = 'RowsBodyError';
  /** The field that it is about, where it is about one. */
  readonly field: string | undefined;

  constructor(message: string, { field, ...options }: ErrorOptions & { readonly field?: string } = {}) {
    super(message, options);
    this.field = field === undefined ? undefined : cutText(field);
  }
}

const maxFieldsBytes = 16 * 1024;
const maxFields = 20;
const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Longer than what stands before the array; blanks without end are nobody's. */
const tailBytes = 250;
const beforeRows = /"rows"[ \t\r\n]{0,100}:[ \t\r\n]{0,100}$/;

/** Takes a body chunk by chunk. Throws `RowsBodyError`; what is inside the rows is no matter here. */
export class RowsBody {
  /** The body with `true` in the place of its rows. */
  #around = '';
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #isInRows = false;
  #rows = 0;

  /** The pieces of the rows that are in this chunk. */
  write(chunk: Buffer): readonly Buffer[] {
    const pieces: Buffer[] = [];
    for (let from = 0; from < chunk.length;) {
      const { end, turn } = this.#follow(chunk, from);
      const piece = chunk.subarray(from, end);
      if (this.#isInRows) pieces.push(piece);
      else this.#keep(piece);
      if (turn === 'closes') {
        this.#rows += 1;
        this.#around += 'true';
      }
      if (turn !== undefined) this.#isInRows = turn === 'opens';
      from = end;
    }
    return pieces;
  }

  /** The body's fields, with an empty list in the place of the rows. */
  end(): Readonly<Record<string, unknown>> {
    const fields = fieldsOf(Buffer.from(this.#around, 'latin1'));
    // Rows that are no array, or an array twice, are left as they are said.
    return fields['rows'] === true && this.#rows === 1 ? { ...fields, rows: [] } : fields;
  }

  #isBeforeRows(chunk: Buffer, from: number, at: number): boolean {
    const near = chunk.toString('latin1', Math.max(from, at - tailBytes), at);
    return beforeRows.test(this.#around.slice(-tailBytes) + near);
  }

  #keep(bytes: Buffer): void {
    this.#around += bytes.toString('latin1');
    if (this.#around.length > maxFieldsBytes) throw new RowsBodyError('more than short fields around "rows"');
  }

  /**
   * Keeps count of texts and brackets, to where the rows open or close or the chunk ends. All bytes of a body pass here while
   * others wait: its counts are locals, which take a tenth of the time.
   */
  #follow(chunk: Buffer, from: number): { readonly end: number; readonly turn?: 'opens' | 'closes' } {
    let [depth, isInText, isEscaped] = [this.#depth, this.#isInText, this.#isEscaped];
    let turn: 'opens' | 'closes' | undefined;
    let at = from;
    for (; at < chunk.length && turn === undefined; at += 1) {
      const byte = chunk[at];
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isInText = false;
      } else if (byte === quote) isInText = true;
      else if (byte === openList || byte === openObject) {
        if (byte === openList && depth === 1 && !this.#isInRows && this.#isBeforeRows(chunk, from, at)) {
          turn = 'opens';
          // The bracket is the first byte of the rows.
          break;
        }
        depth += 1;
      } else if (byte === closeList || byte === closeObject) {
        depth -= 1;
        if (this.#isInRows && depth === 1) turn = 'closes';
      }
    }
    [this.#depth, this.#isInText, this.#isEscaped] = [depth, isInText, isEscaped];
    return turn === undefined ? { end: at } : { end: at, turn };
  }
}

function fieldsOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // Sees what JSON.parse hides: a key twice, half a character.
    const { cells, faults } = new JsonText(text, maxFields).row();
    const fault = faults[0];
    if (fault !== undefined)
      throw new RowsBodyError(fault.code, fault.key === '' ? {} : { field: fault.key });
    for (const [field, cell] of cells) {
      if (isRefused(cell) && cell.refused === 'json_text_invalid')
        throw new RowsBodyError('no text', { field });
    }
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? Object.fromEntries(Object.entries(fields)) : {};
  } catch (error) {
    if (error instanceof JsonSyntax) throw new RowsBodyError('no JSON', { cause: error });
    if (error instanceof TypeError) throw new RowsBodyError('it is not UTF-8', { cause: error });
    throw error;
  }
}
