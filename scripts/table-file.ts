import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { apiAddress } from '../client/local.ts';

/**
 * `npm run payments -- FILE` and `npm run removals -- FILE`: sends an Excel or CSV to the running API and shows what
 * became of its rows. API_URL and API_KEY name another server.
 */
const routes = { payments: 'payment-files', removals: 'removal-files' } as const;

async function main(): Promise<void> {
  const [kind, file] = process.argv.slice(2);
  const route = kind === 'payments' || kind === 'removals' ? routes[kind] : undefined;
  if (route === undefined || file === undefined) {
    throw new Error(
      'Uso: npm run payments -- PAGOS.xlsx (RUT o NUMERO_REFERENCIA, MONTO, FECHA_PAGO, ID_PAGO)\n     npm run removals -- BAJAS.xlsx (RUT o TELEFONO)',
    );
  }
  const { url, key } = await apiAddress();
  const form = new FormData();
  form.append('file', new File([await readFile(file)], basename(file)));
  const answer = await fetch(`${url}/api/v1/${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  const body = fieldsOf(await answer.json());
  if (!answer.ok) {
    const words = [body['detail_es'], body['detail']].find((text) => typeof text === 'string');
    throw new Error(words ?? `HTTP ${answer.status}`);
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

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
