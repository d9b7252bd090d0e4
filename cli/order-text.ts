import type { Schema } from '../client/api.ts';
import { moneyInWords } from '../domain/shared/rules/written.ts';

/** An order as the API answers it. */
export type OrderAnswer = Schema<'Order'>;

const states: Readonly<Record<OrderAnswer['state'], string>> = {
  open: 'por pagar',
  paid: 'pagada',
  returned: 'devuelta',
  expired: 'vencida',
  cancelled: 'anulada',
};

export const stateInWords = (state: OrderAnswer['state']): string => states[state];

const local = (at: string): string => {
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(date.getDate())}-${two(date.getMonth() + 1)} ${two(date.getHours())}:${two(date.getMinutes())}`;
};

/** An order, and what to do with it now. */
export function orderLines(order: OrderAnswer): readonly string[] {
  const { rate, total } = order;
  const at = rate === null ? '' : ` (1 USD = ${moneyInWords({ amount: rate, unit: total.unit })})`;
  return [
    `Orden ${order.id} · ${order.title} · ${stateInWords(order.state)}`,
    `  Neto ${moneyInWords(order.net)} + impuesto ${moneyInWords(order.tax)} = ${moneyInWords(total)}${at}`,
    ...(order.problem === null ? [] : [`  ${order.problem.es}`]),
    ...nextLines(order),
  ];
}

function nextLines(order: OrderAnswer): readonly string[] {
  const { id, state, refused, provider, pay_url: url } = order;
  if (state === 'paid') return [`  En el saldo: ${moneyInWords(order.booked)}`];
  if (state !== 'open') return [];
  if (refused !== null) return [`  ${provider} no la acepta (refused): ${refused}`];
  if (url !== null) return [`  Pague en (pay at): ${url}`, `  hasta el ${local(order.payable_until)}`];
  if (provider === 'transfer') {
    return [`  Transfiera ${moneyInWords(order.total)} e indique la orden; se abona cuando se confirma.`];
  }
  return [`  Aún no hay enlace (no page yet): tandas orders ${id}`];
}
