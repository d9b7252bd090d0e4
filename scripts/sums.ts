/** `npm run sums`: counts the sums that reports stand on again, from all rows, for each account. */
import { databaseUrl, plainArguments, runCommand } from '../cli/command.ts';
import { createDatabase } from '../db/client.ts';
import { wholeNumber } from '../domain/shared/rules/written.ts';
import { allAccounts } from '../domain/summaries/queries-recount.ts';
import { rebuild } from '../domain/summaries/recount.ts';

await runCommand({
  usage: `Uso: npm run sums

  Vuelve a sumar lo que leen los informes, desde las filas, en cada cuenta. Se puede repetir, y con todo en marcha: los informes no esperan.`,
  run: async (args) => {
    plainArguments(args, 0);
    const url = databaseUrl('to count');
    const app = createDatabase({ url, role: 'tandas_app', maxConnections: 1 });
    const system = createDatabase({ url, role: 'tandas_system', maxConnections: 1 });
    try {
      for (const { id, slug } of await allAccounts(system)) {
        const hours = await rebuild(app, id);
        if (hours > 0) console.log(`${wholeNumber(hours).padStart(11)} horas  ${slug}`);
      }
    } finally {
      await Promise.all([app.destroy(), system.destroy()]);
    }
  },
});
