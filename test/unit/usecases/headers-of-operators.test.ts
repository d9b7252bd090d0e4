import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { headerWords } from '../../../domain/usecases/header-words.ts';
import { matchHeaders } from '../../../domain/usecases/headers.ts';
import { detect, useCaseByKey, useCases } from '../../../domain/usecases/registry.ts';
import type { UseCase } from '../../../domain/usecases/types.ts';

const none = new Set<string>();
const collection = known('debt_collection');

function known(key: string): UseCase {
  const useCase = useCaseByKey(key);
  if (useCase === undefined) throw new Error(`no use case ${key}`);
  return useCase;
}

/** What a whole row of headers is read as, in the order of the file. */
function bound(headers: readonly string[]): readonly string[] {
  return matchHeaders(collection, headers, none)
    .bound.toSorted((a, b) => a.index - b.index)
    .map(({ header, column }) => `${header} → ${column.key}`);
}

interface Told {
  readonly header: string;
  /** Key of the column that it is in a file of collection; '' for one that must not be taken for any. */
  readonly key: string;
  /** It has two meanings, or one that depends on who sent the file: a person has to say which. */
  readonly isAsked: boolean;
  readonly source: string;
}

/** Read from the text beside it: a source, then a line for each column with the headers that were found there. */
const told: readonly Told[] = toldIn(
  readFileSync(new URL('headers-of-operators.txt', import.meta.url), 'utf8').split('\n'),
);

function toldIn(lines: readonly string[]): Told[] {
  let source = '';
  return lines.flatMap((line): Told[] => {
    if (line.startsWith('# ')) source = line.slice(2);
    const [, column, headers] = /^([a-z_]+|[-?]): (.+)$/.exec(line) ?? [];
    if (column === undefined || headers === undefined) return [];
    const key = /^[-?]$/.test(column) ? '' : column;
    const isAsked = column === '?';
    return headers.split(' | ').map((header) => ({ header, key, isAsked, source }));
  });
}

/** What a header is read as by itself; '' for nothing. A further phone stands behind a first one, an area before it. */
function readAs(useCase: UseCase, { header, key }: Told): string {
  const headers =
    key === 'phone_extra' ? ['TELEFONO', header] : key === 'area' ? [header, 'TELEFONO'] : [header];
  return (
    matchHeaders(useCase, headers, none).bound.find((one) => one.index === headers.indexOf(header))?.column
      .key ?? ''
  );
}

/** What other use cases read in a header of collection, where it is not the same column or none. */
const elsewhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  user_experience: {
    'ID cliente': 'customer_id',
    'ID cliente*': 'customer_id',
    'Código del Cliente': 'customer_id',
    'CODIGO CLIENTE': 'customer_id',
    'Código de cliente': 'customer_id',
    'Cod Cliente': 'customer_id',
    Producto: 'product',
    producto: 'product',
  },
};

describe('headers as operators write them', () => {
  test('are more than six hundred, each once, four hundred and eighty of them with where they were found', () => {
    expect(told.length).toBeGreaterThan(600);
    expect(new Set(told.map(({ header }) => header)).size).toBe(told.length);
    expect(told.filter(({ source }) => !source.startsWith('Collected earlier')).length).toBeGreaterThan(480);
    expect(told.filter(({ source }) => source === '')).toEqual([]);
  });

  test.each(told)('$header is read as "$key" in a file of collection', (one) => {
    expect(readAs(collection, one)).toBe(one.key);
  });

  test.each(useCases)(
    'in a file of $key they are the same columns, or none that it does not have',
    (useCase) => {
      const own = new Set(useCase.columns.map(({ key }) => key));
      const wrong = told.filter((one) => {
        const expected = elsewhere[useCase.key]?.[one.header] ?? (own.has(one.key) ? one.key : '');
        return readAs(useCase, one) !== expected;
      });
      expect(wrong).toEqual([]);
    },
  );

  test('how many are not known is counted, so that a change of it is seen', () => {
    const counts = useCases.map((useCase) => {
      const unknown = told.filter((one) => readAs(useCase, one) === '').length;
      return `${useCase.key}: ${told.length - unknown} read, ${unknown} not known`;
    });
    process.stdout.write(`${counts.join('\n')}\n`);
    const asked = told.filter(({ isAsked }) => isAsked).length;
    expect([...counts, `${asked} have two meanings`]).toEqual([
      'debt_collection: 266 read, 365 not known',
      'user_experience: 173 read, 458 not known',
      'marketing: 165 read, 466 not known',
      'notification: 154 read, 477 not known',
      '41 have two meanings',
    ]);
  });

  test('no two columns of a use case share a header by its words', () => {
    for (const { key, columns } of useCases) {
      const words = columns.flatMap(({ label, aliases }) => [
        ...new Set([label, ...aliases].map(headerWords).filter((one) => one !== '')),
      ]);
      expect(
        words.filter((one, index) => words.indexOf(one) !== index),
        key,
      ).toEqual([]);
    }
  });
});

