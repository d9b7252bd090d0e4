/** What happens to the XML text of a sheet on its way to exceljs. */
import { ImportFileError } from './errors.ts';
import type { ImportLimits } from './limits.ts';

/** Most text before the first row: column widths, views, filters. */
const MAX_HEAD_CHARACTERS = 4 * 1024 * 1024;
// Every quantifier below has a bound: without one, searching a sheet made for it takes the square of its length.
/** The end of one run of an inline rich text and the start of the next. */
const RUN_BREAK =
  /<\/t>\s{0,9}<\/r>\s{0,9}<r>\s{0,9}(?:<rPr>[\s\S]{0,2000}?<\/rPr>\s{0,9}|<rPr\/>\s{0,9})?<t(?:\s[^>]{0,99})?>/g;
/** A formula saved with an empty value; under t="str" the empty text is its value. */
const EMPTY_VALUE =
  /(<c\s(?![^>]{0,200}\st="str")[^>]{0,200}>(?:<f(?:\s[^>]{0,200})?>[^<]{0,9000}<\/f>|<f(?:\s[^>]{0,200})?\/>))<v(?:\s?\/>|><\/v>)/g;
const HIDDEN_ROW = /<row\b(?=[^>]{0,400}\shidden="(?:1|true)")[^>]{0,400}?\sr="(\d{1,7})"/g;

/**
 * Gives on the text of a sheet, from its start to the end of its rows, cut at cell boundaries and changed where exceljs
 * 4.4.0 would fail:
 * - the runs of an inline rich text become one: it keeps the last run only, and half of a name would be lost;
 * - the empty value of a formula goes: it makes an error of it, and the operator would look for #N/A;
 * - numbers of hidden rows go into `hidden`: its stream reader says of every row that it is shown;
 * - a run of text longer than `maxTextRun` is refused before it is gathered in memory.
 */
export async function* sheetText(
  chunks: AsyncIterable<string>,
  hidden: Set<number>,
  limits: ImportLimits,
): AsyncGenerator<string> {
  let held = '';
  let inRows = false;
  for await (const chunk of chunks) {
    held += chunk;
    if (!inRows) {
      const start = held.indexOf('<sheetData');
      if (start < 0 && held.length > MAX_HEAD_CHARACTERS) throw textRunTooLong();
      if (start < 0) continue;
      yield held.slice(0, start);
      held = held.slice(start);
      inRows = true;
    }
    const end = held.indexOf('</sheetData>');
    if (end >= 0) {
      yield `${finished(held.slice(0, end), hidden)}</sheetData></worksheet>`;
      return;
    }
    const cut = Math.max(held.lastIndexOf('</c>') + 4, held.lastIndexOf('<row'));
    if (cut > 3) {
      yield finished(held.slice(0, cut), hidden);
      held = held.slice(cut);
    }
    if (held.length > limits.maxTextRun) throw textRunTooLong();
  }
  if (held !== '') yield finished(held, hidden);
}

/** Text of another part: refused when it has a run without a tag longer than `maxTextRun`. */
export async function* boundedText(
  chunks: AsyncIterable<string>,
  limits: ImportLimits,
): AsyncGenerator<string> {
  let run = 0;
  for await (const chunk of chunks) {
    const first = chunk.indexOf('<');
    const last = chunk.lastIndexOf('<');
    run = first < 0 ? run + chunk.length : chunk.length - last;
    if (run > limits.maxTextRun) throw textRunTooLong();
    yield chunk;
  }
}

function finished(text: string, hidden: Set<number>): string {
  for (const [, row] of text.matchAll(HIDDEN_ROW)) hidden.add(Number(row));
  const valued = text.includes('<f') ? text.replace(EMPTY_VALUE, '$1') : text;
  return valued.includes('</r>') ? valued.replace(RUN_BREAK, '') : valued;
}

export function textRunTooLong(): ImportFileError {
  return new ImportFileError(
    'text_run_too_long',
    'Una celda tiene un texto desmesurado. Quítelo y cargue el archivo de nuevo.',
    'A cell has a text out of all proportion. Remove it and upload the file again.',
  );
}
