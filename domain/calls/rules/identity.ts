import { numberAt } from '../../contacts/rules/spoken-time/numbers.ts';
import { phraseAt, phrasesOf, type Token, tokensOf } from '../../contacts/rules/spoken-time/words.ts';

/** Fewer digits than this are guessed too easily. */
const fewestDigits = 4;

/** `unclear`: a word that is no digit, or digits that could be two numbers: asked again, and no wrong answer. */
export type IdentityCheck = 'match' | 'mismatch' | 'too_few' | 'unclear';

/**
 * Whether what a person said are the last digits of their national id: with or without the check digit, since people
 * say either, and in figures or in words. `nationalId` is in its canonical spelling, '12345678-5'.
 */
export function checkLastDigits(nationalId: string, said: string): IdentityCheck {
  const digits = digitsOf(said.trim());
  if (digits === undefined) return 'unclear';
  if (digits.length < fewestDigits) return 'too_few';
  const [body = ''] = nationalId.split('-');
  return [bare(nationalId), bare(body)].some((whole) => whole.endsWith(digits)) ? 'match' : 'mismatch';
}

function bare(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, '');
}

/** What people say around their digits. */
const around = phrasesOf(`
  termina en, terminado en, terminada en, terminan en, los ultimos son, los ultimos cuatro son,
  los ultimos digitos son, los ultimos cuatro digitos son, los digitos son, los numeros son, son, son el, es, es el,
  mi rut es, mi rut termina en, el rut es, el rut termina en, rut, digito verificador, guion, raya, si
`);
/** The check digit that is a letter. */
const letterK = phrasesOf('k, ka');

function digitsOf(said: string): string | undefined {
  // In one piece it is as it was typed, letters and all.
  if (!/\s/.test(said) && /\d/.test(said)) return /^[\w.–-]+$/.test(said) ? bare(said) : undefined;
  const tokens = tokensOf(said.replace(/(?<=\d)[.–-](?=[\dkK])/g, ''));
  return tokens === undefined ? undefined : spokenDigits(tokens);
}

function spokenDigits(tokens: readonly Token[]): string | undefined {
  let digits = '';
  for (let at = 0; at < tokens.length;) {
    const figures = tokens[at]?.kind === 'number' ? tokens[at]?.text : undefined;
    const number = figures === undefined ? numberAt(tokens, at) : { digits: figures, value: 0, next: at + 1 };
    const isK = phraseAt(letterK, tokens, at) > 0;
    if (number === undefined && !isK) {
      const aside = phraseAt(around, tokens, at);
      if (aside === 0) return undefined;
      at += aside;
      continue;
    }
    // 'veinte tres' is said of 203 and of 23.
    const unit = number !== undefined && isRound(number.value) ? numberAt(tokens, number.next) : undefined;
    if (unit !== undefined && unit.value >= 1 && unit.value <= 9) return undefined;
    digits += number?.digits ?? 'K';
    at = number?.next ?? at + 1;
  }
  return digits;
}

function isRound(value: number): boolean {
  return value >= 20 && value % 10 === 0;
}
