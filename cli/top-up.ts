import { parseArgs } from 'node:util';
import { aboutInWords } from '../domain/shared/rules/written.ts';
import { answered } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { idOf, nothingMore, oneOf, printJson, required } from './typed.ts';

export const usage = `Uso: tandas top-up MONTO --reference PAGO [--unit USD|SEC] [--account ID] [--json]

  Abona saldo; quienes esperaban saldo siguen solos (credits an account; who waited for credit goes on). Solo un administrador.
  MONTO             como 50.00; con un plan por minutos, en segundos
  --reference PAGO  número del pago: el mismo otra vez es el mismo abono (the same one is booked once)
  --unit            por defecto, la del plan de la cuenta
  --account ID      por defecto, la cuenta de la clave
  --json            los datos, para otros programas`;

const units = ['USD', 'SEC'] as const;

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
