/** `npm run backup -- FOLDER`: every row of DATABASE_URL as it is in one instant, while everything goes on. */
import { copyOut } from './backup/copy-out.ts';

const url = process.env['DATABASE_URL'];
const folder = process.argv[2];
if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name the database to copy');
if (folder === undefined) throw new Error('Name a new folder: npm run backup -- FOLDER');
const startedAtMs = Date.now();
const { takenAt, tables } = await copyOut(url, folder);
const rows = tables.reduce((sum, table) => sum + table.rows, 0);
console.log(
  `${rows} rows of ${tables.length} tables, as of ${takenAt}, in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s: ${folder}`,
);
