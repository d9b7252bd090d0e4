import { afterEach, describe, expect, test, vi } from 'vitest';
import { run as explain } from '../../../cli/explain.ts';
import { CHILEAN_REGIONS } from '../../../domain/people/rules/chile-comunas.ts';
import { chileanPlace, placeText } from '../../../domain/people/rules/chile-place.ts';
import { plainWords } from '../../../domain/shared/rules/plain-text.ts';
import { zoneOfPlace } from '../../../domain/people/rules/place.ts';
import { usState } from '../../../domain/people/rules/us-states.ts';
import { zonesOf } from '../../../domain/policy/rules/zones.ts';

const comunas = CHILEAN_REGIONS.flatMap(({ name, zone, comunas: list }) =>
  list.split(', ').map((spellings) => ({ region: name, zone, spellings: spellings.split('/') })),
);

describe('the comunas of Chile', () => {
  test('are 346 in sixteen regions, as many in each as the law has, and no name is two', () => {
    expect(CHILEAN_REGIONS.map(({ comunas: list }) => list.split(', ').length)).toEqual([
      4, 7, 9, 9, 15, 38, 52, 33, 30, 21, 33, 32, 12, 30, 10, 11,
    ]);
    const names = comunas.flatMap(({ spellings }) => [...new Set(spellings.map(plainWords))]);
    expect(comunas).toHaveLength(346);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('each is known in a column of comunas, in capitals and without accents too, with its region and its zone', () => {
    for (const { region, zone, spellings } of comunas)
      for (const name of spellings)
        for (const text of [name, name.toUpperCase(), plainWords(name), `Comuna de ${name}`, ` ${name} `]) {
          const place = chileanPlace(text, 'comuna');
          const expected = spellings[0] === 'Isla de Pascua' ? 'Pacific/Easter' : zone;
          expect(place, text).toEqual({ comuna: spellings[0], region, zone: expected });
        }
  });

  test('only Aysén, Magallanes and Isla de Pascua are off Santiago’s clock', () => {
    const apart = comunas.filter(
      ({ spellings }) => chileanPlace(spellings[0] ?? '', 'comuna')?.zone !== 'America/Santiago',
    );
    expect(apart).toHaveLength(10 + 11 + 1);
  });
});

describe('a name that is a comuna’s and a region’s', () => {
  test.each([
    ["O'Higgins", 'America/Santiago', 'America/Coyhaique'],
    ['Los Lagos', 'America/Santiago', 'America/Santiago'],
    ["Villa O'Higgins", 'America/Coyhaique', 'America/Coyhaique'],
    ['VILLA OHIGGINS', 'America/Coyhaique', 'America/Coyhaique'],
    ["Región de O'Higgins", 'America/Santiago', 'America/Santiago'],
    ["Región del Libertador General Bernardo O'Higgins", 'America/Santiago', 'America/Santiago'],
    ['Valparaíso, Isla de Pascua', 'Pacific/Easter', 'Pacific/Easter'],
  ])('%s is what its column says', (text, asRegion, asComuna) => {
    expect(chileanPlace(text, 'region')?.zone).toBe(asRegion);
    expect(chileanPlace(text, 'comuna')?.zone).toBe(asComuna);
    expect(zoneOfPlace(text, 'CL')).toBe(asRegion);
  });

  test('what is kept says both, so that holidays of either hold', () => {
    const place = chileanPlace('chillan', 'comuna');
    expect(place === undefined ? '' : placeText(place)).toBe('Chillán, Ñuble');
  });

  test.each(['VIGENTE', 'JUDICIAL', 'Marte', '', '17', 'XX', 'x'.repeat(200)])('%j is no place', (text) => {
    expect(chileanPlace(text, 'region')).toBeUndefined();
    expect(chileanPlace(text, 'comuna')).toBeUndefined();
  });

  test.each(['VIII REGION', '8', 'Región 8', 'Octava Región del Bío-Bío', '8a Región', 'CL-BI', 'BIO BIO'])(
    '%s is Biobío',
    (text) => {
      expect(chileanPlace(text, 'region')).toEqual({ region: 'Biobío', zone: 'America/Santiago' });
    },
  );
});

test('a state of the United States is known by code and name, each with its zones', () => {
  expect(usState('fl')).toBe('FL');
  expect(usState(' New  York ')).toBe('NY');
  expect(usState('N.Y.')).toBeUndefined();
  expect(usState('Florida')).toBe('FL');
  expect(usState('constructor')).toBeUndefined();
  for (const code of 'AL AK DC PR WY'.split(' '))
    expect(zonesOf('US', null, usState(code) ?? '')).not.toHaveLength(9);
});

describe('a place that is none, where somebody asks when one may call there', () => {
  afterEach(() => vi.restoreAllMocks());

  test.each([
    ['Marte', true],
    ['Villa O’Higgins', false],
    ['Biobío', false],
  ])('%s: told is %s', async (place, isTold) => {
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
    await explain(['--pack', 'cl-collection-strict', '--region', place, '--at', '2027-06-08T19:30']);
    expect(said.some((line) => line.includes(`No se reconoce el lugar «${place}»`))).toBe(isTold);
    if (place.startsWith('Villa')) expect(said.join('\n')).toContain('America/Coyhaique');
  });
});
