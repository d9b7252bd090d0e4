import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escape } from '../../../domain/shared/rules/markdown.ts';

it('a name of a file is text in the report: no column, picture, link or tag', () => {
  expect(escape('Ana | Soto')).toBe('Ana \\| Soto');
  expect(escape('Ana\r\nSoto')).toBe('Ana Soto');
  expect(escape('![x](https://malo.invalid/y.png)')).toBe('!\\[x\\](https&#58;//malo.invalid/y.png)');
  expect(escape('<img src=x onerror=alert(1)>')).toBe('&lt;img src=x onerror=alert(1)&gt;');
  expect(escape('**Pedro** `rm`')).toBe('\\*\\*Pedro\\*\\* \\`rm\\`');
  expect(escape('a\\|b')).toBe('a\\\\\\|b');
  expect(escape('www.malo.invalid ana@ejemplo.cl')).toBe('www&#46;malo.invalid ana&#64;ejemplo.cl');
  expect(escape('03-08 09:00 María José Núñez (12.345)')).toBe('03-08 09:00 María José Núñez (12.345)');
});

it('whatever a cell holds, no mark that Markdown reads within a line stands without a backslash', () => {
  const marks = fc.string({ unit: fc.constantFrom(...Array.from('\\`*_[]()!|~<>&@:/\n\rwWa1. ')) });
  fc.assert(
    fc.property(marks, (text) => {
      const bare = escape(text)
        // A space for each: what stood apart must not come together.
        .replace(/\\[\\`*_[\]|~]/g, ' ')
        .replace(/&(?:amp|lt|gt|#\d+);/g, ' ');
      expect(bare).not.toMatch(/[\\`*_[\]|~<>&@\n\r]|:\/\/|www\./i);
    }),
  );
});
