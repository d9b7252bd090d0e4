import { parseArgs } from 'node:util';
import { outcomeInWords } from '../domain/contacts/rules/labels.ts';
import { aboutInWords, counted } from '../domain/shared/rules/written.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { askJson, changedContact, contactAnswer, contactRow, listAll, pathOf } from '../client/operations.ts';
import { idOfBatch } from './batches.ts';
import { positive } from './command.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas contacts [LOTE] [--rut RUT] [--state ESTADO] [--outcome CIERRE] [--limit N] [--json]
     tandas contacts show CONTACTO [--json]
     tandas contacts pause|resume|cancel CONTACTO --reason MOTIVO [--json]

  Quienes están en un lote o en todos, en el orden del archivo (who is in a batch, in the order of the file).
  LOTE       identificador o nombre de un lote
  --state    planned, waiting, suspended, calling, negotiating, paused o closed
  --outcome  cómo se cerró (how it closed): promise, paid, exhausted …
  --limit N  cuántos; por defecto, 50
  show       uno, con todo lo que pasó (one, with everything that happened)
  --json     los datos, para otros programas`;

const actions = ['pause', 'resume', 'cancel'];

/** Lists contacts, shows one, or holds, resumes or closes one. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rut: { type: 'string' },
      state: { type: 'string' },
      outcome: { type: 'string' },
      limit: { type: 'string', default: '50' },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [first, second, ...rest] = positionals;
  nothingMore(rest, usage);
  if (first === 'show') return show(idOf(second, usage), values.json);
  if (first !== undefined && actions.includes(first)) {
    const [id, reason] = [idOf(second, usage), required(values.reason, usage)];
    return tellChanged(await askJson('POST', pathOf(['contacts', id, first]), { reason }), values.json);
  }
  nothingMore(second === undefined ? [] : [second], usage);
  const { state, outcome, rut: national_id } = values;
  const batch_id = first === undefined ? undefined : await idOfBatch(first);
  const most = positive('limit', values.limit);
  const { rows, isWhole } = await listAll('contacts', { batch_id, state, outcome, national_id }, most);
  if (values.json) return printJson({ contacts: rows, is_whole: isWhole });
  list(rows, isWhole);
}

/** The contact as it is now, behind a change of it. */
export function tellChanged(answer: unknown, asJson: boolean): void {
  if (asJson) return printJson(answer);
  const { contact_id: id, waiting_for: words } = changedContact.parse(answer);
  console.log(`${id}  ${words}`);
}

function list(rows: readonly unknown[], isWhole: boolean): void {
  if (rows.length === 0) {
    console.log('Nadie (nobody).');
    return;
  }
  const shown = rows.map((row) => {
    const { id, name, national_id, outcome, waiting_for, attempts } = contactRow.parse(row);
    const how = outcome === null ? waiting_for : outcomeInWords(outcome);
    return [id, name, national_id ?? '', how, String(attempts)];
  });
  console.log(textTable([['contacto', 'nombre', 'RUT', 'espera o cierre', 'llamadas'], ...shown]));
  if (!isWhole) console.log('Hay más: --limit N los muestra (there are more).');
}

async function show(id: string, asJson: boolean): Promise<void> {
  const answer = await askJson('GET', pathOf(['contacts', id]));
  if (asJson) return printJson(answer);
  const { person, phones, debts, outcome, waiting_for, attempts, history } = contactAnswer.parse(answer);
  console.log([person.name, person.national_id].filter((one) => one !== null).join(' · '));
  console.log(outcome === null ? waiting_for : `Cerrado: ${outcomeInWords(outcome)}`);
  console.log(
    `${counted(attempts, 'llamada')} · ${counted(history.length, 'hecho')} en su historia: --json los trae`,
  );
  for (const { number, invalid_at: invalid } of phones)
    console.log(`  ${number}${invalid === null ? '' : ' (no sirve)'}`);
  for (const { creditor, amount, outstanding } of debts) {
    const left = outstanding === null ? '' : `, por pagar ${aboutInWords(outstanding)}`;
    console.log(`  ${creditor}: ${aboutInWords(amount)}${left}`);
  }
}
