import { unaccented } from '../../shared/rules/plain-text.ts';
import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { chileanPlace } from './chile-place.ts';
import { bad, good, type Normalised } from './result.ts';

const SANTIAGO = 'America/Santiago';
const PUNTA_ARENAS = 'America/Punta_Arenas';
const COYHAIQUE = 'America/Coyhaique';

/** Countries with one legal time (their distant islands apart): no region is needed. */
const SINGLE_ZONE: Readonly<Record<string, string>> = {
  AR: 'America/Argentina/Buenos_Aires',
  BO: 'America/La_Paz',
  CO: 'America/Bogota',
  CR: 'America/Costa_Rica',
  DO: 'America/Santo_Domingo',
  GT: 'America/Guatemala',
  HN: 'America/Tegucigalpa',
  NI: 'America/Managua',
  PA: 'America/Panama',
  PE: 'America/Lima',
  PY: 'America/Asuncion',
  SV: 'America/El_Salvador',
  UY: 'America/Montevideo',
  VE: 'America/Caracas',
};

/** Of a place's name; an address is longer, and no place. */
const MAX_PLACE_CHARACTERS = 120;

/** A place as it is compared: lower case, no accents, punctuation as spaces. */
function plain(text: string): string {
  return unaccented(text)
    .replace(/[^a-z0-9'-]+/g, ' ')
    .trim();
}

/**
 * The time zone of a region, province or city of a country; undefined when the place does not tell. A name that is a
 * comuna's and a region's is taken for the region.
 */
export function zoneOfPlace(place: string, country: string): string | undefined {
  return country === 'CL' ? chileanPlace(place, 'region')?.zone : SINGLE_ZONE[country];
}

/** The zone of a whole country with one legal time; undefined for Chile, Mexico, Brazil, Spain … */
export function zoneOfCountry(country: string): string | undefined {
  return SINGLE_ZONE[country];
}

/**
 * A hint from a Chilean landline's area code: 61 and 67 are the far south; 32 serves Isla de Pascua too and tells
 * nothing, nor does a mobile.
 */
export function zoneOfLandline(e164: string): string | undefined {
  const area = /^\+56(\d{2})\d{7}$/.exec(e164)?.[1];
  if (area === undefined || area.startsWith('9') || area === '32') return undefined;
  if (area === '61') return PUNTA_ARENAS;
  if (area === '67') return COYHAIQUE;
  return /^(2|3|4|5|6|7)/.test(area) ? SANTIAGO : undefined;
}

/** An IANA time zone, checked against this Node's own data. */
export function normaliseZone(cell: RawCell): Normalised<string> {
  const text = textWithin(cell, MAX_PLACE_CHARACTERS).replaceAll(' ', '_');
  if (!/^[A-Za-z]+(?:\/[A-Za-z_+\-0-9]+)+$/.test(text)) return bad('zone_invalid');
  try {
    return good(new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone);
  } catch {
    return bad('zone_invalid');
  }
}

const COUNTRIES: Readonly<Record<string, string>> = {
  chile: 'CL',
  argentina: 'AR',
  bolivia: 'BO',
  brasil: 'BR',
  brazil: 'BR',
  colombia: 'CO',
  'costa rica': 'CR',
  ecuador: 'EC',
  'el salvador': 'SV',
  espana: 'ES',
  spain: 'ES',
  guatemala: 'GT',
  honduras: 'HN',
  mexico: 'MX',
  nicaragua: 'NI',
  panama: 'PA',
  paraguay: 'PY',
  peru: 'PE',
  'republica dominicana': 'DO',
  uruguay: 'UY',
  venezuela: 'VE',
  'estados unidos': 'US',
  'united states': 'US',
  usa: 'US',
};

const COUNTRY_CODES: ReadonlySet<string> = new Set(Object.values(COUNTRIES));

/** A country as ISO 3166 alpha-2, from its code or its name. */
export function normaliseCountry(cell: RawCell): Normalised<string> {
  const name = plain(textWithin(cell, MAX_PLACE_CHARACTERS));
  const code = COUNTRIES[name] ?? name.toUpperCase();
  return COUNTRY_CODES.has(code) ? good(code) : bad('country_unknown');
}
