import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { moneyInWords } from '../domain/shared/rules/written.ts';
import { answered, pagesOf } from '../client/api.ts';
import { localApi } from '../client/local-api.ts';
import { type OrderAnswer, orderLines, stateInWords } from './order-text.ts';
import { idOf, nothingMore, printJson } from './typed.ts';

export const usage = `Uso: tandas orders [list] [--problems] [--json]
     tandas orders ORDEN [--json]
     tandas orders cancel ORDEN

  Lo que la cuenta ha comprado (what the account has bought): abonos, paquetes, planes; y dónde se paga.
  --problems  solo las que tienen algo que no calza (only what does not fit)
  --json      los datos, para otros programas`;

const most = 200;

/** Lists orders, shows one, or says that one will not be paid. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { problems: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const [first = 'list', second, ...rest] = positionals;
  nothingMore(rest, usage);
  const api = await localApi();
  if (first === 'cancel') {
    const path = { id: idOf(second, usage) };
    return show(await answered(api.POST('/api/v1/orders/{id}/cancel', { params: { path } })), values.json);
  }
  nothingMore(second === undefined ? [] : [second], usage);
  if (first !== 'list') {
    const path = { id: idOf(first, usage) };
    return show(await answered(api.GET('/api/v1/orders/{id}', { params: { path } })), values.json);
  }
  const filter = values.problems ? { problem: 'true' as const } : {};
  const { rows: orders } = await pagesOf(most, async (of) => {
    const page = await answered(api.GET('/api/v1/orders', { params: { query: { ...filter, ...of } } }));
    return { rows: page.orders, next: page.next_cursor };
  });
  if (values.json) return printJson(orders);
  if (orders.length === 0) {
    console.log('Ninguna orden (no orders).');
    return;
  }
  console.log(
    textTable([
      ['orden', 'cuándo', 'qué', 'total', 'estado', 'en el saldo'],
      ...orders.map((order) => [
        order.id,
        order.created_at.slice(0, 16).replace('T', ' '),
        order.title,
        moneyInWords(order.total),
        order.problem === null
          ? stateInWords(order.state)
          : `${stateInWords(order.state)}: ${order.problem.es}`,
        moneyInWords(order.booked),
      ]),
    ]),
  );
}

function show(order: OrderAnswer, asJson: boolean): void {
  if (asJson) return printJson(order);
  for (const line of orderLines(order)) console.log(line);
}
