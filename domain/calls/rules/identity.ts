/** Fewer digits than this are guessed too easily. */
const fewestDigits = 4;

export type IdentityCheck = 'match' | 'mismatch' | 'too_few';

/**
 * Whether what a person said are the last digits of their national id: with or without the check digit, since people
 * say either. `nationalId` is in its canonical spelling, '12345678-5'.
 */
export function checkLastDigits(nationalId: string, said: string): IdentityCheck {
  const digits = bare(said);
  if (digits.length < fewestDigits) return 'too_few';
  const [body = ''] = nationalId.split('-');
  return [bare(nationalId), bare(body)].some((whole) => whole.endsWith(digits)) ? 'match' : 'mismatch';
}

function bare(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}
