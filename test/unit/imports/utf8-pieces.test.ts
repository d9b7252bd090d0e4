import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8Pieces } from '../../../domain/imports/utf8-pieces.ts';

/** Bytes of characters, of parts of characters, and of none. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', '>', '<c>', 'ñ', '漢', '\u{1f600}', '\ufeff').map((text) => Buffer.from(text)),
      fc.integer({ min: 0, max: 255 }).map((byte) => Buffer.from([byte])),
      fc
        .constantFrom(
          [0xf0, 0x9f],
          [0xe2, 0x82],
          [0xc3],
          [0xed, 0xa0, 0x80],
          [0x80, 0x80, 0x80],
          [0xef, 0xbb],
          [0xf4, 0x90],
        )
        .map((list) => Buffer.from(list)),
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.concat(parts));

test('bytes in pieces are the text that they are at once, whatever they are', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 8 }), (all, places) => {
      const ends = [...new Set(places.map((place) => place % (all.length + 1)))].sort((a, b) => a - b);
      const pieces = new Utf8Pieces('>');
      let text = '';
      let from = 0;
      for (const end of [...ends, all.length]) {
        const piece = pieces.write(all.subarray(from, end));
        // Half of a character would be read as none.
        text += piece;
        from = end;
      }
      text += pieces.end();
      expect(text).toBe(new TextDecoder().decode(all));
    }),
    { numRuns: 20_000 },
  );
});

test('a piece ends behind a tag where it has one', () => {
  const pieces = new Utf8Pieces('>');
  expect(pieces.write(Buffer.from('<a>1</a><b'))).toBe('<a>1</a>');
  expect(pieces.write(Buffer.from(' c="2'))).toBe('<b c="2');
  expect(pieces.write(Buffer.from('"/><d'))).toBe('"/>');
  expect(pieces.end()).toBe('<d');
});
