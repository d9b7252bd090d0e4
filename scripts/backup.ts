/** `npm run backup -- FOLDER`: every row of DATABASE_URL as it is in one instant, while everything goes on. */
import { CommandError, databaseUrl, plainArguments, runCommand } from '../cli/command.ts';
import { copyOut } from '../maintenance/backup/copy-out.ts';

const usage = `Usage: npm run backup -- FOLDER

  FOLDER   a new one: every row of DATABASE_URL, as of one instant`;

await runCommand({
  usage,
  run: async (args) => {
    const [folder] = plainArguments(args, 1);
    if (folder === undefined) throw new CommandError(usage);
    const url = databaseUrl('to copy');
    const startedAtMs = Date.now();
    const { takenAt, tables } = await copyOut(url, folder);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`${rows} rows of ${tables.length} tables, as of ${takenAt}, in ${seconds} s: ${folder}`);
  },
});
