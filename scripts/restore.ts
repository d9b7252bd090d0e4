/** `npm run restore -- FOLDER`: a copy of `npm run backup` into the empty database of DATABASE_URL. */
import { CommandError, databaseUrl, runCommand } from '../cli/command.ts';
import { copyIn } from '../maintenance/restore/copy-in.ts';

await runCommand({
  usage: 'Usage: npm run restore -- FOLDER',
  run: async ([folder]) => {
    const url = databaseUrl('to fill: an empty one');
    if (folder === undefined) throw new CommandError('Name the folder of a copy: npm run restore -- FOLDER');
    const startedAtMs = Date.now();
    const { manifest, rows, migrations, pausedBatches } = await copyIn(url, folder);
    console.log(
      `${rows} rows as of ${manifest.takenAt} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s; ` +
        `${migrations.length} later migrations; ${pausedBatches} batches left paused.`,
    );
    console.log(`Next, before anybody is called: npm run reconcile -- calls --since ${manifest.takenAt}`);
  },
});
