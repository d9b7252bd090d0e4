import { outcomeInWords } from '../contacts/rules/labels.ts';
import { reasonInWords, ruleInSpanish } from '../policy/rules/rule-words.ts';
import { formatMicros } from '../shared/rules/money.ts';
import type { CallRow, CallSums, Dimension, MessageRow, RefusalRow } from '../summaries/queries-summed.ts';
import { averageMicros } from './rules/average.ts';
import { type ReportColumn, type ReportTable, type ReportValue, shareOf } from './rules/report.ts';

/** A column with what stands in it. */
interface Filled<Row> extends ReportColumn {
  readonly of: (row: Row) => ReportValue;
}

function tableOf<Row>(
  key: string,
  es: string,
  columns: readonly Filled<Row>[],
  rows: readonly Row[],
): ReportTable {
  return {
    key,
    es,
    columns: columns.map(({ key: name, es: title, type }) => ({ key: name, es: title, type })),
    rows: rows.map((row) => columns.map(({ of }) => of(row))),
  };
}

const whole = <Row>(key: string, es: string, of: (row: Row) => bigint): Filled<Row> => ({
  key,
  es,
  type: 'whole',
  of: (row) => Number(of(row)),
});
const code = <Row>(key: string, es: string, of: (row: Row) => string | null): Filled<Row> => ({
  key,
  es,
  type: 'code',
  of,
});
const words = <Row>(key: string, es: string, of: (row: Row) => string | null): Filled<Row> => ({
  key,
  es,
  type: 'text',
  of,
});

/** Calls, and how many of them a person answered. */
const answered: readonly Filled<CallRow>[] = [
  whole('calls', 'Llamadas', ({ calls }) => calls),
  whole('answered', 'Contestadas', ({ answered: some }) => some),
  {
    key: 'answered_share',
    es: 'Proporción contestada',
    type: 'share',
    of: (row) => shareOf(row.answered, row.calls),
  },
];

const wordOf: Readonly<Partial<Record<Dimension, (value: string) => string>>> = {
  outcome: outcomeInWords,
  weekday: (value) => weekdays[Number(value) - 1] ?? value,
  wave: (value) => (value === 'agreed' ? 'acordada' : value),
  main_phone: (value) => (value === 'true' ? 'principal' : 'otros'),
};
const weekdays = ['lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'];

const dimensionTitles: Readonly<Record<Dimension, string>> = {
  batch: 'Lote',
  day: 'Día',
  weekday: 'Día de la semana',
  hour: 'Hora de la persona',
  zone: 'Zona horaria',
  wave: 'Tanda',
  main_phone: 'Teléfono',
  outcome: 'Resultado',
  disconnection: 'Cómo terminó',
  unit: 'Unidad',
};

/** A column for what calls are told apart by; its words stand beside it. */
function dimension(one: Dimension): readonly Filled<CallRow>[] {
  const value = ({ by }: CallRow): string | null => by[one] ?? null;
  if (one === 'day') return [{ key: 'day', es: 'Día', type: 'day', of: value }];
  if (one === 'main_phone')
    return [
      code('phone', 'Teléfono', (row) => (value(row) === 'true' ? 'main' : 'other')),
      words('phone_es', 'Teléfono, en palabras', (row) => (value(row) === 'true' ? 'principal' : 'otros')),
    ];
  const inWords = wordOf[one];
  const plain = code(one, dimensionTitles[one], value);
  if (inWords === undefined) return [plain];
  const beside = words(`${one}_es`, `${dimensionTitles[one]}, en palabras`, (row: CallRow) => {
    const found = value(row);
    return found === null ? null : inWords(found);
  });
  return [plain, beside];
}

/** Calls and those answered, told apart by something. */
export function callsBy(
  key: string,
  es: string,
  by: readonly Dimension[],
  rows: readonly CallRow[],
): ReportTable {
  const placed = rows.filter(({ calls }) => calls > 0n);
  return tableOf(key, es, [...by.flatMap(dimension), ...answered], placed);
}

const meanSeconds = ({ talk_ms: ms, answered: some }: CallSums): number | null =>
  some === 0n ? null : Math.round(Number(ms / some) / 100) / 10;

/** What calls sounded like. */
export function voiceBy(
  key: string,
  es: string,
  by: readonly Dimension[],
  rows: readonly CallRow[],
): ReportTable {
  const columns: readonly Filled<CallRow>[] = [
    ...by.flatMap(dimension),
    ...answered,
    whole('rang', 'Sonaron', (row) => row.rang),
    whole('voicemail', 'Buzón de voz', (row) => row.voicemail),
    whole('identified', 'Identidad confirmada', (row) => row.identified),
    whole('positive', 'Ánimo positivo', (row) => row.positive),
    whole('neutral', 'Ánimo neutro', (row) => row.neutral),
    whole('negative', 'Ánimo negativo', (row) => row.negative),
    {
      key: 'talk_seconds',
      es: 'Segundos hablados',
      type: 'seconds',
      of: (row) => Number((row.talk_ms + 500n) / 1_000n),
    },
    { key: 'mean_talk_seconds', es: 'Segundos por contestada', type: 'seconds', of: meanSeconds },
    {
      key: 'billable_seconds',
      es: 'Segundos cobrables',
      type: 'seconds',
      of: (row) => Number(row.billable_seconds),
    },
    whole('rejected', 'No aceptadas por el proveedor', (row) => row.rejected),
  ];
  return tableOf(key, es, columns, rows);
}

interface Cost {
  readonly code: string;
  readonly es: string;
  readonly unit: string;
  readonly micros: bigint;
  readonly items: bigint;
}

