import { parseArgs } from 'node:util';
import { outcomeInWords } from '../domain/contacts/rules/labels.ts';
import { aboutInWords, counted } from '../domain/shared/rules/written.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { answered, type Api, pagesOf, type Schema, told } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { positive } from './command.ts';
import { findBatch } from './find-batch.ts';
import { idOf, nothingMore, oneOf, printJson, required } from './typed.ts';

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

const actions = ['pause', 'resume', 'cancel'] as const;
const states = ['planned', 'waiting', 'suspended', 'calling', 'negotiating', 'paused', 'closed'] as const;

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
  const api = await localApi();
  if (first === 'show') return show(api, idOf(second, usage), values.json);
  const action = actions.find((one) => one === first);
  if (action !== undefined) {
    const [id, reason] = [idOf(second, usage), required(values.reason, usage)];
    const changed = await answered(
      api.POST(`/api/v1/contacts/{id}/${action}`, { params: { path: { id } }, body: { reason } }),
    );
    return tellChanged(changed, values.json);
  }
  nothingMore(second === undefined ? [] : [second], usage);
  const { outcome, rut: national_id } = values;
  const state = values.state === undefined ? undefined : oneOf('state', values.state, states);
  const batch_id = first === undefined ? undefined : (await findBatch(api, first)).id;
  const most = positive('limit', values.limit);
  const filter = told({ batch_id, state, outcome, national_id });
  const { rows, isWhole } = await pagesOf(most, async (page) => {
    const { contacts, next_cursor: next } = await answered(
      api.GET('/api/v1/contacts', { params: { query: { ...filter, ...page } } }),
    );
    return { rows: contacts, next };
  });
  if (values.json) return printJson({ contacts: rows, is_whole: isWhole });
  list(rows, isWhole);
}

/** The contact as it is now, behind a change of it. */
export function tellChanged(changed: Schema<'ChangedContact'>, asJson: boolean): void {
  if (asJson) return printJson(changed);
  console.log(`${changed.contact_id}  ${changed.waiting_for}`);
}

function list(rows: readonly Schema<'ContactRow'>[], isWhole: boolean): void {
  if (rows.length === 0) {
    console.log('Nadie (nobody).');
    return;
  }
  const shown = rows.map(({ id, name, national_id, outcome, waiting_for, attempts }) => {
    const how = outcome === null ? waiting_for : outcomeInWords(outcome);
    return [id, name, national_id ?? '', how, String(attempts)];
  });
  console.log(textTable([['contacto', 'nombre', 'RUT', 'espera o cierre', 'llamadas'], ...shown]));
  if (!isWhole) console.log('Hay más: --limit N los muestra (there are more).');
}

async function show(api: Api, id: string, asJson: boolean): Promise<void> {
  const contact = await answered(api.GET('/api/v1/contacts/{id}', { params: { path: { id } } }));
  if (asJson) return printJson(contact);
  const { person, phones, debts, outcome, waiting_for, attempts, history } = contact;
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
