import { writeZip } from './write-zip.ts';

/** Of a sheet of Excel; the header is one of them. */
export const mostSheetRows = 1_048_576;

/** A cell as Excel knows it. A text is never a formula, whatever it begins with. */
export type Cell =
  | { readonly text: string }
  /** A plain decimal: written as it is, no digit is lost on the way. */
  | { readonly number: string; readonly style?: 'whole' | 'decimals' }
  /** What the clock on the wall showed, 'YYYY-MM-DD' and, behind a T, 'HH:mm:ss'. */
  | { readonly local: string }
  | null;

export interface Sheet {
  readonly name: string;
  readonly columns: readonly { readonly title: string; readonly width: number }[];
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]> | Iterable<readonly (readonly Cell[])[]>;
}

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packaged = 'http://schemas.openxmlformats.org/package/2006';
const kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Places in `styles` below. */
const styleOf = { plain: 0, title: 1, whole: 2, decimals: 3, day: 4, instant: 5 } as const;

const styles = `${xml}<styleSheet xmlns="${main}"><numFmts count="3"><numFmt numFmtId="164" formatCode="dd-mm-yyyy"/><numFmt numFmtId="165" formatCode="dd-mm-yyyy hh:mm:ss"/><numFmt numFmtId="166" formatCode="#,##0.00####"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">${[
  [0, 0],
  [0, 1],
  [3, 0],
  [166, 0],
  [164, 0],
  [165, 0],
]
  .map(
    ([format, font]) =>
      `<xf numFmtId="${format}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`,
  )
  .join(
    '',
  )}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** An Excel file as it grows: its sheets one after the other, each with a frozen header that filters. */
export function writeWorkbook(sheets: readonly Sheet[]): AsyncGenerator<Buffer> {
  const numbered = sheets.map((sheet, index) => ({ sheet, number: index + 1 }));
  return writeZip([
    {
      name: '[Content_Types].xml',
      text: [
        `${xml}<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/>`,
        ...numbered.map(
          ({ number }) =>
            `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${kind}.worksheet+xml"/>`,
        ),
        '</Types>',
      ],
    },
    { name: '_rels/.rels', text: [relationships([['officeDocument', 'xl/workbook.xml']])] },
    {
      name: 'xl/workbook.xml',
      text: [
        `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>`,
        ...numbered.map(
          ({ sheet, number }) =>
            `<sheet name="${escape(sheet.name)}" sheetId="${number}" r:id="rId${number}"/>`,
        ),
        '</sheets></workbook>',
      ],
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: [
        relationships([
          ...numbered.map(({ number }): [string, string] => ['worksheet', `worksheets/sheet${number}.xml`]),
          ['styles', 'styles.xml'],
        ]),
      ],
    },
    { name: 'xl/styles.xml', text: [styles] },
    ...numbered.map(({ sheet, number }) => ({
      name: `xl/worksheets/sheet${number}.xml`,
      text: sheetXml(sheet),
    })),
  ]);
}

function relationships(all: readonly (readonly [type: string, target: string])[]): string {
  const each = all.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${office}/${type}" Target="${target}"/>`,
  );
  return `${xml}<Relationships xmlns="${packaged}/relationships">${each.join('')}</Relationships>`;
}

async function* sheetXml({ columns, rows }: Sheet): AsyncGenerator<string> {
  const widths = columns.map(
    ({ width }, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
  );
  yield `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join('')}</cols><sheetData>`;
  yield rowXml(
    1,
    columns.map(({ title }) => textXml(title, styleOf.title)),
  );
  let many = 1;
  for await (const some of rows) {
    if (many + some.length > mostSheetRows)
      throw new Error(`a sheet cannot have more than ${mostSheetRows} rows`);
    const before = many;
    many += some.length;
    yield some.map((row, index) => rowXml(before + index + 1, row.map(cellXml))).join('');
  }
  yield `</sheetData><autoFilter ref="A1:${columnName(columns.length)}${many}"/></worksheet>`;
}

/** `cells`: what stands in each `<c>`, from its attributes on. '': nothing. */
function rowXml(number: number, cells: readonly string[]): string {
  const named = cells.map((cell, index) =>
    cell === '' ? '' : `<c r="${columnName(index + 1)}${number}"${cell}</c>`,
  );
  return `<row r="${number}">${named.join('')}</row>`;
}

function cellXml(cell: Cell): string {
  if (cell === null) return '';
  if ('text' in cell) return textXml(cell.text, styleOf.plain);
  if ('number' in cell) return ` s="${styleOf[cell.style ?? 'whole']}"><v>${cell.number}</v>`;
  const style = cell.local.includes('T') ? styleOf.instant : styleOf.day;
  return ` s="${style}"><v>${serialOf(cell.local)}</v>`;
}

/** Excel refuses a file with a longer text in a cell. */
const longestText = 32_767;

function textXml(text: string, style: number): string {
  return ` s="${style}" t="inlineStr"><is><t xml:space="preserve">${escape(text.slice(0, longestText))}</t></is>`;
}

const dayMs = 86_400_000;

/** Days since 30 December 1899: how Excel counts what a clock shows. */
function serialOf(local: string): number {
  const ms = Date.parse(local.includes('T') ? `${local}Z` : `${local}T00:00:00Z`);
  return (ms - Date.UTC(1899, 11, 30)) / dayMs;
}

/** 1 is A, 27 is AA. */
function columnName(number: number): string {
  const rest = (number - 1) % 26;
  const before = (number - 1 - rest) / 26;
  return `${before === 0 ? '' : columnName(before)}${String.fromCharCode(65 + rest)}`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML cannot say (control characters, half characters) would make the whole file unreadable: it is left out. */
function escape(text: string): string {
  return (
    text
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- they are what is left out
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replaceAll(/[&<>"]/g, (one) => entities[one] ?? one)
  );
}
