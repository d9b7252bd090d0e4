/** `npm run retention [-- --dry-run]`: removes what no law asks to be kept any more, and makes the months to come. */
import { parseArgs } from 'node:util';
import { databaseUrl, runCommand } from '../cli/command.ts';
import { wholeNumber } from '../domain/shared/rules/written.ts';
import { retain } from '../maintenance/retention/retain.ts';

await runCommand({
  usage: `Uso: npm run retention [-- --dry-run]

  Borra lo que ninguna ley pide guardar más tiempo; con --dry-run solo lo cuenta.`,
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
    for (const { rows, es } of removed) console.log(`${wholeNumber(rows).padStart(11)}  ${es}`);
    console.log(values['dry-run'] ? 'No se borró nada.' : 'Borrado.');
  },
});
