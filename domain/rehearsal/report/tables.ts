import { outcomeInWords } from '../../contacts/rules/labels.ts';
import { reasonInWords, ruleInSpanish } from '../../policy/rules/rule-words.ts';
import { packNameInWords, policyNameInWords } from '../../policy/rules/rules-in-words.ts';
import { amountsInWords, dayInWords, moneyInWords, wholeNumber } from '../../shared/rules/written.ts';
import type { CalendarCell, RehearsalReport } from './types.ts';

/** What stands in a cell: a text, a figure, or what the clock on the wall showed ('YYYY-MM-DD' or with 'THH:mm:ss'). */
export type Value = string | number | { readonly local: string };

/** A table: its first row is the head. */
export type Table = readonly (readonly Value[])[];

/** A cell as it is read in a text. */
export function valueInWords(value: Value): string {
  if (typeof value === 'number') return Number.isInteger(value) ? wholeNumber(value) : String(value);
  if (typeof value === 'string') return value;
  const { local } = value;
  return local.length > 10 ? `${dayInWords(local)} ${local.slice(11, 16)}` : dayInWords(local);
}

/** Day × wave: calls, answered, and what came of them. */
export function calendarTable({ calendar }: RehearsalReport): Table {
  return [
    ['día', 'tanda', 'llamadas', 'contestadas', 'resultados'],
    ...calendar.map((cell) => [{ local: cell.day }, cell.wave, cell.calls, cell.answered, outcomesOf(cell)]),
  ];
}

function outcomesOf({ outcomes }: CalendarCell): string {
  return Object.entries(outcomes)
    .toSorted(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${wholeNumber(count)} ${endInWords(outcome)}`)
    .join(', ');
}

export function outcomeTable({ outcomes }: RehearsalReport): Table {
  return [
    ['cierre', 'contactos'],
    ...Object.entries(outcomes)
      .toSorted(([, one], [, other]) => other - one)
      .map(([outcome, count]) => [endInWords(outcome), count]),
  ];
}

export function refusalTable({ refusals }: RehearsalReport): Table {
  return [
    ['llamadas no realizadas', 'regla', 'veces'],
    ...refusals.map(({ reason, rule, turns }) => [reasonInWords(reason), ruleInSpanish(rule), turns]),
  ];
}

/** Every rule, and whether each call kept it. */
export function checkTable({ checks }: RehearsalReport): Table {
  return [
    ['regla', 'llamadas revisadas', 'fuera de la regla'],
    ...checks.map(({ rule, calls, breaches }) => [
      rule,
      calls,
      breaches.length === 0
        ? 'ninguna'
        : `${wholeNumber(breaches.length)}: ${breaches.slice(0, 5).join('; ')}`,
    ]),
  ];
}

/** One line a contact: '30-11 09:00 teléfono 1: no contestó → …'. */
export function storyTable({ stories }: RehearsalReport): Table {
  return [
    [
      'fila',
      'rut',
      'nombre',
      'teléfonos',
      'moneda',
      'deuda',
      'cierre',
      'llamadas',
      'primera',
      'última',
      'historia',
    ],
    ...stories.map((story) => {
      const [debt, ...others] = story.debt;
      const [first, last] = [story.events[0], story.events.at(-1)];
      return [
        story.row,
        story.national_id ?? '',
        story.name,
        story.phones.join(' / '),
        debt?.unit ?? '',
        // Whatever is owed in another currency is no part of a sum.
        debt === undefined ? '' : others.length === 0 ? Number(debt.amount) : amountsInWords(story.debt, ''),
        endInWords(story.outcome),
        story.attempts,
        first === undefined ? '' : localOf(first.at),
        last === undefined ? '' : localOf(last.at),
        story.events.map(({ at, words }) => `${shortInstant(at)} ${words}`).join(' → '),
      ];
    }),
  ];
}

function localOf(at: string): Value {
  return { local: `${at.slice(0, 10)}T${at.slice(11, 16)}:00` };
}

/** '30-11 09:00' of '2026-11-30 09:00'. */
export function shortInstant(at: string): string {
  return `${dayInWords(at).slice(0, 5)} ${at.slice(11)}`;
}

export function figureTable(report: RehearsalReport): Table {
  const money = (sums: Readonly<Record<string, number>>): string =>
    amountsInWords(
      Object.entries(sums).map(([unit, amount]) => ({ amount: toCents(amount), unit })),
      'nada',
    );
  return [
    ['contactos', report.contacts],
    ['llamadas', report.calls],
    ['desde', localOf(report.startsAt)],
    ['hasta', localOf(report.endsAt)],
    ['cuándo se llama', policyNameInWords(report.policy)],
    ['reglas de la ley', packNameInWords(report.pack)],
    ['n.º de simulación', report.seed],
    ['se cobraría', money(report.charged)],
    ['costo del proveedor de voz', moneyInWords({ amount: toCents(report.providerUsd), unit: 'USD' })],
    ['recuperado', money(report.recovered)],
  ];
}

function toCents(amount: number): string {
  return amount.toFixed(2).replace(/\.00$/, '');
}

function endInWords(outcome: string): string {
  if (outcome === 'still_open') return 'sigue abierto';
  return outcome === 'unknown' ? 'resultado incierto' : outcomeInWords(outcome);
}
