import { parseArgs } from 'node:util';
import { outcomeInWords } from '../domain/contacts/rules/labels.ts';
import { counted } from '../domain/shared/rules/written.ts';
import { answered, type Api, pagesOf, type Schema } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { ApiRefused } from '../client/problem.ts';
import { positive } from './command.ts';
import { findBatch } from './find-batch.ts';
import { nothingMore, printJson, required } from './typed.ts';

/** Not those whom the rules have excluded: their silence is an answer. */
const failedOutcomes = ['exhausted', 'no_phone', 'no_legal_time', 'expired'] as const;

export const usage = `Uso: tandas reset LOTE --failed [--older DÍAS] [--limit N] [--yes --reason MOTIVO] [--json]

  Abre de nuevo a quienes se cerraron sin que nadie hablara con ellos; cada uno se llama otra vez según sus reglas
  (opens again whoever closed without a word; each is called again under its rules). Sin --yes solo dice quiénes serían.
  --failed      a quienes no se alcanzó (whom nobody reached): ${failedOutcomes.join(', ')}
  --older DÍAS  solo a quienes se cerraron hace más de tantos días
  --limit N     a lo más tantos; por defecto, 1000
  --yes         lo hace; sin ella no cambia nada (does it; without it nothing changes)
  --json        los datos, para otros programas`;

const dayMs = 86_400_000;

/** Lists, or opens again, those of a batch whom nobody reached. One that is refused keeps no other from it. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      failed: { type: 'boolean', default: false },
      older: { type: 'string' },
      limit: { type: 'string', default: '1000' },
      yes: { type: 'boolean', default: false },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [wanted, ...rest] = positionals;
  nothingMore(rest, usage);
  const name = required(wanted, usage);
  // The word is asked for: a command of this name that took everybody would call those who have promised.
  required(values.failed ? 'failed' : undefined, usage);
  const reason = values.yes ? required(values.reason, usage) : '';
  const olderMs = values.older === undefined ? 0 : positive('older', values.older) * dayMs;
  const api = await localApi();
  const { id } = await findBatch(api, name);
  const rows = await unreached(api, id, {
    most: positive('limit', values.limit),
    beforeMs: Date.now() - olderMs,
  });
  const done = values.yes ? await openAll(api, rows, reason) : undefined;
  if (values.json) {
    return printJson({ contacts: rows.map(({ id: contact }) => contact), ...done });
  }
  for (const row of rows) console.log(`${row.id}  ${row.name}  ${outcomeInWords(row.outcome ?? '')}`);
  const people = counted(rows.length, 'persona');
  if (done === undefined) {
    console.log(`${people}. Con --yes --reason MOTIVO se abren de nuevo (opens them again).`);
    return;
  }
  for (const { id: contact, why } of done.refused) console.log(`${contact}  no se abrió: ${why}`);
  console.log(`Abiertas de nuevo (opened again): ${done.opened.length} de ${people}.`);
}

async function unreached(
  api: Api,
  batchId: string,
  { most, beforeMs }: { readonly most: number; readonly beforeMs: number },
): Promise<readonly Schema<'ContactRow'>[]> {
  const found: Schema<'ContactRow'>[] = [];
  for (const outcome of failedOutcomes) {
    const filter = { batch_id: batchId, state: 'closed' as const, outcome };
    const { rows } = await pagesOf(most, async (page) => {
      const answer = await answered(
        api.GET('/api/v1/contacts', { params: { query: { ...filter, ...page } } }),
      );
      return { rows: answer.contacts, next: answer.next_cursor };
    });
    found.push(...rows);
  }
  return found
    .filter(({ closed_at: at }) => at !== null && Date.parse(at) <= beforeMs)
    .toSorted((one, other) => one.position - other.position)
    .slice(0, most);
}

interface Opened {
  readonly opened: readonly string[];
  readonly refused: readonly { readonly id: string; readonly why: string }[];
}

async function openAll(api: Api, rows: readonly Schema<'ContactRow'>[], reason: string): Promise<Opened> {
  const opened: string[] = [];
  const refused: { readonly id: string; readonly why: string }[] = [];
  for (const { id } of rows) {
    try {
      await answered(api.POST('/api/v1/contacts/{id}/retry', { params: { path: { id } }, body: { reason } }));
      opened.push(id);
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error;
      refused.push({ id, why: error.message });
    }
  }
  return { opened, refused };
}
