import type { BatchAnswer } from '../client/api-client.ts';
import { aboutInWords, amountsInWords, wholeNumber } from '../domain/shared/rules/written.ts';

/** How a batch stands as a table: outcomes, calls, cost. */
export function summaryLines({ progress, cost, budget }: BatchAnswer): readonly string[] {
  return [
    line(),
    row('Resultado', 'Contactos'),
    line(),
    ...progress.outcomes.map(({ outcome_es: words, contacts }) => row(capital(words), wholeNumber(contacts))),
    line(),
    row('Contactos', wholeNumber(progress.contacts)),
    row('Llamadas hechas', wholeNumber(progress.attempts)),
    row('Llamadas no realizadas (cada una con su razón)', wholeNumber(progress.refusals)),
    row('Cobrado a la cuenta', amountsInWords(cost.charged, 'nada')),
    ...(budget === null
      ? []
      : [
          row(
            'Presupuesto del lote, y lo que queda',
            `${aboutInWords(budget.limit)}, ${aboutInWords(budget.left)}`,
          ),
        ]),
    row('Costo del proveedor de voz', aboutInWords(cost.provider)),
    line(),
  ];
}

function capital(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const leftWidth = 46;
const rightWidth = 16;

function row(left: string, right: string): string {
  return `  │ ${left.padEnd(leftWidth)} │ ${right.padStart(rightWidth)} │`;
}

function line(): string {
  return `  ├─${'─'.repeat(leftWidth)}─┼─${'─'.repeat(rightWidth)}─┤`;
}
