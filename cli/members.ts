import { parseArgs } from 'node:util';
import { memberRoles } from '../domain/accounts/rules/permissions.ts';
import { dayInWords } from '../domain/shared/rules/written.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { fieldsOf } from '../client/fields.ts';
import { askJson, invitationAnswer, memberRow, pathOf } from '../client/operations.ts';
import { CommandError, wrongValue } from './command.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

const roles = memberRoles.join(', ');

export const usage = `Uso: tandas members [list] [--json]
     tandas members role MIEMBRO ROL [--json]
     tandas members remove MIEMBRO

  Quienes inician sesión en la cuenta (people who sign in for the account); se invita con tandas invite.
  ROL      ${roles}
  remove   desde su próxima solicitud ya no entra (their next request is refused)
  --json   los datos, para otros programas`;

export const inviteUsage = `Uso: tandas invite CORREO --role ROL [--json]

  Invita por correo; una invitación abierta a la misma dirección termina (an open one of the same address ends).
  ROL      ${roles}
  --json   los datos, para otros programas`;

function read(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { role: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
}

/** Lists members, gives one another role, or removes one. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [action = 'list', id, role, ...rest] = positionals;
  nothingMore(rest, usage);
  switch (action) {
    case 'list': {
      nothingMore(positionals.slice(1), usage);
      const answer = await askJson('GET', pathOf(['members']));
      return values.json ? printJson(answer) : list(fieldsOf(answer)['members']);
    }
    case 'role': {
      const member = idOf(id, usage);
      const answer = await askJson('PATCH', pathOf(['members', member]), {
        role: roleOf(required(role, usage)),
      });
      return values.json ? printJson(answer) : list([answer]);
    }
    case 'remove': {
      nothingMore(positionals.slice(2), usage);
      await askJson('DELETE', pathOf(['members', idOf(id, usage)]));
      console.log(`${idOf(id, usage)}  ya no es miembro (removed)`);
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

/** Invites somebody by mail. Their role is never guessed: it decides whose names they see. */
export async function invite(args: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const [email, ...rest] = positionals;
  nothingMore(rest, inviteUsage);
  const wish = { email: required(email, inviteUsage), role: roleOf(required(values.role, inviteUsage)) };
  const answer = await askJson('POST', pathOf(['invitations']), wish);
  if (values.json) return printJson(answer);
  const made = invitationAnswer.parse(answer);
  console.log(`${made.email} · ${made.role} · hasta el ${dayInWords(made.expires_at)} · ${made.id}`);
}

function roleOf(text: string): string {
  if (memberRoles.some((one) => one === text)) return text;
  throw wrongValue('role', text, `uno de: ${roles}`, `one of: ${roles}`);
}

function list(members: unknown): void {
  const rows = (Array.isArray(members) ? members : []).map((row) => {
    const { id, name, email, role } = memberRow.parse(row);
    return [id, name, email, role];
  });
  console.log(textTable([['miembro', 'nombre', 'correo', 'rol'], ...rows]));
}
