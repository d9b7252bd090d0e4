/**
 * `npm run chaos`: batches under faults, each with a verdict. Exit 0 without a finding, 1 with one (a planted bug that is
 * found is none), 2 when it could not run.
 */
import { keptSeeds } from './kept.ts';
import { helpFirst } from '../help.ts';
import { type ChaosOptions, readOptions, usage, UsageError } from './options.ts';
import { runPlant } from './plant.ts';
import { type PlantName, PLANTS } from './plants.ts';
import { findingLines, seedLine, summaryLines } from './report.ts';
import { recordResult } from './results.ts';
import { runSeed, type SeedResult } from './run-seed.ts';
import { full, type Profile, small } from './schedule.ts';

/** Seeds that a planted bug gets to be found in. */
const plantedSeeds = 3;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const tell = options.json ? () => undefined : (line: string) => console.log(line);
  if (options.plant !== undefined) return plant(options.plant, options, tell);
  const results: SeedResult[] = [];
  for (const { seed, profile } of await runsOf(options)) {
    const result = await runSeed({ seed, profile, tell });
    results.push(result);
    tell(seedLine(result));
    for (const line of findingLines(result)) tell(line);
    if (options.record) await recordResult(result);
    if (options.untilFound && result.findings.length > 0) break;
  }
  if (options.json) console.log(JSON.stringify(results, null, 2));
  for (const line of summaryLines(results)) tell(line);
  return results.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

interface Run {
  readonly seed: number;
  readonly profile: Profile;
}

async function runsOf({ seeds, small: isSmall, kept }: ChaosOptions): Promise<readonly Run[]> {
  if (!kept) return seeds.map((seed) => ({ seed, profile: isSmall ? small : full }));
  return (await keptSeeds()).map(({ seed, profile }) => ({
    seed,
    profile: profile === 'small' ? small : full,
  }));
}

async function plant(name: PlantName, { json }: ChaosOptions, tell: (line: string) => void): Promise<number> {
  tell(`Falla plantada: ${name}: ${PLANTS[name].es}`);
  const { caught, by, results } = await runPlant(PLANTS[name], plantedSeeds, tell);
  if (json) console.log(JSON.stringify({ plant: name, caught, by, results }, null, 2));
  for (const { seed, findings } of results) {
    tell(`  semilla ${seed}: ${findings.length} hallazgos`);
    for (const { kind, subject, detail } of findings.slice(0, 5)) tell(`    ${kind} · ${subject}: ${detail}`);
  }
  tell(caught ? `✓ Encontrada por ${by.join(', ')}` : '✗ No la encontró ninguna semilla');
  return caught ? 0 : 1;
}

helpFirst(usage);
try {
  process.exitCode = await main();
} catch (error) {
  // Never 1: that would say that somebody looked.
  process.exitCode = 2;
  console.error(error instanceof UsageError ? error.message : error);
}
