import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CommandError, runCommand } from '../../cli/command.ts';
import type { ApiClient, RehearsalAnswer } from '../../client/api-client.ts';
import { reportMarkdown } from '../../domain/rehearsal/report/markdown.ts';
import { parseReport } from '../../domain/rehearsal/report/parse.ts';
import { reportWorkbook } from '../../domain/rehearsal/report/workbook.ts';
import { reportText } from './terminal.ts';
import { findTarget } from './target.ts';

const usage = `Uso: npm run rehearse -- ARCHIVO.xlsx [--pack P] [--policy P] [--negotiation N] [--seed N] [--start DÍA]
                       [--creditor NOMBRE] [--use-case CASO] [--settled leave-out|call] [--json | --md SALIDA | --xlsx SALIDA]`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      pack: { type: 'string', default: 'cl-collection-waves' },
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

/** Lives the batch of a file in virtual time. Nobody is called, nothing is counted or charged. */
async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [file] = positionals;
  if (file === undefined) throw new CommandError(usage);
  const target = await findTarget(process.env);
  try {
    const startedMs = performance.now();
    const rehearsal = await lived(target.client, await begin(target.client, file, values));
    const seconds = (performance.now() - startedMs) / 1_000;
    if (rehearsal.state === 'failed') throw new Error(`El ensayo falló: ${rehearsal.failure ?? ''}`);
    await show(rehearsal, values);
    console.error(`\n${rehearsal.contacts} contactos ensayados en ${seconds.toFixed(1).replace('.', ',')} s`);
  } finally {
    await target.stop();
  }
}

async function begin(client: ApiClient, file: string, values: Values): Promise<RehearsalAnswer> {
  const imported = await client.import(file, {
    ...(values.creditor === undefined ? {} : { creditor: values.creditor }),
    ...(values['use-case'] === undefined ? {} : { use_case: values['use-case'] }),
  });
  console.error(
    `${imported.rows_read} filas leídas: ${imported.contacts} personas, ${imported.rows_refused} filas rechazadas`,
  );
  const { policy, negotiation, start, settled } = values;
  return client.startRehearsal({
    import_id: imported.import_id,
    pack: values.pack,
    seed: values.seed,
    ...(policy === undefined ? {} : { policy }),
    ...(negotiation === undefined ? {} : { negotiation }),
    ...(start === undefined ? {} : { start }),
    ...(settled === undefined ? {} : { settled: settled.replace('-', '_') }),
  });
}

async function lived(client: ApiClient, first: RehearsalAnswer): Promise<RehearsalAnswer> {
  let now = first;
  while (now.state === 'running') {
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[2K  ${now.closed}/${now.contacts} contactos terminados`);
    await sleep(pollMs);
    now = await client.rehearsal(first.id);
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  return now;
}

async function show(rehearsal: RehearsalAnswer, values: Values): Promise<void> {
  const report = parseReport(rehearsal.report);
  if (values.md !== undefined) await writeFile(values.md, reportMarkdown(report));
  if (values.xlsx !== undefined) await writeFile(values.xlsx, await reportWorkbook(report));
  console.log(values.json ? JSON.stringify(report, null, 2) : reportText(report));
}

await runCommand({ usage, run });
