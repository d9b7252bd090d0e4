import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { answered, told } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { findBatch } from './find-batch.ts';
import { nothingMore, printJson } from './typed.ts';

export const usage = `Uso: tandas report [LOTE] [--from DÍA] [--to DÍA] [--json | --md SALIDA | --xlsx SALIDA]

  Qué se llamó, qué resultó y cuánto costó (what was called, what came of it, what it cost): por estado, día, hora, lote, teléfono e intentos.
  LOTE          identificador o nombre; sin lote ni días, los últimos 30 días de la cuenta
  --from, --to  días en la hora de las personas, como 2027-03-08; a lo más 366
  --json        los datos, para otros programas
  --md, --xlsx  como Markdown o Excel, en un archivo`;

/** The activity of a batch or of some days: on the terminal, as data, as Markdown or as Excel. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      json: { type: 'boolean', default: false },
      md: { type: 'string' },
      xlsx: { type: 'string' },
    },
  });
  const [batch, ...rest] = positionals;
  nothingMore(rest, usage);
  const { from, to, json, md, xlsx } = values;
  if ([json || undefined, md, xlsx].filter((one) => one !== undefined).length > 1)
    throw new CommandError(usage);
  const api = await localApi();
  const batch_id = batch === undefined ? undefined : (await findBatch(api, batch)).id;
  const query = told({ from, to, batch_id });
  if (json) return printJson(await answered(api.GET('/api/v1/reports/activity', { params: { query } })));
  const format = md === undefined ? (xlsx === undefined ? 'txt' : 'xlsx') : 'md';
  const bytes = await answered(
    api.GET('/api/v1/reports/activity/{format}', {
      params: { path: { format }, query },
      parseAs: 'arrayBuffer',
    }),
  );
  const out = md ?? xlsx;
  if (out === undefined) {
    process.stdout.write(new Uint8Array(bytes));
    return;
  }
  await writeFile(out, new Uint8Array(bytes));
  console.log(out);
}
