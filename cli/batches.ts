import { parseArgs } from 'node:util';
import { ApiClient } from '../client/api-client.ts';
import { apiAddress } from '../client/local.ts';
import { askJson, changedBatch, listAll, pathOf } from '../client/operations.ts';
import { CommandError } from './command.ts';
import { findBatch } from './find-batch.ts';
import { run as showStatus } from './status.ts';
import { nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas batches [LOTE] [--all] [--json]
     tandas batches pause|resume|cancel LOTE --reason MOTIVO [--json]

  Los lotes con su avance, o uno (batches with their progress, or one); LOTE es su identificador o su nombre.
  pause    nadie del lote recibe llamadas hasta resume (nobody is called until resume)
  cancel   cierra a todos; no se deshace (closes everybody; for good)
  --all    todos; sin ella, los 20 más nuevos
  --json   los datos, para otros programas`;

const actions = ['pause', 'resume', 'cancel'];
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
  if (first !== undefined && actions.includes(first)) {
    nothingMore(rest, usage);
    const [wanted, reason] = [required(second, usage), required(values.reason, usage)];
    const answer = await askJson('POST', pathOf(['batches', await idOfBatch(wanted), first]), { reason });
    if (values.json) return printJson(answer);
    const batch = changedBatch.parse(answer);
    console.log(`${batch.name} · ${batch.state_es} · ${batch.id}`);
    return;
  }
  nothingMore(second === undefined ? [] : [second, ...rest], usage);
  if (values.reason !== undefined) throw new CommandError(usage);
  if (values.json) {
    if (first !== undefined)
      return printJson(await askJson('GET', pathOf(['batches', await idOfBatch(first)])));
    const { rows, isWhole } = await listAll('batches', {}, values.all ? mostBatches : newest);
    return printJson({ batches: rows, is_whole: isWhole });
  }
  await showStatus(first === undefined ? (values.all ? ['--all'] : []) : [first, '--once']);
}

/** By its id, or by its name where only one has it. */
export async function idOfBatch(wanted: string): Promise<string> {
  const { url, key } = await apiAddress();
  return (await findBatch(new ApiClient(url, key), wanted)).id;
}
