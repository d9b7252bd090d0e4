import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { accountAnswer, askJson, pathOf } from '../client/operations.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas top-up MONTO --reference PAGO [--unit USD|SEC] [--account ID] [--json]

  Abona saldo; quienes esperaban saldo siguen solos (credits an account; who waited for credit goes on). Solo un administrador.
  MONTO             como 50.00; con un plan por minutos, en segundos
  --reference PAGO  número del pago: el mismo otra vez es el mismo abono (the same one is booked once)
  --unit            por defecto, la del plan de la cuenta
  --account ID      por defecto, la cuenta de la clave
  --json            los datos, para otros programas`;

/** Credits an account once per reference. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      reference: { type: 'string' },
      unit: { type: 'string' },
      account: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [typed, ...rest] = positionals;
  nothingMore(rest, usage);
  const amount = required(typed, usage);
  const reference = required(values.reference, usage);
  const path = values.account === undefined ? ['account'] : ['accounts', idOf(values.account, usage)];
  const { id, name, plan } = accountAnswer.parse(await askJson('GET', pathOf(path)));
  const unit = values.unit ?? (plan === 'minutes_based' ? 'SEC' : 'USD');
  const answer = await askJson('POST', pathOf(['accounts', id, 'top-ups']), { amount, unit, reference });
  if (values.json) return printJson(answer);
  const { balances } = accountAnswer.parse(answer);
  console.log(`${name} · saldo ${balances.map(({ available }) => aboutInWords(available)).join(' · ')}`);
}
