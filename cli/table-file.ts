import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { counted } from '../domain/shared/rules/written.ts';
import { fileArgument } from './files.ts';
import { fieldsOf } from '../client/fields.ts';
import { askApi } from '../client/local-api.ts';

const routes = { payments: 'payment-files', removals: 'removal-files' } as const;

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
  const form = new FormData();
  form.append('file', new File([await readFile(file)], basename(file)));
  let answer = await askApi(`/api/v1/${routes[kind]}`, {
    method: 'POST',
    body: form,
    headers: { prefer: 'wait=2' },
  });
  let body = fieldsOf(await answer.json());
  const address = answer.headers.get('location');
  if (address !== null) {
    while (body['state'] === 'waiting' || body['state'] === 'reading') {
      showProgress(body);
      await sleep(pollMs);
      answer = await askApi(address);
      body = fieldsOf(await answer.json());
    }
    if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
    if (body['state'] === 'failed') throw new Error(String(fieldsOf(body['failure'])['message_es']));
    body = fieldsOf(body['result']);
  }
  console.log(
    `${counted(Number(body['rows_read']), 'fila leída', 'filas leídas')}: ${counted(Number(body['rows_done']), 'registrada')}, ` +
      `${already(Number(body['rows_known']))}, ${counted(Number(body['rows_refused']), 'rechazada')}.`,
  );
  const problems = Array.isArray(body['problems']) ? body['problems'] : [];
  for (const problem of problems.map(fieldsOf)) {
    console.log(
      `  ${String(problem['sheet'])}, fila ${String(problem['row'])}, ${String(problem['column'])} "${String(problem['value'])}": ${String(problem['message_es'])}`,
    );
  }
}

function already(rows: number): string {
  return counted(rows, 'ya estaba registrada', 'ya estaban registradas');
}

/** A log has each line once. */
let shown = '';

function showProgress({ state, result }: Readonly<Record<string, unknown>>): void {
  const words =
    state === 'waiting'
      ? 'En cola: se lee en cuanto haya un lugar.'
      : `${counted(Number(fieldsOf(result)['rows_read']), 'fila revisada', 'filas revisadas')}…`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${words}`);
  else if (words !== shown) console.log(words);
  shown = words;
}
