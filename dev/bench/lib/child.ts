/** One benchmark in its own process: `main.ts` forks it, and gets its figures as a message. */
import { runServers } from '../../../test/support/servers.ts';
import { loadBenchmark } from './load.ts';

// A run that was stopped must not leave it working on.
process.on('disconnect', () => process.exit(1));
const [name = '', seed = '', size = ''] = process.argv.slice(2);
const benchmark = await loadBenchmark(name);
const figures = await benchmark.run({
  quick: size === 'quick',
  seed,
  log: (line) => process.stderr.write(`${line}\n`),
  env: await runServers(),
});
// The message leaves before the process does.
process.send?.(figures, () => process.exit(0));
