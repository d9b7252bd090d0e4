import { parseArgs } from 'node:util';
import { textTable } from '../domain/shared/rules/text-table.ts';
import { moneyInWords } from '../domain/shared/rules/written.ts';
import { askJson, listAll, pathOf } from '../client/operations.ts';
import { orderAnswer } from '../client/charging.ts';
import { orderLines, stateInWords } from './order-text.ts';
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
  if (first === 'cancel') {
    const answer = await askJson('POST', pathOf(['orders', idOf(second, usage), 'cancel']));
    return show(answer, values.json);
  }
  nothingMore(second === undefined ? [] : [second], usage);
  if (first !== 'list')
    return show(await askJson('GET', pathOf(['orders', idOf(first, usage)])), values.json);
  const { rows } = await listAll('orders', { problem: values.problems ? 'true' : undefined }, most);
  if (values.json) return printJson(rows);
  const orders = rows.map((row) => orderAnswer.parse(row));
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

function show(answer: unknown, asJson: boolean): void {
  if (asJson) return printJson(answer);
  for (const line of orderLines(orderAnswer.parse(answer))) console.log(line);
}
