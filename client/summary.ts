import type { BatchAnswer } from './api-client.ts';

const outcomeWords: Readonly<Record<string, string>> = {
  promise: 'Promesa de pago',
  answered: 'Contestó, sin compromiso',
  completed: 'Conversación completa',
  interested: 'Interesado',
  refused: 'Rechazó pagar',
  already_paid: 'Dice que ya pagó',
  callback_requested: 'Pidió otra hora',
  do_not_call: 'Pidió no ser llamado',
  excluded: 'Excluido: días sin respuesta',
  exhausted: 'Intentos agotados',
  no_phone: 'Sin teléfonos que sirvan',
  no_legal_time: 'Sin horario permitido',
  expired: 'Plazo vencido',
  stopped: 'Detenido por el operador',
  cancelled: 'Cancelado',
  paid: 'Pagó',
  promise_kept: 'Cumplió lo acordado',
  promise_broken: 'No cumplió lo acordado',
  dispute: 'No reconoce la deuda',
  hardship: 'No puede pagar',
  legal: 'En manos de abogados',
  removed: 'Retirado de la gestión',
};

/** The end of the demo as a table: outcomes, calls, cost. */
export function summaryLines({ progress, cost }: BatchAnswer): readonly string[] {
  const outcomes = Object.entries(progress.by_outcome).sort(([, a], [, b]) => b - a);
  const rows = outcomes.map(([outcome, count]) => row(outcomeWords[outcome] ?? outcome, String(count)));
  const charged = cost.charged.map(({ amount, unit }) => `${amount} ${unit}`).join(' + ') || '0';
  return [
    line(),
    row('Resultado', 'Contactos'),
    line(),
    ...rows,
    line(),
    row('Contactos', String(progress.contacts)),
    row('Llamadas', String(progress.attempts)),
    row('Turnos sin llamada (con su razón)', String(progress.refusals)),
    row('Cobrado a la cuenta', charged),
    row('Costo del proveedor', `${cost.provider.amount} ${cost.provider.unit}`),
    line(),
  ];
}

const leftWidth = 40;
const rightWidth = 16;

function row(left: string, right: string): string {
  return `  │ ${left.padEnd(leftWidth)} │ ${right.padStart(rightWidth)} │`;
}

function line(): string {
  return `  ├─${'─'.repeat(leftWidth)}─┼─${'─'.repeat(rightWidth)}─┤`;
}
