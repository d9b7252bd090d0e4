import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { tooMany } from './files.ts';
import { findBatch } from './find-batch.ts';
import { oneOf } from './typed.ts';

const formats = ['xlsx', 'csv', 'ndjson'] as const;

export const usage = `Uso: npm run results -- LOTE [--format ${formats.join('|')}] [--out ARCHIVO]

  LOTE              identificador o nombre del lote (npm run status los muestra)
  --format FORMATO  xlsx (Excel), csv o ndjson; por defecto, el de la terminación de --out, o xlsx
  --out ARCHIVO     dónde guardarlo; por defecto, resultados-LOTE.FORMATO`;

/** Writes what became of each contact of a batch to a file: whole, or not at all. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { format: { type: 'string' }, out: { type: 'string' } },
  });
  const [batch, ...rest] = positionals;
  if (batch === undefined) throw new CommandError(usage);
  if (rest.length > 0) throw tooMany(rest, usage);
  const ending = formats.find((one) => values.out?.toLowerCase().endsWith(`.${one}`) === true);
  const format = oneOf('format', values.format ?? ending ?? 'xlsx', formats);
  const api = await localApi();
  const { id } = await findBatch(api, batch);
  const out = values.out ?? `resultados-${id}.${format}`;
  const { response } = await api.GET('/api/v1/batches/{id}/results', {
    params: { path: { id }, query: { format } },
    parseAs: 'stream',
  });
  const { body } = response;
  if (body === null) throw new Error('La API respondió sin archivo.');
  // A file that broke off would be taken for all there is.
  const unfinished = `${out}.part`;
  try {
    await pipeline(Readable.fromWeb(body), createWriteStream(unfinished));
    await rename(unfinished, out);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new CommandError(`El archivo no se recibió completo: ${wordsOf(error)}. Repita el comando.`, 1);
  }
  console.log(out);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
