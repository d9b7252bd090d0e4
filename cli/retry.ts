import { parseArgs } from 'node:util';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas retry CONTACTO --reason MOTIVO [--json]

  Abre de nuevo a quien se cerró, y se le vuelve a llamar (opens a closed contact; it is called again).
  --json   los datos, para otros programas`;

/** Opens a closed contact for a new run. Typed twice, the second is refused: it is open by then. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { reason: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [contact, ...rest] = positionals;
  nothingMore(rest, usage);
  const id = idOf(contact, usage);
  const reason = required(values.reason, usage);
  const of = { params: { path: { id } }, body: { reason } };
  const retried = await answered((await localApi()).POST('/api/v1/contacts/{id}/retry', of));
  if (values.json) return printJson(retried);
  const { contact_id, run: times } = retried;
  console.log(`${contact_id}  abierto de nuevo, vuelta ${times} (open again, run ${times})`);
}
