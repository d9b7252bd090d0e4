import { parseArgs } from 'node:util';
import { CommandError, databaseUrl } from './command.ts';
import { createDatabase, type Database } from '../db/client.ts';
import { dayInWords } from '../domain/shared/rules/written.ts';
import { readHolidays } from '../domain/policy/queries-holidays.ts';
import { addHoliday, dropHoliday, type HolidayEditor } from '../domain/policy/account-holidays.ts';

export const usage = `Uso: npm run holidays -- list [--country CL]
     npm run holidays -- add --country CL --day 2028-10-29 --name "Elecciones" [--region Chillán] [--every-year]
                             [--open] [--source "Ley …"]
     npm run holidays -- remove ID`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
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
}

type Read = ReturnType<typeof read>;

/**
 * The corrections of the holiday calendar that hold for every account, in the database that DATABASE_URL names (its own
 * user: the one that migrates). An account's own days: the API.
 */
export async function run(args: readonly string[]): Promise<void> {
  const given = read(args);
  const url = databaseUrl('of the calendar');
  const owner = createDatabase({ url, maxConnections: 2 });
  const editor = { accountId: null, actor: `cli: ${process.env['USER'] ?? 'administrator'}` };
  try {
    await edit(owner, editor, given);
  } finally {
    await owner.destroy();
  }
}

async function edit(owner: Database, editor: HolidayEditor, { values, positionals }: Read): Promise<void> {
  const [command, id] = positionals;
  switch (command) {
    case 'list':
      return list(owner, values.country);
    case 'add': {
      const wish = {
        country: required(values, 'country').toUpperCase(),
        region: values.region ?? null,
        day: day(required(values, 'day')),
        everyYear: values['every-year'],
        name: required(values, 'name'),
        kind: values.open ? 'open' : 'closed',
        source: values.source,
      } as const;
      console.log(await owner.transaction().execute((trx) => addHoliday(trx, editor, wish)));
      return;
    }
    case 'remove':
      if (id === undefined) throw new CommandError(usage);
      await owner.transaction().execute((trx) => dropHoliday(trx, editor, id));
      return;
    default:
      throw new CommandError(usage);
  }
}

async function list(owner: Database, country: string | undefined): Promise<void> {
  for (const row of await readHolidays(owner, country?.toUpperCase())) {
    const when = row.every_year ? `cada ${dayInWords(row.day).slice(0, 5)}` : dayInWords(row.day);
    const where = row.region ?? 'todo el país';
    const kind = row.kind === 'closed' ? 'feriado' : 'hábil';
    const whose = row.account_id === null ? '' : `  cuenta ${row.account_id}`;
    console.log(`${row.id}  ${row.country}  ${when}  ${kind}  ${where}  ${row.name}  ${row.source}${whose}`);
  }
}

function required(values: Read['values'], name: 'country' | 'day' | 'name'): string {
  const value = values[name];
  if (value === undefined || value.trim() === '') throw new CommandError(`--${name} is missing\n\n${usage}`);
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
  throw new CommandError(`--day is "${text}": it should be a day such as 2028-10-29`);
}
