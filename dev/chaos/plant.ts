import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { projectDir } from '../../client/local.ts';
import { type Plant, planted } from './plants.ts';
import { type Profile, schedule } from './schedule.ts';
import { parseResults, type RecordedResult } from './results.ts';

export interface PlantVerdict {
  readonly caught: boolean;
  /** Of the expected kinds, those that were found, in the seed that found them. */
  readonly by: readonly string[];
  readonly results: readonly RecordedResult[];
}

/** No source: dependencies (linked), state, history. */
const left = new Set(['node_modules', '.git', '.tandas', 'docs', 'test']);

/** Runs chaos in a copy of the sources with the bug in it, over the first seeds that can show it, until it is found. */
export async function runPlant(
  plant: Plant,
  seeds: number,
  tell: (line: string) => void,
): Promise<PlantVerdict> {
  const dir = await mkdtemp(join(tmpdir(), 'tandas-planted-'));
  try {
    await cp(projectDir, dir, {
      recursive: true,
      filter: (source) => !left.has(relative(projectDir, source).split('/')[0] ?? ''),
    });
    await symlink(join(projectDir, 'node_modules'), join(dir, 'node_modules'));
    for (const replacement of plant.replacements) {
      const file = join(dir, replacement.file);
      await writeFile(file, planted(await readFile(file, 'utf8'), replacement));
    }
    const results: RecordedResult[] = [];
    for (const seed of seedsThatShow(plant, seeds)) {
      tell(`  semilla ${seed}`);
      const [result] = await chaosIn(dir, seed, plant.profile);
      if (result === undefined) throw new Error(`seed ${seed} gave no result`);
      results.push(result);
      const by = plant.expected.filter((kind) => foundIn(result).has(kind));
      if (by.length > 0) return { caught: true, by, results };
    }
    return { caught: false, by: [], results };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function seedsThatShow({ shows, profile }: Plant, count: number): readonly number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < count && seed < 1_000; seed += 1) {
    if (shows(schedule(seed, profile))) seeds.push(seed);
  }
  return seeds;
}

/** The names under which a result's findings are expected. */
export function foundIn({ findings }: RecordedResult): ReadonlySet<string> {
  return new Set(findings.map(({ kind, subject }) => (kind === 'audit' ? `audit:${subject}` : kind)));
}

async function chaosIn(dir: string, seed: number, profile: Profile): Promise<readonly RecordedResult[]> {
  const args = [join(dir, 'dev', 'chaos', 'main.ts'), '--seed', String(seed), '--json', '--no-record'];
  if (profile.name === 'small') args.push('--small');
  const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => (said += chunk));
  await once(child, 'close');
  if (child.exitCode === 2) throw new Error(`seed ${seed} could not be run`);
  return parseResults(JSON.parse(said));
}
