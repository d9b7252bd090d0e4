import { parseArgs } from 'node:util';
import { ApiClient, type ImportAnswer } from '../client/api-client.ts';
import { CommandError } from './command.ts';
import { watchBatch } from '../client/progress.ts';
import { summaryLines } from '../client/summary.ts';
import { apiAddress } from '../client/local.ts';

export const usage = `Uso: npm run upload -- ARCHIVO.xlsx [--start] [--creditor NOMBRE] [--use-case CASO] [--round] [--pack demo]
                     [--settled leave-out|call]
                     [--policy demo] [--negotiation NORMAS] [--name NOMBRE]`;
const problemsShown = 20;

/** Shows what a file would become; with `--start` calls its people. API_URL and API_KEY name another server. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      start: { type: 'boolean', default: false },
      creditor: { type: 'string' },
      'use-case': { type: 'string' },
      round: { type: 'boolean', default: false },
      settled: { type: 'string' },
      pack: { type: 'string', default: 'demo' },
      policy: { type: 'string' },
      negotiation: { type: 'string' },
      name: { type: 'string' },
    },
  });
  const [file] = positionals;
  if (file === undefined) throw new CommandError(usage);
  const { url, key } = await apiAddress();
  const client = new ApiClient(url, key);
  const fields = {
    ...(values.creditor === undefined ? {} : { creditor: values.creditor }),
    ...(values['use-case'] === undefined ? {} : { use_case: values['use-case'] }),
    ...(values.round ? { round_amounts: 'true' } : {}),
  };
  const answer = await client.import(
    file,
    { ...fields, dry_run: values.start ? 'false' : 'true' },
    showProgress,
  );
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
  show(answer);
  if (!values.start) {
    console.log('\nNo se guardó nada. Con --start se carga y se empieza a llamar.');
    return;
  }
  const policy = values.policy ?? (values.pack === 'demo' ? 'demo' : undefined);
  const batch = await client.createBatch({
    import_id: answer.import_id,
    name: values.name ?? file,
    pack: values.pack,
    ...(policy === undefined ? {} : { policy }),
    ...(values.settled === undefined ? {} : { settled: values.settled.replace('-', '_') }),
    ...(values.negotiation === undefined ? {} : { negotiation: values.negotiation }),
  });
  console.log(`\nTanda ${batch.id}. Ctrl-C deja de mirar; la tanda sigue.`);
  const ended = await watchBatch(client, batch.id, {
    signal: AbortSignal.timeout(24 * 3_600_000),
    timeoutMs: 24 * 3_600_000,
  });
  for (const line of summaryLines(ended)) console.log(line);
}

/** A log has each line once. */
let shown = '';

function showProgress({ state, progress }: ImportAnswer): void {
  const rows = (count: number): string => count.toLocaleString('es-CL');
  const words =
    state === 'waiting'
      ? 'En cola: se lee en cuanto haya un lugar.'
      : `${megabytes(progress.bytes_read)} de ${megabytes(progress.bytes_total)} MB leídos: ` +
        `${rows(progress.rows_checked)} filas revisadas, ${rows(progress.rows_stored)} guardadas.`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${words}`);
  else if (words !== shown) console.log(words);
  shown = words;
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toLocaleString('es-CL', {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
}

function show(answer: ImportAnswer): void {
  console.log(`${answer.use_case}: ${answer.rows_read} filas, ${answer.contacts} personas por llamar.`);
  for (const line of readingLines(answer)) console.log(line);
  const refused = answer.problems.filter(({ severity }) => severity === 'refused');
  const notices = answer.problems.filter(({ severity }) => severity === 'notice');
  if (answer.rows_refused > 0) console.log(`${answer.rows_refused} filas rechazadas:`);
  for (const problem of refused.slice(0, problemsShown)) console.log(lineOf(problem));
  if (notices.length > 0) console.log(`${notices.length} avisos:`);
  for (const problem of notices.slice(0, problemsShown)) console.log(lineOf(problem));
}

/** How the file was read: what nobody sees nobody corrects. */
function readingLines({ reading }: ImportAnswer): readonly string[] {
  if (reading === null) return [];
  const { sheet, header_row, columns, free_variables, ignored_columns, warnings } = reading;
  const read = [
    ...columns.map(({ header, label }) => `${header} → ${label}`),
    ...free_variables.map(({ header, variable }) => `${header} → {{${variable}}}`),
  ];
  return [
    `  Hoja «${sheet}», encabezados en la fila ${header_row}: ${read.join(', ')}.`,
    ...(ignored_columns.length === 0
      ? []
      : [
          `  Sin usar: ${ignored_columns.join(', ')}. Si una de estas columnas importa, cambie su encabezado (lista: docs/integration.md) o indique --use-case.`,
        ]),
    ...warnings.map(({ es }) => `  Atención: ${es}`),
  ];
}

function lineOf(problem: ImportAnswer['problems'][number]): string {
  return `  ${problem.sheet}, fila ${problem.row}, ${problem.column} "${problem.value}": ${problem.message_es}`;
}
