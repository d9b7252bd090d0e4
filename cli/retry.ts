import { parseArgs } from 'node:util';
import { askJson, pathOf, retriedContact } from '../client/operations.ts';
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
  const answer = await askJson('POST', pathOf(['contacts', id, 'retry']), { reason });
  if (values.json) return printJson(answer);
  const { contact_id, run: times } = retriedContact.parse(answer);
  console.log(`${contact_id}  abierto de nuevo, vuelta ${times} (open again, run ${times})`);
}
