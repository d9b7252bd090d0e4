import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { SummaryReporter } from './test/support/summary-reporter.ts';

// Test files, and each process and command that they start: a third of a process's start is the reading of its own sources.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('./node_modules/.cache/node', import.meta.url));

const stack = './test/support/global-setup.ts';

/**
 * unit: rules and presenters, no server. int: PostgreSQL and the Temporal server. flow: workflows on the real server in
 * virtual time. The servers are started once for a run, and only when int or flow tests are in it.
 */
export default defineConfig({
  test: {
    // Threads would share one native Temporal runtime and its connections between test files.
    pool: 'forks',
    // Most files wait for calls, waves and servers: a second one beside them costs nothing, also where there are two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: 'int',
          include: ['test/int/**/*.test.ts'],
          globalSetup: [stack],
          // Only a bound: a test that starts and kills a whole stack takes 12 s, five times that on a busy machine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts', 'test/replay/**/*.test.ts'],
          globalSetup: [stack],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
