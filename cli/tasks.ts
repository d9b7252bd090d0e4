import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { dayInWords } from '../domain/shared/rules/written.ts';
import { taskInWords } from '../domain/tasks/rules/labels.ts';
import { answered, type Api, pagesOf, type Schema } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas tasks [list] [--all] [--json]
     tandas tasks show TAREA
     tandas tasks resolve TAREA paid|resume|close --note NOTA [--json]

  Lo que una persona debe decidir, lo más antiguo primero (what somebody must decide, the oldest first).
  resolve  paid: se pagó por otra vía; resume: se sigue llamando; close: se cierra
           (paid elsewhere; calls go on; closed)
  --all    también las resueltas
  --json   los datos, para otros programas`;

const decisions = ['paid', 'resume', 'close'] as const;
const most = 1_000;

/** Lists tasks, shows one, or says what somebody decided. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      note: { type: 'string' },
    },
  });
  const [action = 'list', id, typed, ...rest] = positionals;
  nothingMore(rest, usage);
  const api = await localApi();
  switch (action) {
    case 'list': {
      nothingMore(positionals.slice(1), usage);
      const { rows, isWhole } = await tasksOf(api, values.all ? {} : { state: 'open' }, most);
      if (values.json) return printJson({ tasks: rows, is_whole: isWhole });
      return list(rows, isWhole);
    }
    case 'show':
      nothingMore(positionals.slice(2), usage);
      return printJson(
        await answered(api.GET('/api/v1/tasks/{id}', { params: { path: { id: idOf(id, usage) } } })),
      );
    case 'resolve': {
      const task = idOf(id, usage);
      const decision = decisions.find((one) => one === typed);
      if (decision === undefined) throw new CommandError(usage);
      const note = required(values.note, usage);
      const answer = await answered(
        api.POST('/api/v1/tasks/{id}/resolve', {
          params: { path: { id: task } },
          body: { resolution: decision, note },
        }),
      );
      if (values.json) return printJson(answer);
      console.log(`${task}  resuelta: ${decision} (resolved)`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

/** The oldest first, `most` at most. */
export function tasksOf(
  api: Api,
  filter: { readonly state?: 'open' | 'resolved' },
  most: number,
): Promise<{ readonly rows: readonly Schema<'Task'>[]; readonly isWhole: boolean }> {
  return pagesOf(most, async (page) => {
    const { tasks, next_cursor: next } = await answered(
      api.GET('/api/v1/tasks', { params: { query: { ...filter, ...page } } }),
    );
    return { rows: tasks, next };
  });
}

function list(rows: readonly Schema<'Task'>[], isWhole: boolean): void {
  if (rows.length === 0) {
    console.log('Ninguna tarea (no task).');
    return;
  }
  const shown = rows.map(({ id, kind, contact_id, opened_at, resolution }) => [
    id,
    dayInWords(opened_at),
    taskInWords(kind),
    contact_id,
    resolution ?? 'abierta',
  ]);
  console.log(textTable([['tarea', 'desde', 'qué', 'contacto', 'estado'], ...shown]));
  if (!isWhole) console.log(`Solo las ${most} primeras.`);
}
