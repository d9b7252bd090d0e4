import { parseArgs } from 'node:util';
import { createDatabase, type Database, inAccount } from '../db/client.ts';
import { type KeyEditor, type MadeKey, makeKey, revokeKey, rotateKey } from '../domain/accounts/keys.ts';
import { type KeyKind, type KeyRow, listKeys } from '../domain/accounts/queries-keys.ts';
import { type ApiRole, type Permission, scopes } from '../domain/accounts/rules/permissions.ts';
import { isId } from '../domain/shared/rules/ids.ts';
import { CommandError, databaseUrl, wrongValue } from './command.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';

export const usage = `Usage: npm run keys -- list --account ID [--mcp]
       npm run keys -- make --account ID --label LABEL [--expires 2027-12-31] [--scopes A,B] [--from NETWORKS] [--administrator] [--mcp]
       npm run keys -- rotate KEY_ID --account ID [--overlap HOURS] [--mcp]
       npm run keys -- revoke KEY_ID --account ID [--mcp]

  --account ID      whose keys
  --label LABEL     who uses it
  --expires DAY     ends with this day (UTC); default: until it is revoked
  --overlap HOURS   how long the old key opens beside the new one; default 24
  --scopes A,B      what it may do, as docs/permissions.md names it; default: all of its account
  --from NETWORKS   from where it opens, as 203.0.113.0/24,198.51.100.7; default: from anywhere
  --administrator   it may credit accounts
  --mcp             tokens of the bundled MCP server instead of API keys`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      account: { type: 'string' },
      label: { type: 'string' },
      expires: { type: 'string' },
      overlap: { type: 'string', default: '24' },
      scopes: { type: 'string' },
      from: { type: 'string' },
      administrator: { type: 'boolean', default: false },
      mcp: { type: 'boolean', default: false },
    },
  });
}

type Read = ReturnType<typeof read>;

/** Keys of an account, in the database that DATABASE_URL names. A key is printed this once. */
export async function run(args: readonly string[]): Promise<void> {
  const given = read(args);
  const accountId = given.values.account;
  if (accountId === undefined) throw new CommandError(usage);
  const url = databaseUrl('of the accounts');
  const app = createDatabase({ url, role: 'tandas_app', maxConnections: 1 });
  const holder = { kind: 'key', role: 'administrator', scopes: null } as const;
  const actor = `cli: ${process.env['USER'] ?? 'administrator'}`;
  try {
    await edit(app, { accountId, actor, holder }, given);
  } finally {
    await app.destroy();
  }
}

async function edit(app: Database, editor: KeyEditor, { values, positionals }: Read): Promise<void> {
  const kind: KeyKind = values.mcp ? 'mcp_token' : 'api_key';
  const [command, id = ''] = positionals;
  const { accountId } = editor;
  switch (command) {
    case 'list':
      return show(await inAccount(app, accountId, (trx) => listKeys(trx, kind)));
    case 'make': {
      const { label } = values;
      if (label === undefined || label === '') throw new CommandError(usage);
      const role: ApiRole = values.administrator ? 'administrator' : 'account';
      const expiresAt = values.expires === undefined ? null : endOf(values.expires);
      const scopes = values.scopes === undefined ? null : scopesOf(values.scopes);
      const networks = values.from === undefined ? null : values.from.split(',').map((one) => one.trim());
      const wanted = { kind, label, role, scopes, networks, expiresAt };
      return tell(await inAccount(app, accountId, (trx) => makeKey(trx, editor, wanted)));
    }
    case 'rotate': {
      const overlapHours = hours(values.overlap);
      const ref = { kind, id: uuid(id), overlapHours };
      return tell(await inAccount(app, accountId, (trx) => rotateKey(trx, editor, ref)));
    }
    case 'revoke': {
      const ref = { kind, id: uuid(id) };
      await inAccount(app, accountId, (trx) => revokeKey(trx, editor, ref));
      console.log(`revoked  ${id}`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

function show(rows: readonly KeyRow[]): void {
  const day = (at: Date | null): string => at?.toISOString().slice(0, 16).replace('T', ' ') ?? '-';
  console.log(
    textTable([
      ['id', 'key', 'label', 'role', 'may do', 'from', 'last used', 'ends', 'revoked'],
      ...rows.map((row) => [
        row.id,
        row.prefix === '' ? '-' : `${row.prefix}…`,
        row.label,
        row.role,
        row.scopes?.join(' ') ?? 'all',
        row.networks?.join(' ') ?? 'anywhere',
        day(row.last_used_at),
        day(row.expires_at),
        day(row.revoked_at),
      ]),
    ]),
  );
}

function tell({ row, key }: MadeKey): void {
  console.log(`id   ${row.id}`);
  console.log(`key  ${key}`);
  console.log('The key is not stored and not shown again.');
}

function scopesOf(text: string): readonly Permission[] {
  const named = text.split(',').map((one) => one.trim());
  return named.map((one) => {
    const scope = scopes.find((each) => each === one);
    if (scope !== undefined) return scope;
    const known = scopes.join(', ');
    throw wrongValue('scopes', one, `uno de: ${known}`, `one of: ${known}`);
  });
}

function endOf(day: string): Date {
  const at = new Date(`${day}T23:59:59Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(at.getTime());
  if (!isDay) throw wrongValue('expires', day, 'un día como 2027-12-31', 'a day such as 2027-12-31');
  return at;
}

function hours(text: string): number {
  const value = Number(text);
  if (text !== '' && Number.isFinite(value) && value >= 0 && value <= 720) return value;
  throw wrongValue('overlap', text, 'un número de horas de 0 a 720', 'a number of hours from 0 to 720');
}

function uuid(id: string): string {
  if (isId(id)) return id;
  throw new CommandError(`"${id}" is no id of a key: npm run keys -- list shows them\n\n${usage}`);
}
