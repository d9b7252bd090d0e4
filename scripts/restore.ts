/** `npm run restore -- FOLDER`: a copy of `npm run backup` into the empty database of DATABASE_URL. */
import { copyIn } from './restore/copy-in.ts';

const url = process.env['DATABASE_URL'];
const folder = process.argv[2];
if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name an empty database');
if (folder === undefined) throw new Error('Name the folder of a copy: npm run restore -- FOLDER');
const startedAtMs = Date.now();
const { manifest, rows, migrations, pausedBatches } = await copyIn(url, folder);
console.log(
  `${rows} rows as of ${manifest.takenAt} in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s; ` +
    `${migrations.length} later migrations; ${pausedBatches} batches left paused.`,
);
console.log(`Next, before anybody is called: npm run reconcile -- calls --since ${manifest.takenAt}`);
