// The small metadata and a rule of our own: the full one refuses mobiles that exist (+56 9 9114 3553), because
// prefixes are handed out faster than it is updated, and the small one takes any nine digits.
import {
  type CountryCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber,
} from 'libphonenumber-js/min';
import { textWithin, type RawCell } from '../../imports/rules/cells.ts';
import { bad, good, type Normalised } from './result.ts';

/** Five phones in one cell with words between them. */
const MAX_PHONE_CHARACTERS = 200;

/** Phones of one cell in E.164, in the order written, each once; at least one when ok. */
export function normalisePhones(cell: RawCell, country: string): Normalised<readonly string[]> {
  const text = textWithin(cell, MAX_PHONE_CHARACTERS);
  const single = normalisePhone(text, country);
  if (single.ok) return good([single.value]);
  // '9 6123 4567 / 9 7123 4567': taken apart only when every part is a phone by itself.
  const parts = text.split(/\s*(?:[/;|,]|\sy\s|\so\s|\s-\s)\s*/i).filter((part) => part !== '');
  if (parts.length < 2 || parts.length > 5) return single;
  const phones: string[] = [];
  for (const part of parts) {
    const one = normalisePhone(part, country);
    if (!one.ok) return single;
    phones.push(one.value);
  }
  return good([...new Set(phones)]);
}

/**
 * A Chilean mobile as files mostly have it: figures, perhaps with a space or a dash between them. The library takes it for the same
 * number, in ten times as long.
 */
const CHILEAN_MOBILE = /^(?:\+?56[ -]?)?0?(9[ -]?[2-9](?:[ -]?\d){7})$/;

/** One phone in E.164 (`+56961234567`), or why the text is none. `country` (ISO 3166) is for numbers without code. */
export function normalisePhone(text: string, country: string): Normalised<string> {
  if (text.length > MAX_PHONE_CHARACTERS) return bad('phone_invalid', { country });
  const mobile = country === 'CL' ? CHILEAN_MOBILE.exec(text)?.[1] : undefined;
  if (mobile !== undefined) return good(`+56${mobile.length === 9 ? mobile : mobile.replace(/[ -]/g, '')}`);
  if (/\d[.,]?\d*\s*[eE]\s*\+?\s*\d/.test(text)) return bad('phone_scientific');
  // Spreadsheets that passed through a program of ours or theirs: '961234567.0', "'961234567".
  const bare = text.replace(/^['`´]/, '').replace(/[.,]0+$/, '');
  const region: CountryCode | undefined = isSupportedCountry(country) ? country : undefined;
  const digits = bare.replace(/\D/g, '');
  if (digits.length < 7) return bad(digits.length === 0 ? 'phone_invalid' : 'phone_too_short', { country });
  for (const candidate of candidates(bare, digits, country)) {
    const phone = parsePhoneNumberFromString(
      candidate,
      region === undefined ? {} : { defaultCountry: region },
    );
    // An extension would be dropped in silence, and a switchboard would be called.
    if (phone?.ext === undefined && exists(phone)) return good(phone.number);
  }
  return bad(tooShort(digits, country) ? 'phone_too_short' : 'phone_invalid', { country });
}

/** Valid by the library's plan, and for Chile by ours: a mobile is 9[2-9] and seven figures. */
function exists(phone: PhoneNumber | undefined): phone is PhoneNumber {
  if (phone?.isValid() !== true) return false;
  const national = phone.nationalNumber;
  return phone.countryCallingCode !== '56' || !national.startsWith('9') || /^9[2-9]\d{7}$/.test(national);
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
