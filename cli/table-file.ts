import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Api, answered, type Schema } from '../client/api.ts';
import { formOf } from '../client/imports.ts';
import { localApi } from '../client/local-api.ts';
import { counted } from '../domain/shared/rules/written.ts';
import { fileArgument } from './files.ts';

const routes = { payments: '/api/v1/payment-files', removals: '/api/v1/removal-files' } as const;

export type TableFile = keyof typeof routes;

export const usages: Readonly<Record<TableFile, string>> = {
  payments: `Uso: npm run payments -- PAGOS.xlsx

  Excel o CSV con RUT o NUMERO_REFERENCIA, y MONTO; opcionales: FECHA_PAGO, ID_PAGO.
  API_URL y API_KEY indican otro servidor.`,
  removals: `Uso: npm run removals -- BAJAS.xlsx

  Excel o CSV con RUT o TELEFONO de quienes no se debe contactar nunca más.
  API_URL y API_KEY indican otro servidor.`,
};

const pollMs = 500;

/** Sends an Excel or CSV to the running API and shows what became of its rows. */
export async function sendTable(kind: TableFile, args: readonly string[]): Promise<void> {
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
  const file = await fileArgument(positionals, usages[kind]);
  const result = await resultOf(await localApi(), routes[kind], file);
  console.log(
    `${counted(result.rows_read, 'fila leída', 'filas leídas')}: ${counted(result.rows_done, 'registrada')}, ` +
      `${already(result.rows_known)}, ${counted(result.rows_refused, 'rechazada')}.`,
  );
  for (const { sheet, row, column, value, message_es: words } of result.problems)
    console.log(`  ${sheet}, fila ${row}, ${column} "${value}": ${words}`);
}

/** Sends the file, and stays until its rows are done. */
async function resultOf(
  api: Api,
  route: (typeof routes)[TableFile],
  file: string,
): Promise<Schema<'TableResult'>> {
  const form = await formOf(file);
  const first = await answered(
    api.POST(route, {
      params: { header: { prefer: 'wait=2' } },
      body: { file: basename(file) },
      bodySerializer: () => form,
    }),
  );
  if (!('file_id' in first)) return first;
  const of = { params: { path: { id: first.file_id } } };
  let now = first;
  while (now.state === 'waiting' || now.state === 'reading') {
    showProgress(now);
    await sleep(pollMs);
    now = await answered(api.GET(`${route}/{id}`, of));
  }
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
  if (now.failure !== null) throw new Error(now.failure.message_es);
  return now.result;
}

function already(rows: number): string {
  return counted(rows, 'ya estaba registrada', 'ya estaban registradas');
}

/** A log has each line once. */
let shown = '';

function showProgress({ state, result }: Schema<'TableFile'>): void {
  const words =
    state === 'waiting'
      ? 'En cola: se lee en cuanto haya un lugar.'
      : `${counted(result.rows_read, 'fila revisada', 'filas revisadas')}…`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${words}`);
  else if (words !== shown) console.log(words);
  shown = words;
}