/** What the account was charged, and what the provider charges, each on average for what it was for. */
export function costTable(
  byUnit: readonly CallRow[],
  messages: readonly MessageRow[],
  reached: { readonly contacts: bigint; readonly promises: bigint },
): ReportTable {
  const provider = byUnit.reduce(
    (sum, row) => ({ micros: sum.micros + row.provider_micros, items: sum.items + row.provider_calls }),
    { micros: 0n, items: 0n },
  );
  const costs: readonly Cost[] = [
    ...byUnit.flatMap((row) => {
      const unit = row.by['unit'];
      if (unit === null || unit === undefined || row.charged_calls === 0n) return [];
      const { charged_micros: micros, charged_calls: items } = row;
      return [{ code: 'calls', es: 'Llamadas', unit, micros, items }];
    }),
    ...messageCosts(messages),
    ...(provider.items === 0n
      ? []
      : [{ code: 'provider', es: 'Del proveedor de voz', unit: 'USD', ...provider }]),
  ];
  const each = (key: string, es: string, of: (cost: Cost) => bigint): Filled<Cost> => ({
    key,
    es,
    type: 'amount',
    of: (cost) => (of(cost) === 0n ? null : formatMicros(averageMicros(cost.micros, Number(of(cost))))),
  });
  return tableOf<Cost>(
    'costs',
    'Costos',
    [
      code('cost', 'Costo', (cost) => cost.code),
      words('cost_es', 'Costo, en palabras', ({ es }) => es),
      code('unit', 'Unidad', ({ unit }) => unit),
      { key: 'amount', es: 'Total', type: 'amount', of: ({ micros }) => formatMicros(micros) },
      whole('items', 'Cobros', ({ items }) => items),
      each('per_item', 'Por cada una', ({ items }) => items),
      each('per_contact', 'Por persona llamada', () => reached.contacts),
      each('per_promise', 'Por acuerdo', () => reached.promises),
    ],
    costs,
  );
}

function messageCosts(messages: readonly MessageRow[]): readonly Cost[] {
  const units = Map.groupBy(
    messages.filter(({ charged_messages: charged }) => charged > 0n),
    ({ unit }) => unit,
  );
  return [...units].flatMap(([unit, some]) =>
    unit === null
      ? []
      : [
          {
            code: 'messages',
            es: 'Mensajes',
            unit,
            micros: some.reduce((sum, one) => sum + one.charged_micros, 0n),
            items: some.reduce((sum, one) => sum + one.charged_messages, 0n),
          },
        ],
  );
}

/** Turns that did not become a dial, by rule; the most frequent first. */
export function refusalTables(rows: readonly RefusalRow[]): readonly ReportTable[] {
  const sum = (some: readonly RefusalRow[]): bigint => some.reduce((all, one) => all + one.refusals, 0n);
  const byRule = [...Map.groupBy(rows, ({ reason, rule }) => JSON.stringify([reason, rule])).values()]
    .flatMap((some) => some.slice(0, 1).map((one) => ({ ...one, refusals: sum(some) })))
    .toSorted((one, other) => Number(other.refusals - one.refusals) || (one.rule < other.rule ? -1 : 1));
  const byDay = [...Map.groupBy(rows, ({ day, reason }) => JSON.stringify([day, reason])).values()].flatMap(
    (some) => some.slice(0, 1).map((one) => ({ ...one, refusals: sum(some) })),
  );
  const reason: readonly Filled<RefusalRow>[] = [
    code('reason', 'Motivo', (row) => row.reason),
    words('reason_es', 'Motivo, en palabras', (row) => reasonInWords(row.reason)),
  ];
  const count = whole<RefusalRow>('refusals', 'Turnos', (row) => row.refusals);
  return [
    tableOf<RefusalRow>(
      'rules',
      'Por regla',
      [...reason, words('rule_es', 'Regla', (row) => ruleInSpanish(row.rule)), count],
      byRule,
    ),
    tableOf<RefusalRow>(
      'days',
      'Por día',
      [{ key: 'day', es: 'Día', type: 'day', of: (row) => row.day }, ...reason, count],
      byDay,
    ),
  ];
}

export interface FunnelStep {
  readonly step: string;
  readonly es: string;
  readonly contacts: bigint;
}

/** How many people came how far; each beside those of the step before. */
export function funnelTable(steps: readonly FunnelStep[]): ReportTable {
  const rows = steps.map((one, index) => ({ ...one, before: steps[index - 1]?.contacts }));
  return tableOf<(typeof rows)[number]>(
    'steps',
    'Embudo',
    [
      code('step', 'Paso', ({ step }) => step),
      words('step_es', 'Paso, en palabras', ({ es }) => es),
      whole('contacts', 'Personas', ({ contacts }) => contacts),
      {
        key: 'share',
        es: 'Del paso anterior',
        type: 'share',
        of: ({ contacts, before }) => (before === undefined ? null : shareOf(contacts, before)),
      },
    ],
    rows,
  );
}

export interface StateRow {
  readonly state: string;
  readonly es: string;
  readonly outcome: string | null;
  readonly contacts: number;
}

export function stateTable(rows: readonly StateRow[]): ReportTable {
  return tableOf<StateRow>(
    'states',
    'Estados',
    [
      code('state', 'Estado', ({ state }) => state),
      words('state_es', 'Estado, en palabras', ({ es }) => es),
      code('outcome', 'Cierre', ({ outcome }) => outcome),
      words('outcome_es', 'Cierre, en palabras', ({ outcome }) =>
        outcome === null ? null : outcomeInWords(outcome),
      ),
      whole('contacts', 'Personas', ({ contacts }) => BigInt(contacts)),
    ],
    rows,
  );
}
