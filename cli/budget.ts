import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { findBatch } from './find-batch.ts';
import { nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas budget LOTE MONTO|none --reason MOTIVO [--json]

  Cuánto puede costar un lote, llamadas y mensajes juntos; a quien ya no alcanza se le llama cuando se sube
  (what a batch may cost at most; who is not covered any more is called when it is raised).
  LOTE     su id o su nombre
  MONTO    como 25.00, en la unidad del plan de la cuenta; none: sin límite (no bound)
  --json   los datos, para otros programas`;

/** Sets or lifts the budget of a batch, and says what is left of it. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { reason: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [typedBatch, typedAmount, ...rest] = positionals;
  nothingMore(rest, usage);
  const name = required(typedBatch, usage);
  const amount = required(typedAmount, usage);
  const reason = required(values.reason, usage);
  const api = await localApi();
  const { id } = await findBatch(api, name);
  const body = { amount: amount === 'none' ? null : amount, reason };
  const answer = await answered(api.PUT('/api/v1/batches/{id}/budget', { params: { path: { id } }, body }));
  if (values.json) return printJson(answer);
  const { name: batch, budget } = answer;
  console.log(
    budget === null
      ? `${batch}  sin presupuesto: lo que tenga la cuenta (no bound)`
      : `${batch}  presupuesto ${aboutInWords(budget.limit)} · gastado ${aboutInWords(budget.spent)} · retenido ${aboutInWords(budget.held)} · queda ${aboutInWords(budget.left)}`,
  );
}
