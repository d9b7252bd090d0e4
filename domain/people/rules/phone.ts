// The small metadata and a rule of our own: the full one refuses mobiles that exist (+56 9 9114 3553), because
// prefixes are handed out faster than it is updated, and the small one takes any nine digits.
import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber,
} from 'libphonenumber-js/min';
import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { chileanNumber } from './chile-phone.ts';
import { unaccented } from '../../shared/rules/plain-text.ts';
import { normaliseNationalId } from './national-id.ts';
import { bad, good, type Normalised, type Remark } from './result.ts';

/** Five phones in one cell with words between them. */
const MAX_PHONE_CHARACTERS = 200;

/** Parts that are phones by themselves, beside which another one may be no phone: 'a / b', 'a y b'. */
const BETWEEN_PHONES = /\s*(?:[/;|]|\sy\s|\so\s)\s*/i;
/** What may also stand within one phone: all of the parts must be phones. */
const PERHAPS_BETWEEN = /\s*[,/;|]\s*|\s*-\s*/;
const mostInCell = 5;

/**
 * Phones of one cell in E.164, in the order written, each once; at least one when ok. Of several behind clear marks those
 * that are phones are taken, and a notice names the rest.
 */
export function normalisePhones(cell: RawCell, country: string): Normalised<readonly string[]> {
  const text = textWithin(cell, MAX_PHONE_CHARACTERS);
  const single = normalisePhone(text, country);
  if (single.ok) return good([single.value], single.notice);
  if (single.code === 'phone_scientific' || single.code === 'phone_is_national_id') return single;
  // Beside a number of a relative the person's own may stand: '9 8765 0001 / 9 8765 0003 (hija)'.
  return (
    several(text.split(BETWEEN_PHONES), country, 'some') ??
    several(text.split(PERHAPS_BETWEEN), country, 'all') ??
    several(bySpaces(text, country), country, 'all') ??
    single
  );
}

