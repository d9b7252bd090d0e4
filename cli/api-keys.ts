import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { scopes } from '../domain/accounts/rules/permissions.ts';
import { answered, type Schema, told } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError, wrongValue } from './command.ts';
import { idOf, nothingMore, oneOf, printJson, required } from './typed.ts';

export const usage = `Uso: tandas keys [list] [--mcp] [--json]
     tandas keys make --label QUIÉN [--expires 2027-12-31] [--scopes A,B] [--from REDES] [--mcp] [--json]
     tandas keys rotate CLAVE [--overlap HORAS] [--mcp] [--json]
     tandas keys revoke CLAVE [--mcp] [--json]

  Claves de la API de la cuenta (API keys of the account); una clave nueva se muestra una sola vez.
  --label     quién la usa (who uses it)
  --expires   último día (UTC) en que abre; por defecto, hasta que se revoca
  --scopes    permisos de docs/permissions.md; por defecto, todos los de la cuenta
  --from      desde qué redes, como 203.0.113.0/24; por defecto, desde cualquiera
  --overlap   horas en que la anterior sigue abriendo; por defecto, 24
  --mcp       claves del servidor MCP en vez de la API
  --json      los datos, para otros programas`;

/** Keys of the caller's own account, by the API: `npm run keys` is for whoever runs the installation. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      label: { type: 'string' },
      expires: { type: 'string' },
      scopes: { type: 'string' },
      from: { type: 'string' },
      overlap: { type: 'string' },
      mcp: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [action = 'list', id, ...rest] = positionals;
  nothingMore(rest, usage);
  const api = await localApi();
  const resource = values.mcp ? '/api/v1/mcp-tokens' : '/api/v1/api-keys';
  const tell = (made: Schema<'MadeKey'>): void => (values.json ? printJson(made) : tellMade(made));
  switch (action) {
    case 'list': {
      const answer = await answered(api.GET(resource));
      return values.json ? printJson(answer) : list(answer.keys);
    }
    case 'make':
      return tell(
        await answered(
          api.POST(resource, {
            body: {
              label: required(values.label, usage),
              scopes: listed(values.scopes)?.map((one) => oneOf('scopes', one, scopes)) ?? null,
              networks: listed(values.from),
              expires_at: values.expires === undefined ? null : endOf(values.expires),
            },
          }),
        ),
      );
    case 'rotate': {
      const overlap_hours = values.overlap === undefined ? undefined : Number(values.overlap);
      const of = { params: { path: { id: idOf(id, usage) } }, body: told({ overlap_hours }) };
      return tell(await answered(api.POST(`${resource}/{id}/rotate`, of)));
    }
    case 'revoke': {
      const of = { params: { path: { id: idOf(id, usage) } } };
      const answer = await answered(api.DELETE(`${resource}/{id}`, of));
      if (values.json) return printJson(answer);
      console.log(`${idOf(id, usage)}  revocada (revoked)`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

function list(keys: readonly Schema<'Key'>[]): void {
  const day = (at: string | null): string => at?.slice(0, 16).replace('T', ' ') ?? '-';
  const rows = keys.map((key) => {
    return [
      key.id,
      key.prefix === '' ? '-' : `${key.prefix}…`,
      key.label,
      key.scopes?.join(' ') ?? 'todo',
      key.networks?.join(' ') ?? 'cualquiera',
      day(key.last_used_at),
      day(key.expires_at),
      day(key.revoked_at),
    ];
  });
  const titles = ['clave', 'empieza', 'quién', 'puede', 'desde', 'último uso', 'termina', 'revocada'];
  console.log(textTable([titles, ...rows]));
}

function tellMade({ id, key }: Schema<'MadeKey'>): void {
  console.log(`id     ${id}\nclave  ${key}\nNo se guarda ni se muestra otra vez (shown this once).`);
}

function listed(text: string | undefined): string[] | null {
  return text === undefined ? null : text.split(',').map((one) => one.trim());
}

function endOf(day: string): string {
  const at = new Date(`${day}T23:59:59Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(at.getTime())) return at.toISOString();
  throw wrongValue('expires', day, 'un día como 2027-12-31', 'a day such as 2027-12-31');
}
