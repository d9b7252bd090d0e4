import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from './command.ts';
import { apiAddress } from '../client/local.ts';

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
  const { url, key } = await apiAddress();
  const form = new FormData();
  form.append('file', new File([await readFile(file)], basename(file)));
  const answer = await fetch(`${url}/api/v1/${routes[kind]}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  const body = fieldsOf(await answer.json());
  if (!answer.ok) {
    const words = [body['detail_es'], body['detail']].find((text) => typeof text === 'string');
    throw new CommandError(words ?? `HTTP ${answer.status}`, 1);
  }
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

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