/** Undefined when the parts do not show that there are several phones. */
function several(
  texts: readonly string[],
  country: string,
  need: 'all' | 'some',
): Normalised<readonly string[]> | undefined {
  const parts = texts.filter((part) => part !== '');
  if (parts.length < 2 || parts.length > mostInCell) return undefined;
  const phones = new Set<string>();
  const left: string[] = [];
  let notice: Remark | undefined;
  for (const part of parts) {
    const one = normalisePhone(part, country);
    if (one.ok) phones.add(one.value);
    else if (need === 'all') return undefined;
    else left.push(part);
    if (one.ok) notice ??= one.notice;
  }
  if (phones.size === 0) return undefined;
  return good(
    [...phones],
    left.length === 0
      ? notice
      : { code: 'phone_part_left', values: { value: left.join(', ').replace(/^['`´]/, '') } },
  );
}

/** A line break in a cell is a space here: '961234567 971234567'. Each phone is as many words as make one. */
function bySpaces(text: string, country: string): readonly string[] {
  if (text.replace(/\D/g, '').length < 16) return [];
  const phones: string[] = [];
  let open = '';
  for (const word of text.split(' ')) {
    open = open === '' ? word : `${open} ${word}`;
    // No number is longer, and a cell of a hundred figures apart would be read a hundred times.
    if (open.replace(/\D/g, '').length > 15 || phones.length > mostInCell) return [];
    if (!normalisePhone(open, country).ok) continue;
    phones.push(open);
    open = '';
  }
  return open === '' ? phones : [];
}

/**
 * A Chilean mobile as files mostly have it: figures, perhaps with a space or a dash between them. The library takes it for the same
 * number, in ten times as long.
 */
const CHILEAN_MOBILE = /^(?:\+?56[ -]?)?0?(9[ -]?[2-9](?:[ -]?\d){7})$/;

/** A note behind a number that says whose it is: a relative, a neighbour or an office hears nothing of a debt. */
const OF_OTHER =
  /\b(?:hij[oa]|madre|mama|padre|papa|herman[oa]|espos[oa]|marido|mujer|conyuge|pareja|abuel[oa]|ti[oa]|sobrin[oa]|suegr[oa]|cunad[oa]|nuer[ao]|yerno|vecin[oa]|amig[oa]|aval|codeudor|recado|jef[ea]|rrhh)\b/;

/** One phone in E.164 (`+56961234567`), or why the text is none. `country` (ISO 3166) is for numbers without code. */
export function normalisePhone(text: string, country: string): Normalised<string> {
  if (text.length > MAX_PHONE_CHARACTERS) return bad('phone_invalid', { country });
  const mobile = country === 'CL' ? CHILEAN_MOBILE.exec(text)?.[1] : undefined;
  if (mobile !== undefined) {
    const national = mobile.length === 9 ? mobile : mobile.replace(/[ -]/g, '');
    return whole(`+56${national}`, national);
  }
  if (/\d[.,]?\d*\s*[eE]\s*\+?\s*\d/.test(text)) return bad('phone_scientific');
  const other = OF_OTHER.exec(unaccented(text))?.[0];
  if (other !== undefined) return bad('phone_of_other', { value: other });
  // Spreadsheets that passed through a program of ours or theirs: '961234567.0', "'961234567".
  const bare = text.replace(/^['`´]/, '').replace(/^(\+?\d{7,15})[.,]0+$/, '$1');
  if (country === 'CL' && isRut(bare)) return bad('phone_is_national_id');
  const region: CountryCode | undefined = isSupportedCountry(country) ? country : undefined;
  const digits = bare.replace(/\D/g, '');
  if (digits.length < 7) return bad(digits.length === 0 ? 'phone_invalid' : 'phone_too_short', { country });
  for (const candidate of candidates(bare, digits, country)) {
    const phone = parsePhoneNumberFromString(
      candidate,
      region === undefined ? {} : { defaultCountry: region },
    );
    // An extension would be dropped in silence, and a switchboard would be called.
    if (phone?.isValid() !== true || phone.ext !== undefined) continue;
    const taken = takenNumber(phone);
    if (taken !== undefined) return taken;
  }
  return bad(tooShort(digits, country) ? 'phone_too_short' : 'phone_invalid', { country });
}

/** '23.456.789-6': the RUT of somebody in the phone's place is, as figures, a stranger's landline. */
function isRut(text: string): boolean {
  return /^\d{1,2}(?:\.\d{3}\.\d{3}|\d{6})-[\dkK]$/.test(text) && normaliseNationalId(text, 'CL').ok;
}

/** The number if it can exist by our plan; undefined for none. */
function takenNumber({
  number,
  nationalNumber,
  countryCallingCode,
}: PhoneNumber): Normalised<string> | undefined {
  const kind = countryCallingCode === '56' ? chileanNumber(nationalNumber) : 'person';
  if (kind === 'none') return undefined;
  const notice = { code: 'phone_service', values: { phone: number } } as const;
  return kind === 'service' ? good(number, notice) : whole(number, nationalNumber);
}

const RISING = '01234567890123456789';
const FALLING = '98765432109876543210';

/** What people type where a phone is asked for and they have none: some stranger may own it. */
function whole(number: string, national: string): Normalised<string> {
  // All fillers go up or down by one, or not at all: most numbers do not, and every row of a file comes by here.
  const step = Math.abs(national.charCodeAt(2) - national.charCodeAt(1));
  if (step !== 0 && step !== 1 && step !== 9) return good(number);
  if (/^(\d)\1+$/.test(national)) return bad('phone_filler', { value: number });
  const looksSo = /^\d(\d)\1{6,}$/.test(national) || RISING.includes(national) || FALLING.includes(national);
  return looksSo ? good(number, { code: 'phone_perhaps_filler', values: { value: number } }) : good(number);
}

/**
 * Spellings to try, in order: as written, then without Chile's trunk 0. A code of another country counts only behind
 * `+` or `00`: a figure too many must not become a call to a stranger abroad.
 */
function candidates(bare: string, digits: string, country: string): readonly string[] {
  // Digits around a word are not one number: '9612 anexo 34567'.
  if (country !== 'CL' || /\p{L}/u.test(bare)) return [bare];
  const plain = digits.replace(/^0+/, '');
  // '+56 09 6123 4567': the trunk 0 that was dialled before 2016, kept behind the country code.
  return [bare, plain.replace(/^560+/, '56')];
}

function tooShort(digits: string, country: string): boolean {
  if (country !== 'CL') return digits.length < 8;
  return digits.replace(/^0+/, '').replace(/^56(?=\d{7})/, '').length < 9;
}

/** Whether an E.164 number has the calling code of a country; several countries may share one. */
export function isNumberOf(e164: string, country: string): boolean {
  return isSupportedCountry(country) && e164.startsWith(`+${getCountryCallingCode(country)}`);
}
