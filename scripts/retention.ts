/** `npm run retention [-- --dry-run]`: removes what no law asks to be kept any more, and makes the months to come. */
import { parseArgs } from 'node:util';
import { databaseUrl, runCommand } from '../cli/command.ts';
import { retain } from '../maintenance/retention/retain.ts';

await runCommand({
  usage: 'Usage: npm run retention [-- --dry-run]',
  run: async (args) => {
    const { values } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
    });
    const removed = await retain({
      databaseUrl: databaseUrl('to tidy'),
      now: new Date(),
      dryRun: values['dry-run'],
    });
    for (const { what, rows, es, en } of removed)
      console.log(`${String(rows).padStart(9)}  ${what}  ${es} (${en})`);
    console.log(values['dry-run'] ? 'Nada se borró (nothing was removed).' : 'Borrado (removed).');
  },
});
