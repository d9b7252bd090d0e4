import { parseArgs } from 'node:util';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { batchesOf, findBatch } from './find-batch.ts';
import { run as showStatus } from './status.ts';
import { nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas batches [LOTE] [--all] [--json]
     tandas batches pause|resume|cancel LOTE --reason MOTIVO [--json]

  Los lotes con su avance, o uno (batches with their progress, or one); LOTE es su identificador o su nombre.
  pause    nadie del lote recibe llamadas hasta resume (nobody is called until resume)
  cancel   cierra a todos; no se deshace (closes everybody; for good)
  --all    todos; sin ella, los 20 más nuevos
  --json   los datos, para otros programas`;

const actions = ['pause', 'resume', 'cancel'] as const;
const mostBatches = 10_000;
const newest = 20;

/** Lists batches, or holds, resumes or ends one. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      reason: { type: 'string' },
    },
  });
  const [first, second, ...rest] = positionals;
  const api = await localApi();
  const action = actions.find((one) => one === first);
  if (action !== undefined) {
    nothingMore(rest, usage);
    const [wanted, reason] = [required(second, usage), required(values.reason, usage)];
    const { id } = await findBatch(api, wanted);
    const batch = await answered(
      api.POST(`/api/v1/batches/{id}/${action}`, { params: { path: { id } }, body: { reason } }),
    );
    if (values.json) return printJson(batch);
    console.log(`${batch.name} · ${batch.state_es} · ${batch.id}`);
    return;
  }
  nothingMore(second === undefined ? [] : [second, ...rest], usage);
  if (values.reason !== undefined) throw new CommandError(usage);
  if (values.json) {
    if (first !== undefined) return printJson(await findBatch(api, first));
    const { rows, isWhole } = await batchesOf(api, values.all ? mostBatches : newest);
    return printJson({ batches: rows, is_whole: isWhole });
  }
  await showStatus(first === undefined ? (values.all ? ['--all'] : []) : [first, '--once']);
}
