import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { answered, type Api, type Schema, told } from '../client/api.ts';
import { importFile } from '../client/imports.ts';
import { localApi } from '../client/local-api.ts';
import { fileArgument } from './files.ts';
import { chooseRules, rulesLines } from './rules.ts';
import { settledOf } from './typed.ts';
import { reportMarkdown } from '../domain/rehearsal/report/markdown.ts';
import { counted, decimalNumber, wholeNumber } from '../domain/shared/rules/written.ts';
import { parseReport } from '../domain/rehearsal/report/parse.ts';
import { reportWorkbook } from '../domain/rehearsal/report/workbook.ts';
import { reportText } from './rehearsal-text.ts';

export const usage = `Uso: npm run rehearse -- ARCHIVO.xlsx [opciones] [--json | --md SALIDA | --xlsx SALIDA]

  Vive el lote de un archivo en tiempo virtual: no se llama a nadie ni se cobra nada.
  --pack PAQUETE        reglas de la ley; por defecto, las que la cuenta eligió al último, como en npm run upload
  --policy POLÍTICA     cuándo y cuántas veces se llama; por defecto, según el caso de uso
  --negotiation NORMAS  etapas y ofertas; por defecto, las estándar
  --start DÍA           día en que empieza, como 2027-03-08; por defecto, mañana
  --seed N              n.º de simulación: el mismo cuenta la misma historia; por defecto, 1
  --creditor NOMBRE     empresa acreedora, si ninguna columna la trae
  --use-case CASO       debt_collection, user_experience, marketing o notification
  --settled MODO        leave-out o call: qué hacer con quien quizá ya pagó
  --json, --md, --xlsx  el informe como JSON, Markdown o Excel`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pack: { type: 'string' },
      policy: { type: 'string' },
      negotiation: { type: 'string' },
      seed: { type: 'string', default: '1' },
      start: { type: 'string' },
      settled: { type: 'string' },
      creditor: { type: 'string' },
      'use-case': { type: 'string' },
      json: { type: 'boolean', default: false },
      md: { type: 'string' },
      xlsx: { type: 'string' },
    },
  });
}

type Values = ReturnType<typeof read>['values'];

const pollMs = 300;

/** Where a rehearsal is lived. */
export interface RehearsalTarget {
  readonly api: Api;
  /** Stops what was started for it. */
  stop(): Promise<void>;
}

/** The API that runs: `npm run rehearse` brings one where none does. */
async function runningApi(): Promise<RehearsalTarget> {
  return { api: await localApi(), stop: () => Promise.resolve() };
}

/** Lives the batch of a file in virtual time. Nobody is called, nothing is counted or charged. */
export async function run(
  args: readonly string[],
  findTarget: () => Promise<RehearsalTarget> = runningApi,
): Promise<void> {
  const { values, positionals } = read(args);
  const file = await fileArgument(positionals, usage);
  const target = await findTarget();
  try {
    const startedMs = performance.now();
    const rehearsal = await lived(target.api, await begin(target.api, file, values));
    const seconds = (performance.now() - startedMs) / 1_000;
    if (rehearsal.state === 'failed') throw new Error(`El ensayo falló: ${rehearsal.failure ?? ''}`);
    await show(rehearsal, values);
    console.error(
      `\n${counted(rehearsal.contacts, 'contacto ensayado', 'contactos ensayados')} en ${decimalNumber(seconds.toFixed(1))} s`,
    );
  } finally {
    await target.stop();
  }
}

async function begin(api: Api, file: string, values: Values): Promise<Schema<'Rehearsal'>> {
  const settled = settledOf(values.settled);
  const imported = await importFile(api, file, {
    ...(values.creditor === undefined ? {} : { creditor: values.creditor }),
    ...(values['use-case'] === undefined ? {} : { use_case: values['use-case'] }),
  });
  console.error(
    `${counted(imported.rows_read, 'fila leída', 'filas leídas')}: ${counted(imported.contacts, 'persona')}, ` +
      counted(imported.rows_refused, 'fila rechazada', 'filas rechazadas'),
  );
  const { start } = values;
  const useCase = imported.use_case ?? '';
  const { answer: _, ...named } = await chooseRules(api, useCase, values);
  if (imported.import_id === null) throw new Error('La API no dijo qué archivo guardó.');
  const body = { import_id: imported.import_id, seed: values.seed, ...named, ...told({ start, settled }) };
  const rehearsal = await answered(api.POST('/api/v1/rehearsals', { body }));
  // Where its clock begins the API says; the rules are those that were chosen.
  const rules = await chooseRules(api, useCase, named, rehearsal.starts_at);
  for (const line of rulesLines(rules)) console.error(line);
  return rehearsal;
}

async function lived(api: Api, first: Schema<'Rehearsal'>): Promise<Schema<'Rehearsal'>> {
  let now = first;
  while (now.state === 'running') {
    if (process.stderr.isTTY)
      process.stderr.write(
        `\r\u001b[2K  ${wholeNumber(now.closed)}/${wholeNumber(now.contacts)} contactos terminados`,
      );
    await sleep(pollMs);
    now = await answered(api.GET('/api/v1/rehearsals/{id}', { params: { path: { id: first.id } } }));
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  return now;
}

async function show(rehearsal: Schema<'Rehearsal'>, values: Values): Promise<void> {
  const report = parseReport(rehearsal.report);
  if (values.md !== undefined) await writeFile(values.md, reportMarkdown(report));
  if (values.xlsx !== undefined) await writeFile(values.xlsx, await reportWorkbook(report));
  console.log(values.json ? JSON.stringify(report, null, 2) : reportText(report));
}
