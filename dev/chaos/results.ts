import { execFile } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { projectDir } from '../../client/local.ts';
import type { SeedResult } from './run-seed.ts';

/** Every seed that was run, one JSON line each: what one commit has withstood so far. */
const file = join(projectDir, 'dev', 'chaos', 'results.jsonl');

const findingSchema = z.object({ kind: z.string(), subject: z.string(), detail: z.string() });
const resultSchema = z.object({
  seed: z.number(),
  profile: z.string(),
  calls: z.number(),
  findings: z.array(findingSchema),
});

export type RecordedResult = z.infer<typeof resultSchema>;

/** What `--json` printed. */
export function parseResults(value: unknown): readonly RecordedResult[] {
  return z.array(resultSchema).parse(value);
}

export async function recordResult(result: SeedResult): Promise<void> {
  const { logs: _, ...figures } = result;
  const line = JSON.stringify({ at: new Date().toISOString(), commit: await commit(), ...figures });
  await appendFile(file, `${line}\n`);
}

/** `+`: with changes that no commit has; the seed before has written into our own file. */
async function commit(): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args, { cwd: projectDir })).stdout.trim();
  try {
    const changed = await git(
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      '.',
      ':!chaos/results.jsonl',
    );
    return `${await git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
