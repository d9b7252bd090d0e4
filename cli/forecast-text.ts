import { outcomeInWords } from '../domain/contacts/rules/labels.ts';
import { reasonInWords } from '../domain/policy/rules/rule-words.ts';
import {
  counted,
  dayInWords,
  moneyInWords,
  percentage,
  wholeNumber,
} from '../domain/shared/rules/written.ts';
import { textTable } from '../domain/shared/rules/text-table.ts';
import type { ForecastSummary, Spread } from '../domain/forecast/summary.ts';

/** The forecast as an operator reads it in a terminal. */
export function renderForecast(summary: ForecastSummary): string {
  const { contacts } = summary;
  const head = [
    ['Contactos', wholeNumber(contacts)],
    ['Llamadas', spread(summary.calls)],
    ['Personas alcanzadas', `${spread(summary.reached)}; ${percentage(summary.reached.value / contacts)}`],
    ['Minutos cobrados', spread(summary.minutes)],
    ['Costo', spread(summary.costUsd, 'US$ ')],
    ['Líneas en uso, máximo', wholeNumber(summary.peakLines)],
    ['Uso de las líneas', percentage(summary.lineUse)],
    ['Última llamada', summary.lastCallOn === null ? 'ninguna' : dayInWords(summary.lastCallOn)],
    [
      'Todo cerrado',
      summary.finishedOn === null
        ? `no en el plazo: ${counted(contacts - summary.closed, 'contacto queda abierto', 'contactos quedan abiertos')}`
        : dayInWords(summary.finishedOn),
    ],
    ['Recuperado', moneyInWords({ amount: String(Math.round(summary.recovered)), unit: 'CLP' })],
  ];
  const days = summary.days.map((day) => [
    dayInWords(day.localDay),
    wholeNumber(day.calls),
    spread(day.reached),
    percentage(day.reached.value / contacts),
    wholeNumber(day.closed),
  ]);
  return [
    textTable(head),
    '',
    textTable([['día', 'llamadas', 'alcanzadas', '', 'cerrados'], ...days]),
    '',
    textTable([['cierre', 'contactos'], ...byNumber(summary.outcomes, endInWords)]),
    ...(Object.keys(summary.refusals).length === 0
      ? []
      : ['', textTable([['llamadas no realizadas', ''], ...byNumber(summary.refusals, reasonInWords)])]),
    '',
    'Entre … y …: en ocho de cada diez lotes como este.',
  ].join('\n');
}

function byNumber(counts: Readonly<Record<string, number>>, inWords: (code: string) => string): string[][] {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, count]) => [inWords(code), wholeNumber(count)]);
}

function endInWords(outcome: string): string {
  return outcome === 'still_open' ? 'sigue abierto' : outcomeInWords(outcome);
}

function spread({ value, p10, p90 }: Spread, unit = ''): string {
  return `${unit}${wholeNumber(value)} (entre ${wholeNumber(p10)} y ${wholeNumber(p90)})`;
}
