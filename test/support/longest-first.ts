import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These work whole batches, and wait for their waves; started last, they would be waited for alone. */
const longest = [
  'int/demo-kills',
  'int/restore',
  'int/chaos',
  'int/rolling-deploy',
  'int/logs',
  'int/temporal-ui',
  'int/worker-death',
  'int/stack-start',
];

/** Two files run side by side: the long ones first, the short ones fill up what is left. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return found < 0 ? longest.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => place(one) - place(other));
  }
}
