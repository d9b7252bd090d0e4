/**
 * `npm run holidays -- list | add | remove`: the corrections of the holiday calendar that hold for every account, in the
 * database that DATABASE_URL names (its own user: the one that migrates). An account's own days: the API.
 */
import { parseArgs } from 'node:util';
import { createDatabase, type Database } from '../db/client.ts';
import { readHolidays } from '../domain/policy/queries-holidays.ts';
import { addHoliday, dropHoliday, type HolidayEditor } from '../domain/policy/account-holidays.ts';
import { OperationRefused } from '../domain/shared/refused.ts';

const usage = `Uso: npm run holidays -- list [--country CL]
     npm run holidays -- add --country CL --day 2028-10-29 --name "Elecciones" [--region Chillán] [--every-year]
                             [--open] [--source "Ley …"]
     npm run holidays -- remove ID`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    country: { type: 'string' },
    region: { type: 'string' },
    day: { type: 'string' },
    name: { type: 'string' },
    source: { type: 'string', default: '' },
    'every-year': { type: 'boolean', default: false },
    open: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set: name the database');
  const owner = createDatabase({ url, maxConnections: 2 });
  const editor = { accountId: null, actor: `cli: ${process.env['USER'] ?? 'administrator'}` };
  try {
    await run(owner, editor);
  } finally {
    await owner.destroy();
  }
}

async function run(owner: Database, editor: HolidayEditor): Promise<void> {
  const [command, id] = positionals;
  switch (command) {
    case 'list':
      return list(owner);
    case 'add': {
      const wish = {
        country: required('country').toUpperCase(),
        region: values.region ?? null,
        day: day(required('day')),
        everyYear: values['every-year'],
        name: required('name'),
        kind: values.open ? 'open' : 'closed',
        source: values.source,
      } as const;
      console.log(await owner.transaction().execute((trx) => addHoliday(trx, editor, wish)));
      return;
    }
    case 'remove':
      if (id === undefined) throw new Error(usage);
      await owner.transaction().execute((trx) => dropHoliday(trx, editor, id));
      return;
    default:
      throw new Error(usage);
  }
}

async function list(owner: Database): Promise<void> {
  for (const row of await readHolidays(owner, values.country?.toUpperCase())) {
    const when = row.every_year ? `cada ${row.day.slice(5)}` : row.day;
    const where = row.region ?? 'todo el país';
    const kind = row.kind === 'closed' ? 'feriado' : 'hábil';
    const whose = row.account_id === null ? '' : `  cuenta ${row.account_id}`;
    console.log(`${row.id}  ${row.country}  ${when}  ${kind}  ${where}  ${row.name}  ${row.source}${whose}`);
  }
}

function required(name: 'country' | 'day' | 'name'): string {
  const value = values[name];
  if (value === undefined || value.trim() === '') throw new Error(`--${name} is missing\n\n${usage}`);
  return value;
}

function day(text: string): string {
  const read = new Date(`${text}T00:00:00Z`);
  if (
    /^\d{4}-\d\d-\d\d$/.test(text) &&
    !Number.isNaN(read.getTime()) &&
    read.toISOString().startsWith(text)
  ) {
    return text;
  }
  throw new Error(`--day is "${text}": it should be a day such as 2028-10-29`);
}

try {
  await main();
} catch (error) {
  console.error(
    error instanceof OperationRefused ? error.es : error instanceof Error ? error.message : error,
  );
  process.exitCode = 1;
}
