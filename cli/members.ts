import { parseArgs } from 'node:util';
import { memberRoles } from '../domain/accounts/rules/permissions.ts';
import { dayInWords } from '../domain/shared/rules/written.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { answered, type Schema } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { idOf, nothingMore, oneOf, printJson, required } from './typed.ts';

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
  const api = await localApi();
  switch (action) {
    case 'list': {
      nothingMore(positionals.slice(1), usage);
      const answer = await answered(api.GET('/api/v1/members'));
      return values.json ? printJson(answer) : list(answer.members);
    }
    case 'role': {
      const member = idOf(id, usage);
      const wish = { role: oneOf('role', required(role, usage), memberRoles) };
      const answer = await answered(
        api.PATCH('/api/v1/members/{id}', { params: { path: { id: member } }, body: wish }),
      );
      return values.json ? printJson(answer) : list([answer]);
    }
    case 'remove': {
      nothingMore(positionals.slice(2), usage);
      const member = idOf(id, usage);
      await api.DELETE('/api/v1/members/{id}', { params: { path: { id: member } } });
      console.log(`${member}  ya no es miembro (removed)`);
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
  const role = oneOf('role', required(values.role, inviteUsage), memberRoles);
  const wish = { email: required(email, inviteUsage), role };
  const made = await answered((await localApi()).POST('/api/v1/invitations', { body: wish }));
  if (values.json) return printJson(made);
  console.log(`${made.email} · ${made.role} · hasta el ${dayInWords(made.expires_at)} · ${made.id}`);
}

function list(members: readonly Schema<'Member'>[]): void {
  const rows = members.map(({ id, name, email, role }) => [id, name, email, role]);
  console.log(textTable([['miembro', 'nombre', 'correo', 'rol'], ...rows]));
}
