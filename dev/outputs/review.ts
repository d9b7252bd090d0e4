import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { createApi } from '../../client/api.ts';
import { batchesOf } from '../../cli/find-batch.ts';
import { projectDir } from '../../client/local.ts';
import { freePorts } from '../stack/ports.ts';
import { postgresUrl } from '../stack/postgres.ts';
import { temporalTexts } from './temporal-texts.ts';
import { workbookText } from './workbook-text.ts';

const contactSchema = z.object({
  id: z.string(),
  national_id: z.string().nullable(),
  attempts: z.number(),
  outcome: z.string().nullable(),
});

const folder = join(projectDir, '.tandas', 'review');
const outputsFile = join(folder, 'outputs.txt');
const demoPatienceMs = 15 * 60_000;
/** The last line of `npm start` when the demo is over and everything stays up. */
const upAndDone = 'Ctrl-C detiene todo';
/** A command that goes on watching is told to end then, as by Ctrl-C; every other one comes to its end. */
const watchedMs = 20_000;
const boundMs = 10 * 60_000;

interface Place {
  readonly env: NodeJS.ProcessEnv;
  readonly apiUrl: string;
  readonly temporalAddress: string;
  readonly stateDir: string;
}

/** Answers the exit code: 1 when a stack trace was printed to somebody, or the demo did not come to its end. */
export async function reviewOutputs(): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const place = await newPlace();
  const written: string[] = [];
  const tell = (title: string, text: string): void => {
    console.error(`── ${title}`);
    written.push(`\n${'═'.repeat(100)}\n$ ${title}\n${'─'.repeat(100)}\n${plain(text)}`);
  };
  const stack = startStack(place);
  try {
    await untilSaid(stack, upAndDone);
    tell('npm start', stack.text());
    await runAll(place, tell);
  } finally {
    stack.child.kill('SIGINT');
    if (stack.child.exitCode === null) await once(stack.child, 'exit');
    await writeFile(outputsFile, `${written.join('\n')}\n`);
  }
  console.log(outputsFile);
  return written.some((text) => /^\s+at .*:\d+:\d+\)?$/m.test(text)) ? 1 : 0;
}

async function newPlace(): Promise<Place> {
  const names =
    'API_PORT TEMPORAL_PORT TEMPORAL_UI_PORT PG_PORT VOICE_PORT MCP_PORT WHATSAPP_PORT MERCADOPAGO_PORT'.split(
      ' ',
    );
  const ports = await freePorts(names.length);
  const settings = Object.fromEntries(names.map((name, index) => [name, String(ports[index] ?? 0)]));
  const stateDir = join(folder, 'state');
  return {
    env: { ...process.env, ...settings, TANDAS_STATE_DIR: stateDir },
    apiUrl: `http://127.0.0.1:${settings['API_PORT'] ?? ''}`,
    temporalAddress: `127.0.0.1:${settings['TEMPORAL_PORT'] ?? ''}`,
    stateDir,
  };
}

interface Said {
  readonly child: ChildProcess;
  readonly text: () => string;
}

