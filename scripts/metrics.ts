/** `npm run metrics`: what the database says now, as a worker shows it to Prometheus. */
import { createDatabase } from '../db/client.ts';
import { readDatabase } from '../observability/database-gauges.ts';
import { gaugesText } from '../observability/exposition.ts';

const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name the database to look at');
const system = createDatabase({ url, role: 'tandas_system', maxConnections: 1 });
try {
  process.stdout.write(gaugesText(await readDatabase(system)));
} finally {
  await system.destroy();
}
