import type { Token } from './words.ts';

const words = `
  cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis
  diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco
  veintiseis veintisiete veintiocho veintinueve
`
  .trim()
  .split(/\s+/);
const values: ReadonlyMap<string, number> = new Map([
  ...words.map((word, value): [string, number] => [word, value]),
  ['un', 1],
  ['una', 1],
  ['veintiun', 21],
  ['veintiuna', 21],
  ['treinta', 30],
  ['cuarenta', 40],
  ['cincuenta', 50],
  ['sesenta', 60],
  ['setenta', 70],
  ['ochenta', 80],
  ['noventa', 90],
]);

export interface SpokenNumber {
  readonly value: number;
  /** As it would be typed: '30', '05'. */
  readonly digits: string;
  readonly next: number;
}

/** A number there, in figures or in words: '15', 'quince', 'treinta y cinco'. */
export function numberAt(tokens: readonly Token[], at: number): SpokenNumber | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  if (token.kind === 'number') {
    return token.text.length > 4
      ? undefined
      : { value: Number(token.text), digits: token.text, next: at + 1 };
  }
  const value = values.get(token.text);
  if (value === undefined) return undefined;
  const unit = values.get(tokens[at + 2]?.text ?? '');
  const isTens = value >= 30 && tokens[at + 1]?.text === 'y' && unit !== undefined && unit >= 1 && unit <= 9;
  const whole = isTens ? value + unit : value;
  return { value: whole, digits: String(whole), next: isTens ? at + 3 : at + 1 };
}

/** Numbers one after the other, without a pause: 'uno nueve treinta'. */
export function numbersAt(tokens: readonly Token[], at: number): readonly SpokenNumber[] {
  const run: SpokenNumber[] = [];
  let next = at;
  // Five are none of a day or an hour, and the sixth is not looked for.
  while (run.length < 5) {
    const number = run.length > 0 && tokens[next]?.pause === true ? undefined : numberAt(tokens, next);
    if (number === undefined) break;
    run.push(number);
    next = number.next;
  }
  return run;
}
