import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { dayInWords, moneyInWords } from '../domain/shared/rules/written.ts';
import { type Api, answered, type Schema } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { ApiRefused } from '../client/problem.ts';
import { CommandError } from './command.ts';
import { orderLines } from './order-text.ts';
import { nothingMore, oneOf, printJson, required } from './typed.ts';

export const usage = `Uso: tandas plans [list] [--json]
     tandas plans take PLAN [--provider mercadopago|stripe|transfer] [--json]
     tandas plans buy PAQUETE [--provider …] [--json]
     tandas plans cancel | keep [--json]

  Planes y paquetes, y el plan de la cuenta (plans, packages, and the account's own).
  take    ordena un período: comienza cuando se paga (a period, begun when it is paid)
  buy     ordena un paquete de saldo o minutos (a package)
  cancel  el plan termina con su período; keep lo deshace (ends with its period; keep undoes it)
  --json  los datos, para otros programas`;

const providers = ['mercadopago', 'stripe', 'transfer'] as const;

/** Shows what can be bought, orders it, or ends the account's plan with its period. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { provider: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [action = 'list', key, ...rest] = positionals;
  nothingMore(rest, usage);
  const { json } = values;
  const provider =
    values.provider === undefined ? {} : { provider: oneOf('provider', values.provider, providers) };
  const api = await localApi();
  switch (action) {
    case 'list':
      return list(api, json);
    case 'take':
    case 'buy': {
      const body =
        action === 'take'
          ? { kind: 'period' as const, plan: required(key, usage), ...provider }
          : { kind: 'package' as const, package: required(key, usage), ...provider };
      const order = await answered(api.POST('/api/v1/orders', { body }));
      if (json) return printJson(order);
      for (const line of orderLines(order)) console.log(line);
      return;
    }
    case 'cancel':
    case 'keep': {
      const answer = await answered(
        action === 'cancel' ? api.POST('/api/v1/subscription/cancel') : api.POST('/api/v1/subscription/keep'),
      );
      if (json) return printJson(answer);
      console.log(subscriptionLine(answer));
      return;
    }
    default:
      throw new CommandError(usage);
  }
}

async function list(api: Api, asJson: boolean): Promise<void> {
  const answer = await answered(api.GET('/api/v1/plans'));
  const subscription = await ownSubscription(api);
  if (asJson) return printJson({ ...answer, subscription: subscription ?? null });
  const { plans, packages, tax, rate } = answer;
  console.log(
    textTable([
      ['plan', 'qué', 'al mes, neto', 'por minuto'],
      ...plans.map((plan) => [
        plan.key,
        plan.title,
        plan.price.amount === '0' ? '' : `${plan.price_is_least ? 'desde ' : ''}${moneyInWords(plan.price)}`,
        plan.per_minute.amount === '0' ? '' : moneyInWords(plan.per_minute),
      ]),
    ]),
  );
  console.log('');
  console.log(
    textTable([
      ['paquete', 'qué', 'precio neto'],
      ...packages.map((one) => [one.key, one.title, moneyInWords(one.price)]),
    ]),
  );
  if (tax !== null) console.log(`\nMás ${tax.title} de ${tax.percent} %.`);
  if (rate !== null) console.log(`1 USD = ${moneyInWords({ amount: rate.per_usd, unit: rate.currency })}`);
  if (subscription !== undefined) console.log(`\n${subscriptionLine(subscription)}`);
}

/** Undefined: it has none. */
async function ownSubscription(api: Api): Promise<Schema<'Subscription'> | undefined> {
  try {
    return await answered(api.GET('/api/v1/subscription'));
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return undefined;
    throw error;
  }
}

function subscriptionLine(answer: Schema<'Subscription'>): string {
  const { plan, price, in_words: words, period_end: end, ends_with_period: ends } = answer;
  const after = ends ? ' y no se renueva' : '';
  return `Su plan: ${plan}, ${moneyInWords(price)} al mes, ${words.es}. El período termina el ${dayInWords(end)}${after}.`;
}
