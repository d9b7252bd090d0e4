import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import exceljs from 'exceljs';
import { randomOf } from './random.ts';
import { rutCheckDigit } from '../../../domain/people/rules/national-id.ts';

const headers = ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC', 'EMPRESA'];

/** Invented debtors, a row each, all of them different people: nothing is refused, nothing falls together. */
function* rows(count: number, seed: string): Generator<readonly string[]> {
  const random = randomOf(seed);
  for (let index = 0; index < count; index += 1) {
    const body = 10_000_000 + index;
    const phone = `+569${30_000_000 + index}`;
    const pesos = String(20_000 + Math.floor(random() * 900_000));
    const day = String(1 + Math.floor(random() * 28)).padStart(2, '0');
    yield [
      `${body}-${rutCheckDigit(body)}`,
      `Persona Inventada ${index}`,
      phone,
      pesos,
      `${day}-10-2026`,
      'Banco Inventado',
    ];
  }
}

export async function writeCsv(path: string, count: number, seed: string): Promise<void> {
  const file = createWriteStream(path);
  let text = `${headers.join(';')}\n`;
  for (const row of rows(count, seed)) {
    text += `${row.join(';')}\n`;
    if (text.length < 1_000_000) continue;
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
    text = '';
  }
  file.end(text);
  await finished(file);
}

export async function writeXlsx(path: string, count: number, seed: string): Promise<void> {
  const book = new exceljs.stream.xlsx.WorkbookWriter({ filename: path, useSharedStrings: true });
  const sheet = book.addWorksheet('Deudores');
  sheet.addRow(headers).commit();
  for (const row of rows(count, seed)) sheet.addRow(row).commit();
  await book.commit();
}
