/**
 * `npm run register -- --person 12.345.678-5 [--csv | --json]`: the register of contacts with one person (calls, refused
 * turns, messages), for the authority that asks for it. The person by national id or by our id.
 */
import { parseArgs } from 'node:util';
import { getFromApi } from './local-api.ts';

const { values } = parseArgs({
  options: {
    person: { type: 'string' },
    csv: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  if (values.person === undefined || (values.csv && values.json)) {
    throw new Error('Uso: npm run register -- --person RUT [--csv | --json]');
  }
  const format = values.json ? 'json' : 'csv';
  const path = `/api/v1/people/${encodeURIComponent(values.person)}/register?format=${format}`;
  process.stdout.write(await (await getFromApi(path)).text());
  if (values.json) process.stdout.write('\n');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
