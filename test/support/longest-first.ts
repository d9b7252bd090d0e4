import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These work whole batches, and wait for their waves; started last, they would be waited for alone. */
const longest = [
  'int/stack/demo-kills',
  'int/backup/restore',
  'int/temporal/ui',
  'int/stack/temporal-outage',
  'int/chaos/chaos',
  'int/stack/start',
  'int/temporal/rolling-deploy',
  'int/observability/logs',
  'int/rehearsal/demo-time',
  'int/calls/worker-death',
  'int/bench/call-path',
  'replay/replay-tool',
  'flow/entity/entity.property',
  'int/audit/breaches',
  'unit/policy/brute-calendar',
].map((name) => ({ name, file: fileURLToPath(new URL(`../${name}.test.ts`, import.meta.url)) }));

/** Two files run side by side: the long ones first, the short ones fill up what is left. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // A file that was moved would be started last without a word.
    const gone = longest.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
    if (gone.length > 0) throw new Error(`longest-first names tests that are not there: ${gone.join(', ')}`);
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex(({ file }) => moduleId === file);
      return found < 0 ? longest.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
