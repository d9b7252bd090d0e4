import { unaccented } from '../../../shared/rules/plain-text.ts';

/** One word, number or sign of what was said. */
export interface Token {
  /** Lower case, without accents: 'Miércoles' and 'miercoles' are one word. */
  readonly text: string;
  readonly kind: 'word' | 'number' | 'iso' | 'date' | 'clock' | 'sign';
  /** A comma, a point or their like stands before it. */
  readonly pause: boolean;
}

/** Nobody says a day and an hour in more: what is longer is a speech, and is asked back. */
export const mostCharacters = 300;

const pieces =
  /(\d{4}-\d{2}-\d{2})(?!\d)|(\d{1,2}[/-]\d{1,2}(?:[/-]\d{4})?)(?![\d/-])|(\d{1,2}:\d{2}(?::00)?|\d{1,2}[.h]\d{2})(?!\d|[.:]\d)|(\d+)|([a-z]+)|(\S)/g;
const pauses = ',;.:!?…-–—';
const silent = '¡¿"\'«»“”‘’()°ºª';

/** Said anywhere and meaning nothing: a sentence with one of them means what it means without. */
export const fillers = `
  por favor, porfavor, porfa, porfis, ya, oiga, oye, mire, mira, muchas gracias, gracias, eh, em,
  mmm, bueno, ok, okey, okay, dale, listo, perfecto, po, pues, nomas, senorita, senor, senora,
  caballero, joven
`;
const fillerPhrases = phrasesOf(fillers);

/** The words of a sentence without its fillers; undefined when it is too long to be one about a day. Linear in its length. */
export function tokensOf(said: string): readonly Token[] | undefined {
  if (said.length > mostCharacters) return undefined;
  const plain = unaccented(said)
    // '2027-03-09T10:00' is a day and an hour.
    .replace(/(\d{4}-\d{2}-\d{2})t(?=\d{2}:\d{2})/g, '$1 ')
    // 'p. m.' is one word, and its points are no pauses.
    .replace(/\b([ap])\s?\.\s?m\b\.?/g, ' $1m ');
  if (plain.length > 2 * mostCharacters) return undefined;
  const tokens: Token[] = [];
  let pause = false;
  for (const [text, iso, date, clock, number, word, sign] of plain.matchAll(pieces)) {
    if (sign !== undefined && pauses.includes(sign)) pause = true;
    if (sign !== undefined && (pauses.includes(sign) || silent.includes(sign))) continue;
    tokens.push({ text, kind: kindOf({ iso, date, clock, number, word }), pause });
    pause = false;
  }
  return withoutFillers(tokens);
}

function kindOf(found: Readonly<Record<'iso' | 'date' | 'clock' | 'number' | 'word', string | undefined>>) {
  if (found.iso !== undefined) return 'iso';
  if (found.date !== undefined) return 'date';
  if (found.clock !== undefined) return 'clock';
  if (found.number !== undefined) return 'number';
  return found.word === undefined ? 'sign' : 'word';
}

/** Also a filler within another: 'por, oiga, favor'. Each word is looked at with the one before it, and once. */
function withoutFillers(tokens: readonly Token[]): readonly Token[] {
  const kept: Token[] = [];
  let pause = false;
  for (const token of tokens) {
    // A pause that stood before a filler stands before what follows it.
    kept.push({ ...token, pause: token.pause || pause });
    pause = false;
    const length = [2, 1].find((many) => phraseAt(fillerPhrases, kept, kept.length - many) === many) ?? 0;
    if (length === 0) continue;
    pause = kept.splice(-length).some((filler) => filler.pause);
  }
  return kept;
}

/** Phrases by their first word, the longest first: no word is looked at more often than a phrase is long. */
export type Phrases = ReadonlyMap<string, readonly (readonly string[])[]>;

/** 'por favor, gracias' as phrases. */
export function phrasesOf(list: string): Phrases {
  const found = new Map<string, (readonly string[])[]>();
  for (const phrase of list.split(',')) {
    const words = phrase.trim().split(/\s+/);
    const [first = ''] = words;
    found.set(
      first,
      [...(found.get(first) ?? []), words].sort((one, other) => other.length - one.length),
    );
  }
  return found;
}

/** How many words from there on are one of the phrases; 0: none. */
export function phraseAt(phrases: Phrases, tokens: readonly Token[], at: number): number {
  const known = phrases.get(tokens[at]?.text ?? '') ?? [];
  const found = known.find((words) => words.every((word, offset) => tokens[at + offset]?.text === word));
  return found?.length ?? 0;
}
