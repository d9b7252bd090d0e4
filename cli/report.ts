import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { askApi } from '../client/local-api.ts';
import { askJson, pathOf } from '../client/operations.ts';
import { idOfBatch } from './batches.ts';
import { CommandError } from './command.ts';
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
  const query = { from, to, batch_id: batch === undefined ? undefined : await idOfBatch(batch) };
  if (json) return printJson(await askJson('GET', pathOf(['reports', 'activity'], query)));
  const format = md === undefined ? (xlsx === undefined ? 'txt' : 'xlsx') : 'md';
  const response = await askApi(pathOf(['reports', 'activity', format], query));
  const out = md ?? xlsx;
  if (out === undefined) {
    process.stdout.write(await response.text());
    return;
  }
  await writeFile(out, new Uint8Array(await response.arrayBuffer()));
  console.log(out);
}
