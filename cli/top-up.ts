import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { accountAnswer, askJson, pathOf } from '../client/operations.ts';
import { CommandError } from './command.ts';
import { orderAnswer } from '../client/charging.ts';
import { orderLines } from './order-text.ts';
import { idOf, nothingMore, printJson, required } from './typed.ts';

export const usage = `Uso: tandas top-up MONTO [--provider mercadopago|stripe|transfer] [--json]
     tandas top-up MONTO --reference PAGO [--unit USD|SEC] [--account ID] [--json]

  Ordena un abono y dice dónde se paga; quienes esperaban saldo siguen solos cuando se paga
  (orders a top-up and says where it is paid; who waited for credit goes on). Minutos: tandas plans buy.
  Con --reference lo abona sin cobrarlo, y solo un administrador (credits it without payment, administrators only).
  MONTO             como 50.00, en USD; con --reference y un plan por minutos, en segundos
  --provider        quién cobra; por defecto, lo usual en el país de la cuenta
  --reference PAGO  número del pago: el mismo otra vez es el mismo abono (the same one is booked once)
  --unit            por defecto, la del plan de la cuenta
  --account ID      por defecto, la cuenta de la clave
  --json            los datos, para otros programas`;

/** Orders a top-up, or credits an account once per reference. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      provider: { type: 'string' },
      reference: { type: 'string' },
      unit: { type: 'string' },
      account: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [typed, ...rest] = positionals;
  nothingMore(rest, usage);
  const amount = required(typed, usage);
  const { reference } = values;
  if (reference === undefined) return order(amount, values);
  const path = values.account === undefined ? ['account'] : ['accounts', idOf(values.account, usage)];
  const { id, name, plan } = accountAnswer.parse(await askJson('GET', pathOf(path)));
  const unit = values.unit ?? (plan === 'minutes_based' ? 'SEC' : 'USD');
  const answer = await askJson('POST', pathOf(['accounts', id, 'top-ups']), { amount, unit, reference });
  if (values.json) return printJson(answer);
  const { balances } = accountAnswer.parse(answer);
  console.log(`${name} · saldo ${balances.map(({ available }) => aboutInWords(available)).join(' · ')}`);
}

async function order(
  amount: string,
  given: {
    readonly provider?: string | undefined;
    readonly unit?: string | undefined;
    readonly account?: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  const { provider, unit, account, json } = given;
  // Of a credit without payment: left out silently, another account or unit would be ordered for.
  if (unit !== undefined || account !== undefined) throw new CommandError(usage);
  const wanted = { kind: 'top_up', amount, ...(provider === undefined ? {} : { provider }) };
  const answer = await askJson('POST', pathOf(['orders']), wanted);
  if (json) return printJson(answer);
  for (const line of orderLines(orderAnswer.parse(answer))) console.log(line);
}
