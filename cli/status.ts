import { parseArgs } from 'node:util';
import { answered, type Api, type Schema } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { aboutInWords, counted } from '../domain/shared/rules/written.ts';
import { taskInWords } from '../domain/tasks/rules/labels.ts';
import { summaryLines } from './batch-summary.ts';
import { tooMany } from './files.ts';
import { type BatchAnswer, batchesOf, findBatch, mostBatches } from './find-batch.ts';
import { tasksOf } from './tasks.ts';
import { printJson } from './typed.ts';
import { figures, nextWords, watchBatch } from './watch-batch.ts';

export const usage = `Uso: npm run status [-- --all] [--json]
     npm run status -- LOTE [--once] [--json]

  Sin lote: saldo, tareas abiertas y los lotes con su avance y cuándo siguen.
  LOTE    identificador o nombre de un lote: lo sigue hasta que termina; Ctrl-C deja de mirar y el lote sigue
  --once  lo muestra una vez
  --all   todos los lotes; sin ella, los 20 más nuevos
  --json  los datos, para otros programas; muestra una vez

  API_URL y API_KEY indican otro servidor.`;

const newest = 20;
const mostTasks = 1_000;
const watchMs = 24 * 3_600_000;

/** How everything stands, or one batch, live. Reads only, by the API alone. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [wanted, ...others] = positionals;
  if (others.length > 0) throw tooMany(others, usage);
  const api = await localApi();
  if (values.json) {
    printJson(await dataOf(api, wanted, values.all ? mostBatches : newest));
    return;
  }
  if (wanted === undefined) {
    await showAll(api, values.all ? mostBatches : newest);
    return;
  }
  const batch = await findBatch(api, wanted);
  for (const line of headLines(batch)) console.log(line);
  if (values.once || isOver(batch)) {
    console.log(`  ${progressOf(batch)}`);
    for (const line of summaryLines(batch)) console.log(line);
    return;
  }
  const signal = AbortSignal.timeout(watchMs);
  const ended = await watchBatch(api, batch.id, { signal, timeoutMs: watchMs });
  for (const line of summaryLines(ended)) console.log(line);
}

async function dataOf(api: Api, wanted: string | undefined, most: number): Promise<unknown> {
  if (wanted !== undefined) return findBatch(api, wanted);
  const { rows: open, isWhole: hasAllTasks } = await tasksOf(api, { state: 'open' }, mostTasks);
  const { rows: batches, isWhole } = await batchesOf(api, most);
  const tasks = Object.fromEntries(countBy(open));
  return {
    account: await answered(api.GET('/api/v1/account')),
    open_tasks: { by_kind: tasks, is_whole: hasAllTasks },
    batches,
    is_whole: isWhole,
  };
}

async function showAll(api: Api, most: number): Promise<void> {
  const account = await answered(api.GET('/api/v1/account'));
  console.log(`${account.name} · ${balanceOf(account)}`);
  if (account.suspended) console.log(account.suspended.es);
  const { rows: open, isWhole: haveAllTasks } = await tasksOf(api, { state: 'open' }, mostTasks);
  console.log(
    open.length === 0
      ? 'Ninguna tarea abierta.'
      : `${haveAllTasks ? '' : 'Más de '}${counted(open.length, 'tarea abierta', 'tareas abiertas')}:`,
  );
  for (const [kind, count] of countBy(open)) console.log(`  ${count} × ${taskInWords(kind)}`);
  const { rows: batches, isWhole } = await batchesOf(api, most);
  if (batches.length === 0) {
    console.log('\nTodavía no hay lotes: npm run upload -- ARCHIVO.xlsx --start');
    return;
  }
  for (const batch of batches) {
    console.log('');
    for (const line of headLines(batch)) console.log(line);
    console.log(`  ${progressOf(batch)}`);
  }
  if (!isWhole) console.log('\nHay lotes más antiguos: --all los muestra.');
}

function headLines(batch: BatchAnswer): readonly string[] {
  return [
    `${batch.name} · ${batch.use_case_es} · ${batch.state_es}`,
    `  Lote ${batch.id}`,
    `  Reglas: ${batch.pack_es}; ${batch.policy_es}`,
  ];
}

function progressOf(batch: BatchAnswer): string {
  return [...figures(batch), nextWords(batch)].filter((words) => words !== '').join(' · ');
}

function isOver({ state }: BatchAnswer): boolean {
  return state === 'finished' || state === 'cancelled';
}

function balanceOf({ plan, balances }: Schema<'Account'>): string {
  if (plan === 'unlimited') return 'sin límite de saldo';
  return balances
    .map(({ available, held }) => {
      const reserved =
        Number(held.amount) === 0 ? '' : ` (reservado para llamadas en curso: ${aboutInWords(held)})`;
      return `saldo ${aboutInWords(available)}${reserved}`;
    })
    .join(' · ');
}

function countBy(tasks: readonly Schema<'Task'>[]): readonly (readonly [kind: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { kind } of tasks) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts];
}
