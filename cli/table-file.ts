import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from './command.ts';
import { fieldsOf } from '../client/fields.ts';
import { askApi } from '../client/local-api.ts';

const routes = { payments: 'payment-files', removals: 'removal-files' } as const;

export type TableFile = keyof typeof routes;

export const usages: Readonly<Record<TableFile, string>> = {
  payments: 'Uso: npm run payments -- PAGOS.xlsx (RUT o NUMERO_REFERENCIA, MONTO, FECHA_PAGO, ID_PAGO)',
  removals: 'Uso: npm run removals -- BAJAS.xlsx (RUT o TELEFONO)',
};

/** Sends an Excel or CSV to the running API and shows what became of its rows. */
export async function sendTable(kind: TableFile, args: readonly string[]): Promise<void> {
  const [file] = parseArgs({ args: [...args], allowPositionals: true }).positionals;
  if (file === undefined) throw new CommandError(usages[kind]);
  const form = new FormData();
  form.append('file', new File([await readFile(file)], basename(file)));
  const answer = await askApi(`/api/v1/${routes[kind]}`, { method: 'POST', body: form });
  const body = fieldsOf(await answer.json());
  console.log(
    `${String(body['rows_read'])} filas: ${String(body['rows_done'])} aplicadas, ${String(body['rows_known'])} ya conocidas, ${String(body['rows_refused'])} rechazadas.`,
  );
  const problems = Array.isArray(body['problems']) ? body['problems'] : [];
  for (const problem of problems.map(fieldsOf)) {
    console.log(
      `  ${String(problem['sheet'])}, fila ${String(problem['row'])}, ${String(problem['column'])} "${String(problem['value'])}": ${String(problem['message_es'])}`,
    );
  }
}
