import { plainWords } from '../../shared/rules/plain-text.ts';
import { CHILEAN_REGIONS, type ChileanRegion, EASTER_ISLAND } from './chile-comunas.ts';

/** A place of Chile as a cell names it. */
export interface ChileanPlace {
  /** Absent when only a region is named. */
  readonly comuna?: string;
  readonly region: string;
  /** IANA. */
  readonly zone: string;
}

/** Of a place's name; an address is longer, and no place. */
const MAX_PLACE_CHARACTERS = 120;

const regions = new Map<string, ChileanRegion>();
const comunas = new Map<string, ChileanPlace>();
for (const region of CHILEAN_REGIONS) {
  for (const name of [region.name, ...region.also]) regions.set(plainWords(name), region);
  for (const spellings of region.comunas.split(', ')) {
    const [comuna = '', ...others] = spellings.split('/');
    const zone = comuna === EASTER_ISLAND.name ? EASTER_ISLAND.zone : region.zone;
    for (const name of [comuna, ...others])
      comunas.set(plainWords(name), { comuna, region: region.name, zone });
  }
}

/** Words of names of regions that tell which one it is, however the rest is written: 'Reg. del Lib. B. O'Higgins'. */
const TELLING: readonly (readonly [RegExp, string])[] = [
  [/\bmagallanes\b/, 'Magallanes'],
  [/\b(?:aysen|aisen)\b/, 'Aysén'],
  [/\bparinacota\b/, 'Arica y Parinacota'],
  [/\btarapaca\b/, 'Tarapacá'],
  [/\baraucania\b/, 'La Araucanía'],
  [/\bbio ?bio\b/, 'Biobío'],
  [/\bnuble\b/, 'Ñuble'],
  [/\bmetropolitana\b/, 'Metropolitana'],
  [/\bo ?higgins\b/, "O'Higgins"],
  [/\blos rios\b/, 'Los Ríos'],
  [/\blos lagos\b/, 'Los Lagos'],
];
const IS_REGION =
  /^(?:la )?(?:(?:[ivx]+|\d{1,2})a? )?(?:region|reg|rgn)\b(?: (?:de la|de los|del|de|la))?\b|\bregion$/;
const IS_COMUNA = /^(?:comuna|ciudad|localidad|pueblo|i(?:lustre)? municipalidad)(?: de)? (?=.)/;
/** Towns apart whose name may stand within a longer text, which no region's name holds. */
const TOWNS_APART =
  /\b(?:isla de pascua|rapa ?nui|hanga ?roa|easter island|villa o ?higgins|puerto williams|punta arenas|puerto natales|coyhaique|coihaique|chile chico|caleta tortel|cabo de hornos)\b/;

/**
 * The comuna or the region that a text names, with its zone; undefined when it names none. What is both (Valparaíso,
 * O'Higgins, Los Lagos) is what its column says: `column`.
 */
export function chileanPlace(text: string, column: 'comuna' | 'region'): ChileanPlace | undefined {
  if (text.length > MAX_PLACE_CHARACTERS) return undefined;
  const plain = plainWords(text);
  if (plain === '') return undefined;
  const name = plain.replace(IS_COMUNA, '');
  const comuna = comunas.get(name) ?? apart(name) ?? partComuna(text);
  const saysRegion = IS_REGION.test(plain) && name === plain;
  const region = column === 'region' || saysRegion || comuna === undefined ? regionOf(plain) : undefined;
  if (column === 'region' || saysRegion) return apart(plain) ?? placeOfRegion(region) ?? comuna;
  return comuna ?? placeOfRegion(region);
}

function apart(plain: string): ChileanPlace | undefined {
  const town = TOWNS_APART.exec(plain)?.[0];
  return town === undefined ? undefined : comunas.get(town);
}

/** 'Chillán, Ñuble', 'Providencia - Santiago', 'Temuco (IX)': the first part that is a comuna. */
function partComuna(text: string): ChileanPlace | undefined {
  const parts = text.split(/[,;/()|]| - /, 4);
  if (parts.length < 2) return undefined;
  return parts.map((part) => comunas.get(plainWords(part))).find((place) => place !== undefined);
}

function regionOf(plain: string): ChileanRegion | undefined {
  const bare = plain.replace(IS_REGION, '').trim();
  const number = /^(?:la )?([ivx]+|\d{1,2})a? (?:region|reg)\b/.exec(plain)?.[1];
  const byName =
    regions.get(plain) ?? regions.get(bare) ?? (number === undefined ? undefined : regions.get(number));
  if (byName !== undefined) return byName;
  const told = TELLING.find(([pattern]) => pattern.test(plain))?.[1];
  return told === undefined ? undefined : regions.get(plainWords(told));
}

function placeOfRegion(region: ChileanRegion | undefined): ChileanPlace | undefined {
  return region === undefined ? undefined : { region: region.name, zone: region.zone };
}

/** As it is kept beside a person: holidays are of comunas and of regions, so both are said. */
export function placeText({ comuna, region }: ChileanPlace): string {
  return comuna === undefined || comuna === region ? region : `${comuna}, ${region}`;
}