function said(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Said {
  const child = spawn(process.execPath, [join(projectDir, file), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const keep = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return { child, text: () => text };
}

function startStack({ env }: Place): Said {
  return said('dev/start.ts', [], env);
}

async function untilSaid({ child, text }: Said, words: string): Promise<void> {
  const untilMs = Date.now() + demoPatienceMs;
  while (!text().includes(words)) {
    if (child.exitCode !== null || Date.now() > untilMs) throw new Error(`npm start ended:\n${text()}`);
    await sleep(500);
  }
}

type Tell = (title: string, text: string) => void;

/** In the order in which an operator would come to them. */
async function runAll(place: Place, tell: Tell): Promise<void> {
  const databaseUrl = postgresUrl(Number(place.env['PG_PORT']), 'tandas');
  const run = async (script: string, ...args: readonly string[]): Promise<string> => {
    const command = said(fileOf(script), args, { ...place.env, DATABASE_URL: databaseUrl });
    const watches = args.includes('--start') || (script === 'status' && args.length === 1);
    const timer = setTimeout(() => command.child.kill('SIGINT'), watches ? watchedMs : boundMs);
    const [code, signal]: unknown[] = await once(command.child, 'close');
    clearTimeout(timer);
    const end = signal === null ? `código ${String(code)}` : 'Ctrl-C';
    tell(`npm run ${script} -- ${args.join(' ')}`, `${command.text()}\n[${end}]`);
    return command.text();
  };
  const key = (await readFile(join(place.stateDir, 'api-key'), 'utf8')).trim();
  const api = createApi({ url: place.apiUrl, key });
  for (const script of Object.keys(files)) await run(script, '--help');
  await run('demo-file', 'mi-archivo.xlsx', '--rows', '12', '--seed', '77');
  await writeFile(
    join(folder, 'sin-telefono.csv'),
    'RUT;Nombre;Saldo Insoluto\n12.345.678-5;Ana Soto;1.620.000\n',
  );
  await run('upload');
  await run('upload', 'falta.xlsx');
  await run('upload', 'sin-telefono.csv');
  await run('upload', 'mi-archivo.xlsx', '--pakc', 'demo');
  await run('upload', 'mi-archivo.xlsx', '--pack', 'cl-cobranza');
  await run('upload', 'mi-archivo.xlsx');
  await run('rehearse', 'mi-archivo.xlsx', '--xlsx', 'ensayo.xlsx', '--md', 'ensayo.md');
  tell('ensayo.md', await readFile(join(folder, 'ensayo.md'), 'utf8'));
  tell('ensayo.xlsx', await workbookText(join(folder, 'ensayo.xlsx')));
  await run('upload', 'mi-archivo.xlsx', '--start');
  await run('status');
  const { rows: batches } = await batchesOf(api, 10);
  const demo = batches.find(({ name }) => name === 'Demo');
  await run('status', 'Demo');
  await run('status', 'mi-archivo.xlsx', '--once');
  await run('status', 'otro');
  await run('results', demo?.id ?? '', '--out', 'resultados.xlsx');
  tell('resultados.xlsx', await workbookText(join(folder, 'resultados.xlsx')));
  await run('results', 'otro');
  await aboutOnePerson(place, key, run);
  await run('forecast', '--contacts', '1000', '--lines', '20', '--days', '20');
  await run(
    'explain',
    '--pack',
    'cl-collection-strict',
    '--region',
    'Magallanes',
    '--at',
    '2027-03-08T20:30',
  );
  await run('explain', '--pack', 'cl-collection-waves', '--at', '2027-03-07T12:00');
  await run('explain', '--pack', 'cl-collection-strict', '--region', 'Marte');
  await run('holidays', 'list', '--country', 'CL');
  await run('audit');
  await run('retention', '--dry-run');
  tell('Temporal', await temporalTexts(place.temporalAddress));
}

/** Payments, removals, register and explanation, of two people who are still worked with and one who was called. */
async function aboutOnePerson(
  place: Place,
  key: string,
  run: (script: string, ...args: readonly string[]) => Promise<string>,
): Promise<void> {
  const contacts = async (query: string): Promise<readonly z.infer<typeof contactSchema>[]> => {
    const answer = await fetch(`${place.apiUrl}/api/v1/contacts?${query}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return z.object({ contacts: z.array(contactSchema) }).parse(await answer.json()).contacts;
  };
  const closed = await contacts('state=closed&limit=100');
  const called = closed.find(({ attempts }) => attempts >= 2);
  const promised = closed.find(({ outcome }) => outcome === 'promise_kept' || outcome === 'promise_broken');
  const waiting = await contacts('state=waiting&limit=100');
  await writeFile(
    join(folder, 'pagos.csv'),
    `RUT;MONTO;ID_PAGO\n${waiting[0]?.national_id ?? ''};1000;p-1\n${waiting[0]?.national_id ?? ''};mucho;p-2\n`,
  );
  await writeFile(join(folder, 'bajas.csv'), `RUT\n${waiting[1]?.national_id ?? ''}\n1-1\n`);
  await run('payments', 'pagos.csv');
  await run('payments', 'pagos.csv');
  await run('removals', 'bajas.csv');
  await run('register', '--person', called?.national_id ?? '');
  await run('register', '--person', promised?.national_id ?? '');
  await run('register', '--person', '11.111.111-1');
  await run('explain', '--contact', waiting[2]?.id ?? '');
  await run('explain', '--contact', called?.id ?? '');
}

/** Commands of whoever works with people and money, by the name of their script. */
const files: Readonly<Record<string, string>> = {
  upload: 'scripts/upload.ts',
  rehearse: 'dev/rehearse/main.ts',
  status: 'scripts/status.ts',
  results: 'scripts/results.ts',
  payments: 'scripts/payments.ts',
  removals: 'scripts/removals.ts',
  register: 'scripts/register.ts',
  explain: 'scripts/explain.ts',
  forecast: 'scripts/forecast.ts',
  holidays: 'scripts/holidays.ts',
  audit: 'scripts/audit.ts',
  retention: 'scripts/retention.ts',
  'demo-file': 'dev/demo-data/generate.ts',
};

function fileOf(script: string): string {
  const file = files[script];
  if (file === undefined) throw new Error(`no command ${script}`);
  return file;
}

/** As it stands on a screen at the end: without colours, and of lines that were drawn over only the last. */
function plain(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/^.*\r(?!\n)/gm, '')
    .trimEnd();
}
