import { outcomeInWords } from '../contacts/rules/labels.ts';
import { stateWords } from '../batches/rules/result-words.ts';
import { escape } from '../shared/rules/markdown.ts';
import type { Money } from '../shared/rules/money.ts';
import { textTable } from '../shared/rules/text-table.ts';
import { aboutInWords, dayInWords, decimalNumber, percentage, wholeNumber } from '../shared/rules/written.ts';
import { type Cell, writeWorkbook } from '../shared/write-workbook.ts';
import { useCaseByKey } from '../usecases/registry.ts';
import type { Activity, ActivityNumbers } from './activity.ts';

export const activityFormats = ['txt', 'md', 'xlsx'] as const;
export type ActivityFormat = (typeof activityFormats)[number];

interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The activity as a file that somebody reads. */
export function activityFile(format: ActivityFormat, activity: Activity): AsyncGenerator<Uint8Array> {
  const tables = tablesOf(activity);
  if (format === 'xlsx')
    return writeWorkbook(
      tables.map(({ title, columns, rows }) => ({
        name: title,
        columns: columns.map((column, index) => ({ title: column, width: index === 0 ? 34 : 16 })),
        rows: [rows],
      })),
    );
  return inBytes(format === 'txt' ? activityText(activity, tables) : activityMarkdown(activity, tables));
}

// oxlint-disable-next-line require-await -- a generator of one part, as the workbook is of many
async function* inBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function activityText(activity: Activity, tables: readonly Table[]): string {
  const parts = tables.map(
    ({ title, columns, rows }) => `${title}\n${textTable([columns, ...rows.map(inWords)])}`,
  );
  return `${[titleOf(activity), ...parts].join('\n\n')}\n`;
}

function activityMarkdown(activity: Activity, tables: readonly Table[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  const parts = tables.map(({ title, columns, rows }) =>
    [
      `## ${title}`,
      '',
      line(columns),
      `|${' --- |'.repeat(columns.length)}`,
      ...rows.map((row) => line(inWords(row))),
    ].join('\n'),
  );
  return `${[`# ${escape(titleOf(activity))}`, ...parts].join('\n\n')}\n`;
}

function titleOf({ batch, days }: Activity): string {
  const of = batch === null ? 'Actividad' : `Actividad de ${batch.name}`;
  return days === null ? of : `${of}, del ${dayInWords(days.from)} al ${dayInWords(days.to)}`;
}

const text = (value: string): Cell => ({ text: value });
const whole = (value: number): Cell => ({ number: String(value) });
const money = ({ amount }: Money): Cell => ({ number: amount, style: 'decimals' });
const share = (part: number, all: number): Cell => text(all === 0 ? '–' : percentage(part / all));

function tablesOf(activity: Activity): readonly Table[] {
  const { totals, cost } = activity;
  return [
    { title: 'Resumen', columns: ['Dato', 'Valor'], rows: summaryRows(activity) },
    {
      title: 'Estados',
      columns: ['Estado', 'Cierre', 'Personas'],
      rows: activity.states.map(({ state, outcome, contacts }) => [
        text(stateWords[state]),
        outcome === null ? null : text(outcomeInWords(outcome)),
        whole(contacts),
      ]),
    },
    {
      title: 'Por día',
      columns: ['Día', ...answeredColumns],
      rows: activity.byDay.map(({ day, ...some }) => [{ local: day }, ...answeredCells(some)]),
    },
    {
      title: 'Por hora',
      columns: ['Hora de la persona', ...answeredColumns],
      rows: activity.byHour.map(({ hour, ...some }) => [
        text(`${String(hour).padStart(2, '0')}:00`),
        ...answeredCells(some),
      ]),
    },
    {
      title: 'Lotes',
      columns: ['Lote', 'Caso de uso', ...numberColumns],
      rows: [
        ...activity.batches.map((one) => [
          text(one.name),
          text(useCaseWords(one.useCase)),
          ...numberCells(one),
        ]),
        ...(activity.batchesLeftOut === 0
          ? []
          : [[text(`… y ${wholeNumber(activity.batchesLeftOut)} lotes más, sumados en el resumen`)]]),
      ],
    },
    {
      title: 'Casos de uso',
      columns: ['Caso de uso', ...numberColumns],
      rows: activity.useCases.map((one) => [text(useCaseWords(one.useCase)), ...numberCells(one)]),
    },
    {
      title: 'Costo',
      columns: ['Qué', 'Unidad', 'Total', 'Llamadas', 'Por llamada'],
      rows: [
        ...cost.charged.map((one) => ['Cobrado a la cuenta', one] as const),
        ...(cost.provider.calls === 0 ? [] : [['Del proveedor de voz', cost.provider] as const]),
      ].map(([what, { total, calls, perCall }]) => [
        text(what),
        text(total.unit),
        money(total),
        whole(calls),
        money(perCall),
      ]),
    },
    {
      title: 'Teléfonos',
      columns: ['Teléfono', ...answeredColumns],
      rows: activity.phones.map(({ isMain, ...some }) => [
        text(isMain ? 'principal' : 'otros'),
        ...answeredCells(some),
      ]),
    },
    {
      title: 'Intentos',
      columns: ['Llamadas a la persona', 'Personas', 'Proporción'],
      rows: activity.attempts.map(({ attempts, contacts }) => [
        whole(attempts),
        whole(contacts),
        share(contacts, totals.contacts),
      ]),
    },
  ];
}

const answeredColumns = ['Llamadas', 'Contestadas', 'Proporción'] as const;

function answeredCells({
  calls,
  answered,
}: {
  readonly calls: number;
  readonly answered: number;
}): readonly Cell[] {
  return [whole(calls), whole(answered), share(answered, calls)];
}

const numberColumns = ['Personas', 'Cerradas', 'Con resultado', 'Éxito', 'Llamadas', 'Contestadas'] as const;

function numberCells({ contacts, closed, withResult, calls, answered }: ActivityNumbers): readonly Cell[] {
  return [
    whole(contacts),
    whole(closed),
    whole(withResult),
    share(withResult, closed),
    whole(calls),
    whole(answered),
  ];
}

function summaryRows({ asOf, zone, totals, cost }: Activity): readonly (readonly Cell[])[] {
  const { contacts, closed, withResult, calls, answered } = totals;
  return [
    [text('Leído (UTC)'), { local: asOf.toISOString().slice(0, 19) }],
    [text('Zona de la cuenta'), text(zone)],
    [text('Personas'), whole(contacts)],
    [text('Cerradas'), whole(closed)],
    [text('Con resultado'), whole(withResult)],
    [text('Éxito: con resultado, de las cerradas'), share(withResult, closed)],
    [text('Llamadas'), whole(calls)],
    [text('Contestadas por una persona'), whole(answered)],
    [text('Segundos cobrables'), whole(cost.billableSeconds)],
    ...cost.charged.map(({ total }) => [text('Cobrado'), text(aboutInWords(total))]),
  ];
}

function useCaseWords(key: string): string {
  return useCaseByKey(key)?.title.es ?? key;
}

/** Cells as a person reads them where no program formats them. */
function inWords(cells: readonly Cell[]): readonly string[] {
  return cells.map((cell) => {
    if (cell === null) return '';
    if ('text' in cell) return cell.text;
    if ('number' in cell) return decimalNumber(cell.number);
    const [day = '', time] = cell.local.split('T');
    return time === undefined ? dayInWords(day) : `${dayInWords(day)} ${time}`;
  });
}
