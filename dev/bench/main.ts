/**
 * `npm run bench [-- NAME…] [--json] [--quick] [--seed S] [--table] [--strict]`: each benchmark in a process of its
 * own, on servers of its own, one after the other. Keeps what it measured in dev/bench/results.json, unless --quick.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../help.ts';
import { SERVERS_VARIABLE } from '../../test/support/servers.ts';
import { startTestStack } from '../../test/support/test-stack.ts';
import { benchmarkNames, loadBenchmark } from './lib/load.ts';
import { merged, readResults, RESULTS_FILE, theseVersions, thisMachine } from './lib/results.ts';
import { terminalTable, withTable } from './lib/table.ts';
import type { Figure } from './lib/types.ts';

const known = benchmarkNames();
const usage = `Uso: npm run bench -- [NOMBRE…] [--json] [--quick] [--seed S] [--table] [--strict]\n\n  ${known.join(', ')}`;
const { values, positionals } = readArguments(usage, {
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  table: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  seed: { type: 'string', default: 'tandas' },
});

const collecting = new URL('../collecting.ts', import.meta.url).href;
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No existe / unknown: ${unknown.join(', ')}. Hay / there are: ${known.join(', ')}.`);
  process.exit(2);
}

if (values.table && positionals.length === 0) writeTable();
else await runAll(positionals.length === 0 ? known : positionals);

async function runAll(names: readonly string[]): Promise<void> {
  const figures: Figure[] = [];
  const failed: string[] = [];
  for (const name of names) {
    try {
      figures.push(...(await runOne(name)));
    } catch (error) {
      // The others still have something to say.
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      failed.push(name);
    }
  }
  console.log(values.json ? JSON.stringify(figures, null, 2) : terminalTable(figures));
  if (values.table) writeTable();
  const missed = figures.filter(({ pass }) => pass === false);
  if (missed.length > 0)
    console.error(
      `Bajo la meta / below their mark: ${missed.map(({ name, figure }) => `${name} ${figure}`).join('; ')}`,
    );
  // Ratios of a machine that others use at the same time: a miss ends the run only where somebody asked for that.
  if (failed.length > 0 || (values.strict && missed.length > 0)) process.exitCode = 1;
}

async function runOne(name: string): Promise<readonly Figure[]> {
  const { needs, about, collects } = await loadBenchmark(name);
  console.error(`\n── ${name}: ${about}`);
  const stack = await startTestStack({
    postgres: needs.includes('postgres'),
    temporal: needs.includes('temporal'),
    durable: true,
  });
  try {
    const preload = collects === true ? ['--import', collecting] : [];
    const figures = await inChild(name, preload, { [SERVERS_VARIABLE]: JSON.stringify(stack.servers) });
    if (!values.quick) {
      const result = {
        name,
        date: new Date().toISOString().slice(0, 10),
        seed: values.seed,
        machine: thisMachine(),
        versions: theseVersions(),
        figures,
      };
      writeFileSync(RESULTS_FILE, `${JSON.stringify(merged(readResults(), [result]), null, 2)}\n`);
    }
    return figures;
  } finally {
    await stack.stop();
  }
}

/** What it prints goes to stderr: with --json, stdout holds the figures and nothing else. */
function inChild(
  name: string,
  preload: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly Figure[]> {
  const file = fileURLToPath(new URL('./lib/child.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(file, [name, values.seed, values.quick ? 'quick' : 'full'], {
      env: { ...process.env, ...env },
      execArgv: ['--expose-gc', ...preload],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let figures: readonly Figure[] | undefined;
    child.on('message', (message) => {
      figures = Array.isArray(message) ? message.filter(isFigure) : undefined;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0 && figures !== undefined) resolve(figures);
      else reject(new Error(`ended with ${signal ?? `code ${code}`} and no figures`));
    });
  });
}

function isFigure(value: unknown): value is Figure {
  return typeof value === 'object' && value !== null && 'figure' in value && 'pass' in value;
}

function writeTable(): void {
  const file = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
  writeFileSync(file, withTable(readFileSync(file, 'utf8'), readResults()));
}
