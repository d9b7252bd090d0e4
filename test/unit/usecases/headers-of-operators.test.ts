import { describe, expect, test } from 'vitest';
import { headerWords } from '../../../domain/usecases/header-words.ts';
import { matchHeaders } from '../../../domain/usecases/headers.ts';
import { detect, useCaseByKey, useCases } from '../../../domain/usecases/registry.ts';
import type { UseCase } from '../../../domain/usecases/types.ts';
import { headersOfOperators } from './headers-of-operators.ts';

const none = new Set<string>();
const collection = known('debt_collection');

function known(key: string): UseCase {
  const useCase = useCaseByKey(key);
  if (useCase === undefined) throw new Error(`no use case ${key}`);
  return useCase;
}

/** The column that a header is read as; '' for none. A further phone stands beside a first one. */
function readAs(header: string, isFurther: boolean): string {
  const headers = isFurther ? ['TELEFONO', header] : [header];
  const { bound } = matchHeaders(collection, headers, none);
  return bound.find((one) => one.index === headers.length - 1)?.column.key ?? '';
}

describe('headers as operators write them', () => {
  const all = Object.entries(headersOfOperators).flatMap(([key, headers]) =>
    headers.map((header) => [header, key] as const),
  );

  test('are more than a hundred and fifty, each once', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(new Set(all.map(([header]) => header)).size).toBe(all.length);
  });

  test.each(all)('%j is read as %j', (header, key) => {
    expect(readAs(header, key === 'phone_extra')).toBe(key);
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
  const bound = (headers: readonly string[]): readonly string[] =>
    matchHeaders(collection, headers, none)
      .bound.toSorted((a, b) => a.index - b.index)
      .map(({ header, column }) => `${header} → ${column.key}`);

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
