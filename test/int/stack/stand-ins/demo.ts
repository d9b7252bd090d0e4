import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DemoContext, DemoResult } from '../../../../dev/stack/types.ts';

/** Leaves its context for the test to read; the exit code shows that it is passed on. */
export async function runDemo(context: DemoContext): Promise<DemoResult> {
  writeFileSync(join(context.stateDir, 'demo.json'), JSON.stringify(context));
  return { exitCode: context.once ? 7 : 0 };
}
