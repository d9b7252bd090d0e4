import { describe, expect, it } from 'vitest';
import { patternOf, without } from '../../../domain/privacy/rules/traces.ts';

const pattern =
  patternOf({
    nationalId: '12345678-5',
    phones: ['+56961234567'],
    emails: ['ana@ejemplo.cl'],
    names: ['Ana Soto (Vega)', 'Ana'],
  }) ?? '';
const finds = (text: string): boolean => new RegExp(pattern, 'i').test(text);

describe('where a person is found', () => {
  it.each([
    '12345678-5',
    '12.345.678-5',
    '0012.345.678-5',
    '123456785',
    '12 345 678-5',
    'RUT:12345678-5.',
    '+56961234567',
    '56961234567',
    '961234567',
    '9 6123 4567',
    '(9) 6123-4567',
    '+56 9 6123 4567',
    'tel:+56961234567',
    'ANA@ejemplo.cl',
    'sra. ana   soto (vega), dice',
    '{"to":"56961234567"}',
  ])('is found in %s', (text) => {
    expect(finds(text)).toBe(true);
  });

  it.each([
    '112345678-5',
    '12345678-51',
    '12345678',
    '1961234567',
    '9612345678',
    'Banana',
    'Ana',
    'Ana Soto Vega',
    'ana@ejemplo-cl',
    '2026-12-01T10:00:00Z',
  ])('is not found in %s', (text) => {
    expect(finds(text)).toBe(false);
  });

  it('is nowhere when nothing is known of them', () => {
    expect(patternOf({ nationalId: null, phones: [], emails: [], names: ['Ana'] })).toBeUndefined();
  });

  it('is taken out of texts, numbers and names of fields, and the rest stays', () => {
    const value = {
      row: 3,
      says: ['llamar al 9 6123 4567', 'otra cosa'],
      phone: 56_961_234_567,
      deep: { '12.345.678-5': null, kept: 961_234_568 },
    };
    expect(without(value, pattern)).toEqual({
      row: 3,
      says: ['llamar al [eliminado]', 'otra cosa'],
      phone: '[eliminado]',
      deep: { '[eliminado]': null, kept: 961_234_568 },
    });
  });
});
