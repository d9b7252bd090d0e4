import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { type Schema, told } from '../client/api.ts';
import { importFile } from '../client/imports.ts';
import { localApi } from '../client/local-api.ts';
import { counted, decimalNumber, wholeNumber } from '../domain/shared/rules/written.ts';
import { useCaseByKey } from '../domain/usecases/registry.ts';
import { summaryLines } from './batch-summary.ts';
import { CommandError } from './command.ts';
import { fileArgument } from './files.ts';
import { createBatch } from './find-batch.ts';
import { chooseRules, rulesLines } from './rules.ts';
import { settledOf } from './typed.ts';
import { watchBatch } from './watch-batch.ts';

export const usage = `Uso: npm run upload -- ARCHIVO.xlsx [--start] [opciones]

  Sin --start muestra cómo se leyó el archivo, bajo qué reglas se llamaría y desde cuándo; no guarda nada.
  --start               carga el archivo y empieza a llamar
  --creditor NOMBRE     empresa acreedora, si ninguna columna la trae
  --use-case CASO       debt_collection, user_experience, marketing o notification; por defecto, según las columnas
  --settled MODO        leave-out o call: qué hacer con quien quizá ya pagó
  --round               redondea al peso los montos con decimales
  --pack PAQUETE        reglas de la ley; por defecto, las que la cuenta eligió al último (demo: llama de inmediato, simulado)
  --policy POLÍTICA     cuándo y cuántas veces se llama; por defecto, según el caso de uso
  --negotiation NORMAS  etapas y ofertas; por defecto, las estándar
  --name NOMBRE         nombre del lote; por defecto, el del archivo

  API_URL y API_KEY indican otro servidor.`;
const problemsShown = 20;
/** Of a batch, as the API takes it. */
const longestName = 120;

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
      pack: { type: 'string' },
      policy: { type: 'string' },
      negotiation: { type: 'string' },
      name: { type: 'string' },
    },
  });
  const file = await fileArgument(positionals, usage);
  const api = await localApi();
  const settled = settledOf(values.settled);
  const fields = {
    ...(values.creditor === undefined ? {} : { creditor: values.creditor }),
    ...(values['use-case'] === undefined ? {} : { use_case: values['use-case'] }),
    ...(values.round ? { round_amounts: 'true' } : {}),
  };
  const answer = await importFile(
    api,
    file,
    { ...fields, dry_run: values.start ? 'false' : 'true' },
    showProgress,
  ).catch(withOptions);
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[2K');
  show(answer);
  if (answer.contacts === 0) {
    console.log('\nNo hay a quién llamar.');
    return;
  }
  const rules = await chooseRules(api, answer.use_case ?? '', values);
  console.log('');
  for (const line of rulesLines(rules)) console.log(line);
  if (!values.start) {
    console.log('\nNo se guardó nada. Con --start se carga y se llama bajo estas reglas.');
    return;
  }
  const { answer: _, ...named } = rules;
  if (answer.import_id === null) throw new Error('La API no dijo qué archivo guardó.');
  const batch = await createBatch(api, {
    import_id: answer.import_id,
    // Not its folder: the name stands in registers that leave the house.
    name: values.name ?? basename(file).slice(0, longestName),
    ...named,
    ...told({ settled }),
  });
  console.log(`\nLote ${batch.id}`);
  console.log(`Ctrl-C deja de mirar y el lote sigue; para volver: npm run status -- ${batch.id}`);
  const ended = await watchBatch(api, batch.id, {
    signal: AbortSignal.timeout(24 * 3_600_000),
    timeoutMs: 24 * 3_600_000,
  });
  for (const line of summaryLines(ended)) console.log(line);
}

/** The API speaks of fields; here they are options. */
function withOptions(error: unknown): never {
  if (!(error instanceof Error) || !error.message.includes('EMPRESA también puede indicarse')) throw error;
  throw new CommandError(`${error.message}\nLa empresa se indica con --creditor "Nombre de la empresa".`, 1);
}

/** A log has each line once. */
let shown = '';

function showProgress({ state, progress }: Schema<'Import'>): void {
  const words =
    state === 'waiting'
      ? 'En cola: se lee en cuanto haya un lugar.'
      : `${megabytes(progress.bytes_read)} de ${megabytes(progress.bytes_total)} MB leídos: ` +
        `${counted(progress.rows_checked, 'fila revisada', 'filas revisadas')}, ${counted(progress.rows_stored, 'guardada')}.`;
  if (process.stdout.isTTY) process.stdout.write(`\r\u001b[2K${words}`);
  else if (words !== shown) console.log(words);
  shown = words;
}

function megabytes(bytes: number): string {
  return decimalNumber((bytes / 1024 / 1024).toFixed(1));
}

function show(answer: Schema<'Import'>): void {
  const title = useCaseByKey(answer.use_case ?? '')?.title.es ?? answer.use_case ?? '';
  const refusals = answer.rows_refused === 0 ? '' : `, ${counted(answer.rows_refused, 'rechazada')}`;
  console.log(
    `${title}: ${counted(answer.rows_read, 'fila leída', 'filas leídas')}${refusals}; se llamaría a ${counted(answer.contacts, 'persona')}.`,
  );
  for (const line of readingLines(answer)) console.log(line);
  const refused = answer.problems.filter(({ severity }) => severity === 'refused');
  const notices = answer.problems.filter(({ severity }) => severity === 'notice');
  if (answer.rows_refused > 0)
    console.log(`${counted(answer.rows_refused, 'fila rechazada', 'filas rechazadas')}:`);
  list(refused);
  if (notices.length > 0) console.log(`${counted(notices.length, 'aviso')}:`);
  list(notices);
}

/** How the file was read: what nobody sees nobody corrects. */
function readingLines({ reading }: Schema<'Import'>): readonly string[] {
  if (reading === null) return [];
  const { sheet, header_row, columns, free_variables, ignored_columns, warnings } = reading;
  const read = [
    ...columns.map(({ header, label }) => (header === label ? label : `${header} → ${label}`)),
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

/** What is left out is told. */
function list(problems: Schema<'Import'>['problems']): void {
  for (const problem of problems.slice(0, problemsShown)) console.log(lineOf(problem));
  const hidden = problems.length - problemsShown;
  if (hidden > 0) console.log(`  … y ${wholeNumber(hidden)} más`);
}

function lineOf(problem: Schema<'RowProblem'>): string {
  return `  ${problem.sheet}, fila ${problem.row}, ${problem.column} "${problem.value}": ${problem.message_es}`;
}
