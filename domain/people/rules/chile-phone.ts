/**
 * Chile's numbering plan as far as it tells which numbers can exist (Subtel: Plan Técnico Fundamental de Numeración,
 * nine figures since 2016): a mobile is 9[2-9] and seven figures, a landline an area and the rest, 44 is telephony by IP.
 */
const AREAS: ReadonlySet<string> = new Set(
  '32 33 34 35 41 42 43 44 45 51 52 53 55 57 58 61 63 64 65 67 71 72 73 75'.split(' '),
);

/** Of a company's own line, which its customers call and nobody is reached on. */
const SERVICE = /^(?:600\d{7}|8(?:00|09)\d{6})$/;

export type ChileanNumber = 'person' | 'service' | 'none';

/** What a national number (without 56) can be. */
export function chileanNumber(national: string): ChileanNumber {
  if (/^9[2-9]\d{7}$/.test(national)) return 'person';
  if (SERVICE.test(national)) return 'service';
  if (!/^\d{9}$/.test(national)) return 'none';
  return national.startsWith('2') || AREAS.has(national.slice(0, 2)) ? 'person' : 'none';
}