describe('whose column it is', () => {
  test('beside a debtor the client is the creditor, and its RUT and phone are nobody’s to be called by', () => {
    expect(bound(['RUT CLIENTE', 'CLIENTE', 'FONO CLIENTE', 'RUT DEUDOR', 'DEUDOR', 'FONO'])).toEqual([
      'CLIENTE → creditor',
      'RUT DEUDOR → national_id',
      'DEUDOR → name',
      'FONO → phone',
    ]);
    expect(bound(['RUT CLIENTE', 'CLIENTE', 'DEUDOR'])).toEqual(['CLIENTE → creditor', 'DEUDOR → name']);
  });

  test('where the creditor has a better name CLIENTE is nobody; where nobody is called debtor CLIENTE owes', () => {
    expect(bound(['DEUDOR', 'CLIENTE', 'MANDANTE'])).toEqual(['DEUDOR → name', 'MANDANTE → creditor']);
    expect(bound(['CLIENTE', 'RUT CLIENTE'])).toEqual(['CLIENTE → name', 'RUT CLIENTE → national_id']);
    expect(bound(['RUT DEUDOR', 'NOMBRE CLIENTE', 'FONO CLIENTE'])).toEqual([
      'RUT DEUDOR → national_id',
      'NOMBRE CLIENTE → name',
      'FONO CLIENTE → phone',
    ]);
  });

  test('what is left to pay goes before what was lent, whatever their order', () => {
    expect(bound(['MONTO', 'SALDO'])).toEqual(['SALDO → amount']);
    expect(bound(['SALDO INSOLUTO', 'MONTO ORIGINAL', 'MONTO CUOTA'])).toEqual(['SALDO INSOLUTO → amount']);
  });

  test('the comuna goes before the city', () => {
    expect(bound(['CIUDAD', 'COMUNA'])).toEqual(['COMUNA → city']);
  });
});

describe('whom a fee is for, and who pays it', () => {
  const school = ['RUT ALUMNO', 'NOMBRE', 'PATERNO', 'RUT', 'CURSO', 'RUT APODERADO'];

  test('a name that may be the pupil’s is nobody’s, where the file names who pays apart', () => {
    const headers = [...school, 'NOMBRE APODERADO', 'TELEFONO', 'TELEFONO APODERADO', 'EMAIL'];
    expect(bound(headers)).toEqual([
      'RUT APODERADO → national_id',
      'NOMBRE APODERADO → name',
      'TELEFONO APODERADO → phone',
      'EMAIL → email',
    ]);
    expect(matchHeaders(collection, headers, none).ofOthers).toEqual([
      'NOMBRE',
      'PATERNO',
      'RUT',
      'TELEFONO',
    ]);
  });

  test('half of a guardian and half of a pupil are refused, and the operator is told how to say it', () => {
    const detection = detect([...school, 'TELEFONO', 'SALDO', 'VENCIMIENTO', 'EMPRESA']);
    expect(detection.kind === 'none' && detection.error.es).toMatch(
      /le falta: NOMBRE.*«NOMBRE», «PATERNO», «RUT».*alumno.*NOMBRE TITULAR/,
    );
    expect(detection.kind === 'none' && detection.error.en).toMatch(/lacks: NOMBRE.*“NOMBRE”.*pupil/);
  });

  test('a digit goes with the RUT before it', () => {
    expect(bound(['RUT PACIENTE', 'DV', 'RUT TITULAR', 'DV TITULAR', 'NOMBRE TITULAR'])).toEqual([
      'RUT TITULAR → national_id',
      'DV TITULAR → check_digit',
      'NOMBRE TITULAR → name',
    ]);
    expect(bound(['RUT TITULAR', 'DV', 'NOMBRE TITULAR', 'PACIENTE'])).toContain('DV → check_digit');
  });

  test('without a pupil a proxy of a company is not who owes, and of a holder all is the holder’s', () => {
    expect(bound(['RUT', 'NOMBRE', 'RUT APODERADO', 'NOMBRE APODERADO', 'TELEFONO'])).toEqual([
      'RUT → national_id',
      'NOMBRE → name',
      'TELEFONO → phone',
    ]);
    expect(bound(['NOMBRE', 'RUT TITULAR', 'NOMBRE TITULAR'])).toEqual([
      'RUT TITULAR → national_id',
      'NOMBRE TITULAR → name',
    ]);
  });
});

