import { callLabels, outcomeLabels } from '../../contacts/rules/labels.ts';
import type { CalendarCell, RehearsalReport } from './types.ts';

/** A table: its first row is the head. */
export type Table = readonly (readonly string[])[];

/** Day × wave: calls, answered, and what came of them. */
export function calendarTable({ calendar }: RehearsalReport): Table {
  return [
    ['día', 'ola', 'llamadas', 'contestadas', 'resultados'],
    ...calendar.map((cell) => [
      cell.day,
      cell.wave,
      String(cell.calls),
      String(cell.answered),
      outcomesOf(cell),
    ]),
  ];
}

function outcomesOf({ outcomes }: CalendarCell): string {
  return Object.entries(outcomes)
    .toSorted(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${count} ${wordsOf(callLabels, outcome)}`)
    .join(', ');
}

export function outcomeTable({ outcomes }: RehearsalReport): Table {
  return [
    ['cierre', 'contactos'],
    ...Object.entries(outcomes)
      .toSorted(([, one], [, other]) => other - one)
      .map(([outcome, count]) => [wordsOf(outcomeLabels, outcome), String(count)]),
  ];
}

export function refusalTable({ refusals }: RehearsalReport): Table {
  return [
    ['turnos sin llamada', 'regla', 'veces'],
    ...refusals.map(({ reason, rule, turns }) => [reason, rule, String(turns)]),
  ];
}

/** One line a contact: 'lun 09:00 teléfono 1: no contestó → …'. */
export function storyTable({ stories }: RehearsalReport): Table {
  return [
    ['fila', 'nombre', 'cierre', 'intentos', 'historia'],
    ...stories.map((story) => [
      String(story.row),
      story.name,
      wordsOf(outcomeLabels, story.outcome),
      String(story.attempts),
      story.events.map(({ at, words }) => `${at.slice(5)} ${words}`).join(' → '),
    ]),
  ];
}

export function figureTable(report: RehearsalReport): Table {
  const money = (sums: Readonly<Record<string, number>>): string =>
    Object.entries(sums)
      .map(([unit, amount]) => `${amount.toFixed(2).replace(/\.00$/, '')} ${unit}`)
      .join(', ') || 'nada';
  return [
    ['contactos', String(report.contacts)],
    ['llamadas', String(report.calls)],
    ['desde', report.startsAt],
    ['hasta', report.endsAt],
    ['política', report.policy],
    ['reglas', report.pack],
    ['semilla', report.seed],
    ['se cobraría', money(report.charged)],
    ['proveedor', `${report.providerUsd.toFixed(2)} USD`],
    ['recuperado', money(report.recovered)],
  ];
}

function wordsOf(words: Readonly<Record<string, string>>, key: string): string {
  return key === 'still_open' ? 'sigue abierto' : (words[key] ?? key);
}
