/** `npm run backup -- FOLDER`: every row of DATABASE_URL as it is in one instant, while everything goes on. */
import { CommandError, databaseUrl, runCommand } from '../cli/command.ts';
import { copyOut } from '../maintenance/backup/copy-out.ts';

await runCommand({
  usage: 'Usage: npm run backup -- FOLDER',
  run: async ([folder]) => {
    const url = databaseUrl('to copy');
    if (folder === undefined) throw new CommandError('Name a new folder: npm run backup -- FOLDER');
    const startedAtMs = Date.now();
    const { takenAt, tables } = await copyOut(url, folder);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    console.log(`${rows} rows of ${tables.length} tables, as of ${takenAt}, in ${seconds} s: ${folder}`);
  },
});