describe('names that a thing has as well', () => {
  test('the bank of a cheque is no creditor', () => {
    expect(bound(['DEUDOR', 'BANCO'])).toContain('BANCO → creditor');
    expect(bound(['DEUDOR', 'BANCO', 'FEC_PROTESTO'])).toEqual(['DEUDOR → name']);
    expect(bound(['RUT', 'BANCO', 'TIPO DE CUENTA', 'N° CUENTA'])).toEqual(['RUT → national_id']);
  });

  test('the number of an invoice is no id, the prefix of one no area', () => {
    expect(bound(['DOCUMENTO', 'NOMBRE', 'FECHA EMISION'])).toEqual(['NOMBRE → name']);
    expect(bound(['TIPO DOCUMENTO', 'DOCUMENTO', 'NOMBRE'])).toContain('DOCUMENTO → national_id');
    expect(bound(['PREFIJO', 'CONSECUTIVO', 'CELULAR'])).toEqual(['CELULAR → phone']);
    expect(bound(['PREFIJO', 'CELULAR'])).toContain('PREFIJO → area');
  });
});

describe('near ones that are not taken', () => {
  test.each([
    ['RUC Deudor', ['RUC PROVEEDOR', 'RUC Emisor', 'RUT GIRADOR', 'RUT AVAL']],
    ['NIT/CC', ['NIT Emisor', 'CC', 'Centro de costo']],
    ['CI/RUC', ['RUC Empresa', 'CI Aval']],
    ['DNI Titular', ['DNI Conyuge', 'DNI Representante']],
    ['Teléfono Apoderado', ['Teléfono Alumno', 'Fono Ejecutivo', 'Teléfono de emergencia']],
    ['Teléfono Domicilio', ['Domicilio', 'Teléfono Referencia', 'Teléfono Empresa']],
    ['Correo Apoderado', ['EMAIL_ALUMNO', 'Correo aviso', 'Email Ejecutivo']],
    ['Razón Social Mandante', ['Rut Mandante', 'Razón Social Empleador', 'Razón Social Aval']],
    ['Monto Factura', ['Monto Neto', 'Monto Pago Factura', 'Fecha Factura', 'Factura Vencida']],
    ['Saldo x cobrar', ['SALDO EXC COBRA', 'Saldo a favor', 'Saldo no vencido', 'Saldo vigente']],
    ['Vlr cuota', ['Vlr mora', 'Pago cuota', 'V. Cuota']],
    ['F. Vence', ['F. Liq', 'F. Pago', 'F. Emisión']],
    ['Vencimiento documento', ['Vencimiento contrato', 'Primer Vcmto', 'Vencimiento licencia']],
    ['Cuotas atrasadas', ['Cuotas Pagadas', 'Total Cuotas', 'N° Cuotas']],
  ])('%s is read, and those beside it are not', (header, near) => {
    const wrong = [header, ...near].filter(
      (one) => matchHeaders(collection, ['TELEFONO', one], none).bound.length !== (one === header ? 2 : 1),
    );
    expect(wrong).toEqual([]);
  });
});

describe('a file that looks like collection', () => {
  const base = ['RUT', 'NOMBRE', 'TELEFONO'];

  test.each([
    ['with a RUT and one word of debts', [...base, 'Saldo XX']],
    ['with two words of debts and no RUT', ['NOMBRE', 'TELEFONO', 'Mandante', 'N° Cuota']],
    [
      'of which two columns are not known',
      ['Mandante', 'RUT', 'DV', 'Nombre', 'Fono', 'Saldo Neto', 'Fec. Emis. Pagaré'],
    ],
  ])('%s is never taken for another in silence', (_, headers) => {
    const detection = detect(headers);
    expect(detection.kind).toBe('none');
    if (detection.kind !== 'none') return;
    expect(detection.error.es).toMatch(/parece de Cobranza.*falta.*caso de uso/);
    expect(detection.error.en).toMatch(/looks like Debt collection.*lacks.*use case/);
  });

  test('says what it read and what it did not', () => {
    const detection = detect([...base, 'Saldo XX', 'Fec. Emis.']);
    expect(detection.kind === 'none' && detection.error.es).toContain('RUT → RUT');
    expect(detection.kind === 'none' && detection.error.es).toContain(
      'No se reconoció: Saldo XX, Fec. Emis.',
    );
  });

  test('the operator may still say that it is another, and other files go on as they did', () => {
    expect(detect([...base, 'Saldo XX'], { only: known('notification') }).kind).toBe('found');
    const detection = detect([...base, 'hora_cita', 'profesional']);
    expect(detection.kind === 'found' && detection.match.useCase.key).toBe('notification');
  });
});
