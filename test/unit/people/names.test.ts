import { expect, test } from 'vitest';
import { givenName, wholeName } from '../../../domain/people/rules/name.ts';

test.each([
  ['SOTO PEREZ, ANA MARIA', 'Ana'],
  ['ANA SOTO PEREZ', 'Ana'],
  ['ana soto', 'Ana'],
  ['Sra. Ana Soto', 'Ana'],
  ['SOTO, SRA. ANA', 'Ana'],
  ['ÍÑIGO MUÑOZ', 'Íñigo'],
  ['Transportes Soto, Paz y Cía. Ltda.', 'Transportes'],
  ['INVERSIONES SOTO, S.A.', 'Inversiones'],
  ['Soto,', 'Soto'],
  ['', ''],
])('%j is greeted as %j', (name, greeted) => {
  expect(givenName(name)).toBe(greeted);
});

test.each([
  ['Ana', ['Soto', 'Paz'], 'Ana Soto Paz'],
  ['ANA SOTO PAZ', ['Soto', 'Paz'], 'ANA SOTO PAZ'],
  ['Ana Sotomayor', ['Soto', ''], 'Ana Sotomayor Soto'],
  ['Ana', ['', ''], 'Ana'],
])('%j with %j is %j', (name, parts, whole) => {
  expect(wholeName(name, parts)).toBe(whole);
});
