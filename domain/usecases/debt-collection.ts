import {
  emailColumn,
  extraPhoneColumn,
  nameColumn,
  nationalIdColumn,
  partColumns,
  phoneColumn,
  placeColumns,
} from './columns.ts';
import { readCollection } from './outcome.ts';
import type { Debt, RowFacts, RowVariables, UseCase } from './types.ts';
import { earliestDay, spokenAmount, spokenList } from './variables.ts';

/** 'N° Documento', 'Nro. de Factura', 'No. Pagaré': what tells one debt of a person from another. */
const numbered = [
  'documento',
  'doc',
  'factura',
  'boleta',
  'operacion',
  'contrato',
  'pagare',
  'folio',
  'credito',
]
  .concat('comprobante', 'referencia')
  .flatMap((what) =>
    ['n', 'no', 'nro', 'num', 'numero'].flatMap((word) => [`${word} ${what}`, `${word} de ${what}`]),
  );

/** Collection of overdue debts: three waves a day, a promise of payment as the best end. */
export const debtCollection: UseCase = {
  key: 'debt_collection',
  title: { es: 'Cobranza', en: 'Debt collection' },
  columns: [
    nameColumn,
    { ...nationalIdColumn, required: true },
    phoneColumn,
    extraPhoneColumn,
    ...partColumns,
    {
      key: 'amount',
      kind: 'money',
      label: 'DEUDA',
      // What is left to pay before what was lent: asking for what was paid is wrong information on a debt.
      aliases: [
        'saldo adeudado',
        'saldo deuda',
        'saldo de la deuda',
        'saldo pendiente',
        'saldo insoluto',
        'saldo deudor',
        'saldo moroso',
        'saldo vencido',
        'saldo total',
        'saldo actual',
        'saldo por pagar',
        'saldo por cobrar',
        'saldo x cobrar',
        'saldo',
        'total adeudado',
        'total a pagar',
        'deuda total',
        'total deuda',
        'deuda vencida',
        'deuda morosa',
        'deuda actual',
        'deuda',
        'monto deuda',
        'monto adeudado',
        'monto mora',
        'monto moroso',
        'monto vencido',
        'monto pendiente',
        'monto impago',
        'total mora',
        'saldo capital',
        'monto cuota',
        'valor cuota',
        'monto total',
        'monto factura',
        'monto',
        'monto original',
        'importe',
        'valor deuda',
        'amount',
        'amount due',
        'balance',
        'debt',
      ],
      required: true,
      marker: 'strong',
    },
    {
      key: 'due_date',
      kind: 'date',
      label: 'FECHA_VENCIMIENTO',
      aliases: [
        'fecha vencimiento',
        'fecha de vencimiento',
        'fecha venc',
        'fec venc',
        'fec vencimiento',
        'f vencimiento',
        'vencimiento',
        'fecha vencimiento cuota',
        'fecha vencimiento deuda',
        'fecha vencimiento documento',
        'vencimiento cuota',
        'vencimiento documento',
        'vencimiento factura',
        'fecha vence',
        'fecha mora',
        'fecha inicio mora',
        'fecha limite',
        'due date',
      ],
      required: true,
      marker: 'strong',
    },
    {
      key: 'creditor',
      kind: 'text',
      label: 'EMPRESA',
      aliases: [
        'acreedor',
        'nombre acreedor',
        'mandante',
        'nombre mandante',
        'razon social mandante',
        'cliente mandante',
        'cedente',
        'institucion',
        'institucion financiera',
        'empresa mandante',
        'empresa acreedora',
        'empresa',
        'nombre empresa',
        'banco',
        'casa comercial',
        'compañia',
        'creditor',
        'company',
      ],
      required: true,
      fromBatch: true,
    },
    {
      key: 'reference',
      kind: 'text',
      label: 'NUMERO_REFERENCIA',
      aliases: [
        'numero referencia',
        'numero de referencia',
        'n referencia',
        'referencia',
        'numero operacion',
        'operacion',
        'folio',
        'factura',
        'numero factura',
        'documento deuda',
        ...numbered,
        'boleta',
        'contrato',
        'pagare',
        'folio factura',
        'invoice',
        'invoice number',
        'invoice no',
      ],
      required: false,
    },
    {
      key: 'currency',
      kind: 'currency',
      label: 'MONEDA',
      aliases: ['moneda', 'divisa', 'currency'],
      required: false,
      fromBatch: true,
    },
    {
      key: 'instalments',
      kind: 'integer',
      label: 'CUOTAS_ADEUDADAS',
      aliases: [
        'cuotas adeudadas',
        'cuotas',
        'cuotas vencidas',
        'cuotas morosas',
        'cuotas atrasadas',
        'instalments',
      ],
      required: false,
    },
    {
      key: 'latest_date',
      kind: 'date',
      label: 'FECHA_MAXIMA',
      aliases: ['fecha maxima', 'fecha maxima de pago', 'fecha tope', 'latest date'],
      required: false,
    },
    emailColumn,
    ...placeColumns,
  ],
  freeVariables: false,
  scripts: ['debt_collection_script_v1'],
  scheduleMode: 'waves',
  variables,
  confidentialVariables: [
    'rut',
    'empresa',
    'cuotas_adeudadas',
    'monto_total',
    'fecha_limite',
    'fecha_maxima',
    'numero_referencia',
  ],
  mergeVariables,
  readOutcome: readCollection,
};

function variables(row: RowFacts): Record<string, string> {
  return {
    nombre: row.name,
    rut: row.nationalId ?? '',
    cuotas_adeudadas: row.fields['instalments'] ?? '',
    fecha_maxima: row.fields['latest_date'] ?? '',
    ...debtVariables(row.debt === undefined ? [] : [row.debt]),
  };
}

function mergeVariables(rows: readonly [RowVariables, ...RowVariables[]]): Record<string, string> {
  const texts = (key: string): string[] => rows.map((row) => row.variables[key] ?? '');
  const instalments = texts('cuotas_adeudadas');
  return {
    ...rows[0].variables,
    // A sum that misses one row would be spoken as the whole: then none is.
    cuotas_adeudadas: instalments.includes('')
      ? ''
      : instalments.reduce((sum, text) => sum + Number(text), 0).toString(),
    fecha_maxima: earliestDay(texts('fecha_maxima')),
    ...debtVariables(rows.flatMap((row) => (row.debt === undefined ? [] : [row.debt]))),
  };
}

function debtVariables(debts: readonly Debt[]): Record<string, string> {
  const [only] = debts;
  // As below; a file has a hundred thousand rows, and each is one debt.
  if (only !== undefined && debts.length === 1)
    return {
      empresa: only.creditor,
      monto_total: spokenAmount(only.amountMicros),
      fecha_limite: only.dueDate,
      numero_referencia: only.reference ?? '',
    };
  return {
    empresa: spokenList(debts.map((debt) => debt.creditor)),
    monto_total: spokenTotal(debts),
    fecha_limite: earliestDay(debts.map((debt) => debt.dueDate)),
    numero_referencia: spokenList(debts.map((debt) => debt.reference ?? '')),
  };
}

/** One currency: the bare sum. Several: a sum of each with its code, since they cannot be added. */
function spokenTotal(debts: readonly Debt[]): string {
  const totals = new Map<string, bigint>();
  for (const debt of debts) totals.set(debt.currency, (totals.get(debt.currency) ?? 0n) + debt.amountMicros);
  const parts = [...totals].map(([currency, micros]) =>
    totals.size === 1 ? spokenAmount(micros) : `${spokenAmount(micros)} ${currency}`,
  );
  return spokenList(parts);
}
