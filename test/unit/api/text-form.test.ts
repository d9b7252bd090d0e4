import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textForm, textSchema } from '../../../api/schemas.ts';

const most = 12;
const { minLength, maxLength, pattern } = textForm(most);
/** As a validator of JSON schema judges the text that was sent. */
const fits = (text: string): boolean => {
  const { length } = Array.from(text);
  return length >= minLength && length <= maxLength && new RegExp(pattern, 'u').test(text);
};
const isTaken = (text: string): boolean => textSchema(most).safeParse(text).success;

const letters = fc.constantFrom(
  'a',
  'é',
  ' ',
  '\t',
  '\n',
  '\r',
  '\v',
  '\0',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2003',
  '\u2028',
  '\u202f',
  '\u3000',
  '\ufeff',
  '\u200b',
  '🦔',
);

it('what the document says of a text is what is taken: more than blanks, and no control character inside', () => {
  fc.assert(
    fc.property(fc.string({ unit: letters, maxLength: most + 3 }), (text) => {
      expect(fits(text)).toBe(isTaken(text));
    }),
    { numRuns: 5_000 },
  );
  for (const text of ['', ' ', '\n\t', '\u00a0', 'a\nb', 'a\0', '\u0085a']) expect(fits(text)).toBe(false);
  for (const text of ['a', ' a b ', '\na\n', 'a\r\n', '\u3000a\ufeff']) expect(fits(text)).toBe(true);
});
