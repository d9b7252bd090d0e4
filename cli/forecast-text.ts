import { textTable } from './text-table.ts';
import type { ForecastSummary, Spread } from '../domain/forecast/summary.ts';

/** The forecast as an operator reads it in a terminal. */
export function renderForecast(summary: ForecastSummary): string {
  const { contacts } = summary;
  const head = [
    ['Contactos', whole(contacts)],
    ['Llamadas', spread(summary.calls)],
    ['Personas alcanzadas', `${spread(summary.reached)}  (${percent(summary.reached.value / contacts)})`],
    ['Minutos cobrados', spread(summary.minutes)],
    ['Costo, USD', spread(summary.costUsd)],
    ['Líneas en uso, máximo', whole(summary.peakLines)],
    ['Uso de las líneas', percent(summary.lineUse)],
    ['Última llamada', summary.lastCallOn ?? 'ninguna'],
    [
      'Todo cerrado',
      summary.finishedOn ?? `no en el plazo: quedan ${whole(contacts - summary.closed)} abiertos`,
    ],
    ['Recuperado', whole(summary.recovered)],
  ];
  const days = summary.days.map((day) => [
    day.localDay,
    whole(day.calls),
    spread(day.reached),
    percent(day.reached.value / contacts),
    whole(day.closed),
  ]);
  return [
    textTable(head),
    '',
    textTable([['día', 'llamadas', 'alcanzadas (P10–P90)', '', 'cerrados'], ...days]),
    '',
    textTable([['cierre', 'contactos'], ...byNumber(summary.outcomes)]),
    ...(Object.keys(summary.refusals).length === 0
      ? []
      : ['', textTable([['turnos sin llamada', ''], ...byNumber(summary.refusals)])]),
  ].join('\n');
}

function byNumber(counts: Readonly<Record<string, number>>): string[][] {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([name, count]) => [name, whole(count)]);
}

function spread({ value, p10, p90 }: Spread): string {
  return `${whole(value)}  (${whole(p10)}–${whole(p90)})`;
}

/** '12.345': grouped as in Chile, by hand: a locale's words change with the machine. */
function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '.');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
