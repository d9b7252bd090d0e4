/** `npm run retention [-- --dry-run]`: removes what no law asks to be kept any more, and makes the months to come. */
import { parseArgs } from 'node:util';
import { retain } from './retention/retain.ts';

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const databaseUrl = process.env['DATABASE_URL'];
if (databaseUrl === undefined || databaseUrl === '')
  throw new Error('DATABASE_URL is not set: name the database');
const removed = await retain({ databaseUrl, now: new Date(), dryRun: values['dry-run'] });
for (const { what, rows, es, en } of removed)
  console.log(`${String(rows).padStart(9)}  ${what}  ${es} (${en})`);
console.log(values['dry-run'] ? 'Nada se borró (nothing was removed).' : 'Borrado (removed).');
