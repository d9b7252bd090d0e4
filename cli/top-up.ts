import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { CommandError } from './command.ts';
import { orderLines } from './order-text.ts';
import { idOf, nothingMore, oneOf, printJson, required } from './typed.ts';

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

const units = ['USD', 'SEC'] as const;
const providers = ['mercadopago', 'stripe', 'transfer'] as const;

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
  const api = await localApi();
  const { id, name, plan } = await answered(
    values.account === undefined
      ? api.GET('/api/v1/account')
      : api.GET('/api/v1/accounts/{id}', { params: { path: { id: idOf(values.account, usage) } } }),
  );
  const unit = oneOf('unit', values.unit ?? (plan === 'minutes_based' ? 'SEC' : 'USD'), units);
  const body = { amount, unit, reference };
  const account = await answered(
    api.POST('/api/v1/accounts/{id}/top-ups', { params: { path: { id } }, body }),
  );
  if (values.json) return printJson(account);
  const { balances } = account;
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
  const chosen = provider === undefined ? {} : { provider: oneOf('provider', provider, providers) };
  const body = { kind: 'top_up' as const, amount, ...chosen };
  const made = await answered((await localApi()).POST('/api/v1/orders', { body }));
  if (json) return printJson(made);
  for (const line of orderLines(made)) console.log(line);
}
