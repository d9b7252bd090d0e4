import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { dayInWords } from '../domain/shared/rules/written.ts';
import { taskInWords } from '../domain/tasks/rules/labels.ts';
import { askJson, listAll, pathOf, taskRow } from '../client/operations.ts';
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

const decisions = ['paid', 'resume', 'close'];
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
  const [action = 'list', id, decision, ...rest] = positionals;
  nothingMore(rest, usage);
  switch (action) {
    case 'list': {
      nothingMore(positionals.slice(1), usage);
      const { rows, isWhole } = await listAll('tasks', values.all ? {} : { state: 'open' }, most);
      if (values.json) return printJson({ tasks: rows, is_whole: isWhole });
      return list(rows, isWhole);
    }
    case 'show':
      nothingMore(positionals.slice(2), usage);
      return printJson(await askJson('GET', pathOf(['tasks', idOf(id, usage)])));
    case 'resolve': {
      const task = idOf(id, usage);
      if (decision === undefined || !decisions.includes(decision)) throw new CommandError(usage);
      const note = required(values.note, usage);
      const answer = await askJson('POST', pathOf(['tasks', task, 'resolve']), {
        resolution: decision,
        note,
      });
      if (values.json) return printJson(answer);
      console.log(`${task}  resuelta: ${decision} (resolved)`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

function list(rows: readonly unknown[], isWhole: boolean): void {
  if (rows.length === 0) {
    console.log('Ninguna tarea (no task).');
    return;
  }
  const shown = rows.map((row) => {
    const { id, kind, contact_id, opened_at, resolution } = taskRow.parse(row);
    return [id, dayInWords(opened_at), taskInWords(kind), contact_id, resolution ?? 'abierta'];
  });
  console.log(textTable([['tarea', 'desde', 'qué', 'contacto', 'estado'], ...shown]));
  if (!isWhole) console.log(`Solo las ${most} primeras.`);
}
