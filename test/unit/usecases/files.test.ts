import { describe, expect, test } from 'vitest';
import { matchHeaders, normaliseHeader, variableName } from '../../../domain/usecases/headers.ts';
import { detect, useCaseByKey, useCases } from '../../../domain/usecases/registry.ts';
import type { UseCase } from '../../../domain/usecases/types.ts';

const none = new Set<string>();

function known(key: string): UseCase {
  const useCase = useCaseByKey(key);
  if (useCase === undefined) throw new Error(`no use case ${key}`);
  return useCase;
}

/** The key of the use case found, or what was found instead. */
function found(headers: readonly string[], given: ReadonlySet<string> = none): string {
  const detection = detect(headers, { given });
  return detection.kind === 'found' ? detection.match.useCase.key : detection.kind;
}

describe('the registry', () => {
  test('no two use cases share a key, and no two columns of one share a key or a spelling', () => {
    expect(new Set(useCases.map(({ key }) => key)).size).toBe(useCases.length);
    for (const { columns } of useCases) {
      expect(new Set(columns.map(({ key }) => key)).size).toBe(columns.length);
      const spellings = columns.flatMap(({ label, aliases }) => [
        ...new Set([label, ...aliases].map(normaliseHeader)),
      ]);
      expect(spellings.filter((one, index) => spellings.indexOf(one) !== index)).toEqual([]);
    }
  });

  test('an unregistered key gives no use case', () => {
    expect(useCaseByKey('toString')).toBeUndefined();
  });

  test('waves are for collection only; the others retry on a ladder', () => {
    expect(useCases.map(({ key, scheduleMode }) => [key, scheduleMode])).toEqual([
      ['debt_collection', 'waves'],
      ['user_experience', 'ladder'],
      ['marketing', 'ladder'],
      ['notification', 'ladder'],
    ]);
  });
});

describe('finding the use case of a file', () => {
  const debt = ['RUT', 'NOMBRE', 'TELEFONO', 'MONTO', 'FECHA_VENC'];

  test.each([
    ['debt_collection', [...debt, 'EMPRESA']],
    [
      'debt_collection',
      ['Rut Deudor', 'nombre completo', 'Celular', 'Saldo', 'Fecha de Vencimiento', 'Acreedor'],
    ],
    [
      'debt_collection',
      ['rut.', 'NÓMBRE', 'Télefono', ' deuda ', 'fecha__vencimiento', 'Empresa', 'edad', 'ciudad', 'email'],
    ],
    ['user_experience', ['nombre', 'customer_id', 'telefono', 'interaction_type', 'producto_servicio']],
    ['marketing', ['nombre', 'telefono', 'email', 'edad', 'ciudad']],
    ['notification', ['name', 'phone', 'var1', 'var2']],
    ['notification', ['Nombre', 'Teléfono', 'Mensaje']],
    ['notification', ['name', 'phone', 'email', 'var1']],
  ])('%s is found from its columns in any spelling: %j', (key, headers) => {
    expect(found(headers)).toBe(key);
  });

  test('a debt file without EMPRESA is refused by name of the column, and taken when the batch names the creditor', () => {
    const detection = detect(debt);
    expect(detection.kind).toBe('none');
    expect(detection.kind === 'none' && detection.error.es).toContain('EMPRESA');
    expect(found(debt, new Set(['creditor']))).toBe('debt_collection');
  });

  test('a debt file that lacks its due date is never taken for a generic one', () => {
    const detection = detect(['RUT', 'NOMBRE', 'TELEFONO', 'DEUDA', 'EMPRESA']);
    expect(detection.kind).toBe('none');
    expect(detection.kind === 'none' && detection.error.es).toContain('FECHA_VENCIMIENTO');
  });

  test('columns that fit two use cases equally are an error that names both', () => {
    const even = detect([...debt, 'EMPRESA', 'customer_id', 'interaction_type', 'producto_servicio']);
    expect(even.kind).toBe('ambiguous');
    expect(even.kind === 'ambiguous' && even.error.es).toContain('Cobranza (debt_collection)');
    expect(even.kind === 'ambiguous' && even.error.es).toContain('(user_experience)');
  });

  test('the operator’s choice outranks what the columns look like, and still needs its required columns', () => {
    const chosen = detect(['nombre', 'telefono', 'email'], { only: known('notification') });
    expect(chosen.kind === 'found' && chosen.match.useCase.key).toBe('notification');
    expect(detect(['nombre', 'telefono'], { only: known('debt_collection') }).kind).toBe('none');
  });

  test('a row without a known header is no header', () => {
    expect(detect(['Cartera morosa', '', 'noviembre']).kind).toBe('none');
  });
});

describe('binding columns', () => {
  const bound = (headers: readonly string[]): string[] =>
    matchHeaders(known('debt_collection'), headers, none).bound.map(
      ({ header, column }) => `${header}→${column.key}`,
    );

  test('the main phone is the first plainly named one; numbered and further ones are extra phones in order', () => {
    expect(bound(['TELEFONO 2', 'CELULAR', 'TELEFONO', 'fono3'])).toEqual([
      'CELULAR→phone',
      'TELEFONO 2→phone_extra',
      'TELEFONO→phone_extra',
      'fono3→phone_extra',
    ]);
    expect(bound(['TELEFONO1', 'TELEFONO2'])).toEqual(['TELEFONO1→phone', 'TELEFONO2→phone_extra']);
  });

  test('of two columns for one amount the better-named is used and the other is told', () => {
    const match = matchHeaders(known('debt_collection'), ['MONTO', 'DEUDA', 'color'], none);
    expect(match.doubled).toEqual([{ used: 'DEUDA', unused: 'MONTO' }]);
    expect(match.ignored).toEqual(['MONTO', 'color']);
  });

  test('unknown columns become variables only where the use case speaks them', () => {
    const match = matchHeaders(
      known('notification'),
      ['name', 'phone', 'Nº de Póliza', 'Nº de póliza'],
      none,
    );
    expect(match.free.map(({ variable }) => variable)).toEqual(['no_de_poliza']);
    expect(match.ignored).toEqual(['Nº de póliza']);
  });

  test('variable names are plain words of at most 40 characters', () => {
    expect(variableName('  Fecha / Hora (aprox.) ')).toBe('fecha_hora_aprox');
    expect(variableName('x'.repeat(90))).toHaveLength(40);
  });
});
