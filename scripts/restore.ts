/** `npm run restore -- FOLDER`: a copy of `npm run backup` into the empty database of DATABASE_URL. */
import { CommandError, databaseUrl, plainArguments, runCommand } from '../cli/command.ts';
import { copyIn } from '../maintenance/restore/copy-in.ts';

const usage = `Usage: npm run restore -- FOLDER

  FOLDER   a copy of npm run backup, into the empty database of DATABASE_URL`;

await runCommand({
  usage,
  run: async (args) => {
    const [folder] = plainArguments(args, 1);
    if (folder === undefined) throw new CommandError(usage);
    const url = databaseUrl('to fill: an empty one');
    const startedAtMs = Date.now();
    const { manifest, rows, migrations, pausedBatches } = await copyIn(url, folder);
    console.log(
      `${rows} rows as of ${manifest.takenAt} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s; ` +
        `${migrations.length} later migrations; ${pausedBatches} batches left paused.`,
    );
    console.log(`Next, before anybody is called: npm run reconcile -- calls --since ${manifest.takenAt}`);
  },
});
