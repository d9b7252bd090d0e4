import { bad, good, type Normalised } from './result.ts';

/** What people write before the number: 'C.C. 1.020.304.050', 'DNI N° 01234567'. */
const KIND_OF_ID =
  /^(?:D\.? ?N\.? ?I|C\.? ?[CEI]|T\.? ?I|R\.? ?U\.? ?C|N\.? ?I\.? ?T|N\.? ?U\.? ?I\.? ?P|CU[IL][TL]|CEDULA|CED|CÉDULA|DOCUMENTO|DOC|DUI|SSN|ID)[ .:#-]*(?:N[°º.]|NRO\.?|NO\.)?[ .:#-]*(?=\d)/;

/** Figures that an id of a country has, of which a spreadsheet takes the zeros at its start. */
const FIGURES: Readonly<Record<string, number>> = { PE: 8, EC: 10 };
/** Zeros that can have gone: a DNI of five figures is none. */
const mostZeros = 2;
/** The last four figures of an id are many people's. */
const fewestCharacters = 5;

/**
 * An id of another country than Chile, in one spelling: without the name of its kind, points and spaces, in upper
 * case, and with the zeros that its country's have. Peru: DNI of 8 figures; Ecuador: cédula of 10; Colombia: figures.
 */
export function foreignId(text: string, country: string): Normalised<string> {
  const upper = text.toUpperCase().trim().replace(KIND_OF_ID, '');
  // '1020304050.0' is a number that went through a program: its zero is no figure of the id.
  const bare = upper.replace(/^(\d{5,})[.,]0$/, '$1').replace(/[^0-9A-Z]/g, '');
  if (!/^[0-9A-Z]{4,20}$/.test(bare) || !/\d/.test(bare)) return bad('national_id_malformed');
  if (bare.length < fewestCharacters) return bad('national_id_masked');
  const whole = FIGURES[country];
  if (whole !== undefined && /^\d+$/.test(bare) && bare.length < whole && bare.length >= whole - mostZeros) {
    const value = bare.padStart(whole, '0');
    return good(value, { code: 'national_id_padded', values: { value } });
  }
  return /^(\d)\1+$/.test(bare)
    ? good(bare, { code: 'national_id_placeholder', values: { value: bare } })
    : good(bare);
}
