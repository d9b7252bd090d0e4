import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listReaders, noReaders } from '../support/reader-list.ts';
import type { Reader } from '../support/reader.ts';
import { readers } from '../support/readers.ts';

/** Text as somebody writes who wants to do harm, or whose program is broken: each is repeated to the longest that is let in. */
const shapes: Readonly<Record<string, string>> = {
  zeros: '0',
  nines: '9',
  letters: 'a',
  spaces: ' ',
  tabs: '\t',
  'line breaks': '\r\n',
  'a digit and a space': '1 ',
  'a letter and a space': 'a ',
  'a digit and a point': '1.',
  'groups of three': '.123',
  'a digit and a dash': '1-',
  'a comma and a zero': ',0',
  dots: '.',
  dashes: '-',
  slashes: '/',
  backslashes: '\\',
  signs: '+-',
  quotes: '"',
  'pairs of quotes': '""a"',
  'quotes and commas': '",',
  semicolons: ';',
  parameters: '; filename="a',
  parentheses: '((',
  brackets: '[{',
  placeholders: '{{a',
  'spaces in braces': '{{ ',
  bars: '|',
  formulas: ';=A1',
  tags: '<a ',
  ampersands: '&amp',
  addresses: 'a@a.',
  ats: '@',
  'web addresses': 'http://a.',
  'a phone after another': '+56 9 6123 4567 / ',
  times: 'a las 3 y media ',
  spans: 'en 20 minutos y ',
  weekdays: 'el lunes ',
  tomorrows: 'de la mañana mañana ',
  dates: '2027-03-08T',
  accents: 'é',
  'combining marks': 'e\u0301\u0302',
  'marks alone': '\u0301',
  pairs: '\u{1F600}',
  'half pairs': '\ud800',
  'half pairs turned': '\udc00\ud800',
  'right to left': '\u202eא',
  invisible: '\u200b\u00ad',
  'arabic digits': '٣',
  'wide digits': '１',
  'one that becomes eighteen': '\ufdfa',
  'a capital that becomes two': 'İ',
  NULs: '\0',
};

/** So that a pattern that hopes for an end finds none, and one that hopes for a start begins everywhere. */
const ends = ['', '!', '\n', 'x@'] as const;

function textOf(shape: string, end: string, length: number): string {
  return shape.repeat(Math.ceil(length / shape.length)).slice(0, Math.max(0, length - end.length)) + end;
}

async function readOnce(reader: Reader, text: string): Promise<void> {
  try {
    await reader.read(text);
  } catch (error) {
    if (reader.mayThrow?.(error) !== true) throw error;
  }
}

/** Of the processor's time, the least of some runs: what else the machine does is not in it. */
async function costMs(reader: Reader, text: string, runs: number): Promise<number> {
  let least = Infinity;
  for (let index = 0; index < runs; index += 1) {
    const before = process.cpuUsage();
    await readOnce(reader, text);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

const boundMs = 50;
/** A pattern that takes the square of its text takes four times as long for twice of it. */
const linearFactor = 3.2;

describe('readers of text', () => {
  it('are all in the table: a new one is measured, or says why not', () => {
    const known = [...Object.keys(readers), ...Object.values(noReaders).flat()];
    expect(listReaders().filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !listReaders().includes(name))).toEqual([]);
  });

  it('answer whatever is written, with their own errors at most', async () => {
    const unit = fc.constantFrom(...Object.values(shapes), '5', 'K', 'z', '·');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit, maxLength: 40 }), fc.string({ unit: 'binary' })),
        async (text) => {
          for (const reader of Object.values(readers)) await readOnce(reader, text);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('read the longest that any door lets in within 50 ms of the processor, whatever it is made of', async () => {
    let slowest = { ms: 0, name: '', shape: '' };
    const late: string[] = [];
    for (const [name, reader] of Object.entries(readers)) {
      for (const [shape, unit] of Object.entries(shapes)) {
        for (const end of ends) {
          const text = textOf(unit, end, reader.most);
          let ms = await costMs(reader, text, 1);
          if (ms > slowest.ms || ms > boundMs) ms = await costMs(reader, text, 5);
          if (ms > slowest.ms) slowest = { ms, name, shape };
          if (ms <= boundMs) continue;
          // A slow machine makes everything slow; only what grows faster than its text is a door for harm.
          const half = await costMs(reader, textOf(unit, end, Math.floor(reader.most / 2)), 5);
          late.push(`${name}: ${shape}${end}: ${ms} ms, of half ${half} ms`);
          expect(ms / half, late.at(-1)).toBeLessThan(linearFactor);
        }
      }
    }
    console.log(
      `slowest reader: ${slowest.ms.toFixed(1)} ms of the processor, ${slowest.name} (${slowest.shape})`,
    );
    if (late.length > 0) console.log(`linear, and over ${boundMs} ms here: ${late.join('; ')}`);
  }, 300_000);
});
