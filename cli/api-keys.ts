import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { askJson, keyRow, madeKey, pathOf } from '../client/operations.ts';
import { fieldsOf } from '../client/fields.ts';
import { CommandError, wrongValue } from './command.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

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
  const resource = values.mcp ? 'mcp-tokens' : 'api-keys';
  const tell = (answer: unknown): void => (values.json ? printJson(answer) : tellMade(answer));
  switch (action) {
    case 'list': {
      const answer = await askJson('GET', pathOf([resource]));
      return values.json ? printJson(answer) : list(fieldsOf(answer)['keys']);
    }
    case 'make':
      return tell(
        await askJson('POST', pathOf([resource]), {
          label: required(values.label, usage),
          scopes: listed(values.scopes),
          networks: listed(values.from),
          expires_at: values.expires === undefined ? null : endOf(values.expires),
        }),
      );
    case 'rotate': {
      const wish = values.overlap === undefined ? {} : { overlap_hours: Number(values.overlap) };
      return tell(await askJson('POST', pathOf([resource, idOf(id, usage), 'rotate']), wish));
    }
    case 'revoke': {
      const answer = await askJson('DELETE', pathOf([resource, idOf(id, usage)]));
      if (values.json) return printJson(answer);
      console.log(`${idOf(id, usage)}  revocada (revoked)`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

function list(keys: unknown): void {
  const day = (at: string | null): string => at?.slice(0, 16).replace('T', ' ') ?? '-';
  const rows = (Array.isArray(keys) ? keys : []).map((row) => {
    const key = keyRow.parse(row);
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

function tellMade(answer: unknown): void {
  const { id, key } = madeKey.parse(answer);
  console.log(`id     ${id}\nclave  ${key}\nNo se guarda ni se muestra otra vez (shown this once).`);
}

function listed(text: string | undefined): readonly string[] | null {
  return text === undefined ? null : text.split(',').map((one) => one.trim());
}

function endOf(day: string): string {
  const at = new Date(`${day}T23:59:59Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(at.getTime())) return at.toISOString();
  throw wrongValue('expires', day, 'un día como 2027-12-31', 'a day such as 2027-12-31');
}
