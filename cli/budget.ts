import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { askJson, boundedBatch, pathOf } from '../client/operations.ts';
import { nothingMore, printJson, required } from './typed.ts';
import { idOfBatch } from './batches.ts';

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
  const answer = await askJson('PUT', pathOf(['batches', await idOfBatch(name), 'budget']), {
    amount: amount === 'none' ? null : amount,
    reason,
  });
  if (values.json) return printJson(answer);
  const { name: batch, budget } = boundedBatch.parse(answer);
  console.log(
    budget === null
      ? `${batch}  sin presupuesto: lo que tenga la cuenta (no bound)`
      : `${batch}  presupuesto ${aboutInWords(budget.limit)} · gastado ${aboutInWords(budget.spent)} · retenido ${aboutInWords(budget.held)} · queda ${aboutInWords(budget.left)}`,
  );
}
