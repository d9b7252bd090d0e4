import { setImmediate as immediately } from 'node:timers/promises';
import { DateTime } from 'luxon';
import PdfDocument from 'pdfkit';
import { refuse } from '../shared/refused.ts';
import { moneyOf } from '../shared/rules/money.ts';
import { dayInWords, moneyInWords, wholeNumber } from '../shared/rules/written.ts';
import type { Statement } from './statement.ts';
import { effectOf, movementWords, notTaxed, sumLines, titleOf } from './statement-files.ts';

/** Rows of charges that a PDF has; the workbook has all. */
export const mostPdfRows = 1_000;
const rowsAtOnce = 20;
const margin = 48;
const width = 595 - 2 * margin;
const rowHeight = 15;
const grey = '#666666';

interface Column {
  readonly title: string;
  readonly width: number;
  readonly align: 'left' | 'right';
}

const sumColumns: readonly Column[] = [
  { title: 'Resumen', width: width - 130, align: 'left' },
  { title: 'Monto', width: 130, align: 'right' },
];
const chargeColumns: readonly Column[] = [
  { title: 'Día', width: 62, align: 'left' },
  { title: 'Lote', width: width - 62 - 60 - 60 - 100, align: 'left' },
  { title: 'Llamadas', width: 60, align: 'right' },
  { title: 'Mensajes', width: 60, align: 'right' },
  { title: 'Cargo', width: 100, align: 'right' },
];

const movementColumns: readonly Column[] = [
  { title: 'Día', width: 62, align: 'left' },
  { title: 'Tipo', width: 100, align: 'left' },
  { title: 'Referencia', width: width - 62 - 100 - 120, align: 'left' },
  { title: 'Monto', width: 120, align: 'right' },
];

/**
 * The statement as a PDF, tagged for readers: sums, and charges by day and batch. Throws `OperationRefused` for too many of
 * them.
 */
export async function statementPdf(statement: Statement): Promise<Buffer> {
  const { account, totals, charges, asOf } = statement;
  const { movements } = statement;
  if (charges.length + movements.length > mostPdfRows || statement.movementsCut)
    throw refuse('statement_too_long', { most: mostPdfRows });
  const title = titleOf(statement);
  const document = new PdfDocument({
    pdfVersion: '1.7',
    size: 'A4',
    margin,
    lang: 'es-CL',
    tagged: true,
    displayTitle: true,
    info: { Title: title, Author: 'Tandas', CreationDate: asOf, ModDate: asOf },
    bufferPages: true,
  });
  const ended = collected(document);
  const root = document.struct('Document');
  document.addStructure(root);
  const say = (kind: 'H1' | 'H2' | 'P', write: () => void): void => {
    root.add(document.struct(kind, {}, write));
  };
  say('H1', () => document.font('Helvetica-Bold').fontSize(16).text(printable(title)));
  document.moveDown(0.4).font('Helvetica').fontSize(9).fillColor(grey);
  const read = DateTime.fromJSDate(asOf, { zone: account.zone }).toFormat('dd-MM-yyyy HH:mm');
  say('P', () =>
    document.text(`Cuenta ${account.slug} · días y horas de ${account.zone} · leído el ${read}. ${notTaxed}`),
  );
  for (const row of totals) {
    const sums = sumLines.map(({ title: name, micros }) => [
      name,
      moneyInWords(moneyOf(micros(row), row.unit)),
    ]);
    document.moveDown(1.2);
    await table(document, root, sumColumns, sums);
  }
  document.moveDown(1.2).fillColor('black');
  say('H2', () =>
    document.font('Helvetica-Bold').fontSize(12).text('Cargos por día y lote', margin, document.y),
  );
  document.moveDown(0.4).font('Helvetica').fontSize(9);
  if (charges.length === 0) say('P', () => document.text('No hubo cargos.'));
  else await table(document, root, chargeColumns, charges.map(chargeCells));
  if (movements.length > 0) {
    document.moveDown(1.2).fillColor('black');
    say('H2', () =>
      document.font('Helvetica-Bold').fontSize(12).text('Abonos y correcciones', margin, document.y),
    );
    document.moveDown(0.4).font('Helvetica').fontSize(9);
    await table(
      document,
      root,
      movementColumns,
      movements.map((row) => movementCells(row, account.zone)),
    );
  }
  numberPages(document);
  root.end();
  document.end();
  return ended;
}

function movementCells(row: Statement['movements'][number], zone: string): readonly string[] {
  return [
    DateTime.fromJSDate(row.at, { zone }).toFormat('dd-MM-yyyy'),
    movementWords[row.kind],
    row.order_title ?? row.reference,
    moneyInWords(moneyOf(effectOf(row), row.unit)),
  ];
}

function chargeCells(row: Statement['charges'][number]): readonly string[] {
  return [
    dayInWords(row.day),
    row.batch ?? 'Sin lote',
    wholeNumber(row.calls),
    wholeNumber(row.messages),
    moneyInWords(moneyOf(row.charged_micros, row.unit)),
  ];
}

/** Rows below a header, which stands at the top of each page; everybody else's requests go on while a long one is made. */
async function table(
  document: PDFKit.PDFDocument,
  root: PDFKit.PDFStructureElement,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const element = document.struct('Table');
  root.add(element);
  const line = (cells: readonly string[], kind: 'TH' | 'TD'): void => {
    const row = document.struct('TR');
    element.add(row);
    const y = document.y;
    let x = margin;
    document.font(kind === 'TH' ? 'Helvetica-Bold' : 'Helvetica').fontSize(9);
    document.fillColor(kind === 'TH' ? grey : 'black');
    for (const [index, column] of columns.entries()) {
      const { align } = column;
      const at = x;
      row.add(
        document.struct(kind, {}, () => {
          document.text(printable(cells[index] ?? ''), at, y, {
            width: column.width - 6,
            height: rowHeight - 3,
            align,
            ellipsis: true,
            lineBreak: false,
          });
        }),
      );
      x += column.width;
    }
    row.end();
    document.y = y + rowHeight;
  };
  const header = (): void =>
    line(
      columns.map(({ title }) => title),
      'TH',
    );
  header();
  for (const [place, cells] of rows.entries()) {
    if (document.y > document.page.height - margin - rowHeight) {
      document.addPage();
      header();
    }
    line(cells, 'TD');
    if (place % rowsAtOnce === rowsAtOnce - 1) await immediately();
  }
  element.end();
  document.x = margin;
}

/** The fonts that every reader of PDF has know western letters only: whatever they lack would be shown as another one. */
function printable(text: string): string {
  return text.replaceAll('−', '-').replaceAll(/[^\u0020-\u007e\u00a0-\u00ff€–—‘’“”•…]/gu, '?');
}

async function collected(document: PDFKit.PDFDocument): Promise<Buffer> {
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  return Buffer.concat(chunks);
}

function numberPages(document: PDFKit.PDFDocument): void {
  const { start, count } = document.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    document.switchToPage(start + index);
    // Behind the margin a text would begin a page of its own.
    document.page.margins.bottom = 0;
    document
      .font('Helvetica')
      .fontSize(8)
      .fillColor(grey)
      .text(`Página ${index + 1} de ${count}`, margin, document.page.height - 32, { lineBreak: false });
  }
}
