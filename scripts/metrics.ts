/** `npm run metrics`: what the database says now, as a worker shows it to Prometheus. */
import { databaseUrl, plainArguments, runCommand } from '../cli/command.ts';
import { createDatabase } from '../db/client.ts';
import { readDatabase } from '../observability/database-gauges.ts';
import { gaugesText } from '../observability/exposition.ts';

await runCommand({
  usage: 'Usage: npm run metrics',
  run: async (args) => {
    plainArguments(args, 0);
    const system = createDatabase({
      url: databaseUrl('to look at'),
      role: 'tandas_system',
      maxConnections: 1,
    });
    try {
      process.stdout.write(gaugesText(await readDatabase(system)));
    } finally {
      await system.destroy();
    }
  },
});
