import { parseArgs } from 'node:util';
import { answered, told } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { tellChanged } from './contacts.ts';
import { idOf, nothingMore, required } from './typed.ts';

export const usage = `Uso: tandas reschedule CONTACTO --at HORA|--text PALABRAS --reason MOTIVO [--person] [--json]

  Cambia la próxima llamada a una hora acordada (moves the next call); lo que la ley no permite se rechaza con la regla y la hora más cercana.
  --at HORA        como 2027-03-08T11:30, en la hora de la persona
  --text PALABRAS  como se dijo: "el jueves a las 3 de la tarde"
  --person         lo pidió la persona misma, no un ejecutivo (the person asked, not an operator)
  --json           los datos, para otros programas`;

/** Agrees on another time for one contact. Whose wish it is decides which limits it waives: never guessed. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      at: { type: 'string' },
      text: { type: 'string' },
      reason: { type: 'string' },
      person: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [contact, ...rest] = positionals;
  nothingMore(rest, usage);
  const { at, text } = values;
  // Two times at once would be one that somebody chose for them.
  if ((at === undefined) === (text === undefined)) throw new CommandError(usage);
  const id = idOf(contact, usage);
  const reason = required(values.reason, usage);
  const requested_by = values.person ? 'person' : 'operator';
  const body = { ...told({ at, text }), reason, requested_by } as const;
  const api = await localApi();
  tellChanged(
    await answered(api.POST('/api/v1/contacts/{id}/reschedule', { params: { path: { id } }, body })),
    values.json,
  );
}
