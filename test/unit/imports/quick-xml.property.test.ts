import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDemoWorkbook } from '../../../dev/demo-data/generate.ts';
import { ImportFileError } from '../../../domain/imports/errors.ts';
import { importLimits } from '../../../domain/imports/limits.ts';
import { QuickXml } from '../../../domain/imports/quick-xml.ts';
import { XmlReader } from '../../../domain/imports/xml.ts';
import { openZip, partBytes } from '../../../domain/imports/zip.ts';
import { createTestFolder, type TestFolder } from './fixtures.ts';

const samples = resolve(import.meta.dirname, '../../../../shared/samples');
const asked = ['r', 's', 't', 'hidden', 'spans', 'a:r', 'xml:space', 'count', 'é'] as const;

let folder: TestFolder;
beforeAll(async () => {
  folder = await createTestFolder();
});
afterAll(() => folder.remove());

interface Heard {
  readonly events: readonly string[];
  readonly refusal: string | undefined;
}

type Reader = Pick<XmlReader, 'write' | 'end'>;

/** What is heard of a document, its texts in one piece; and what it is refused with. */
function hear(chunks: readonly string[], quick: boolean): Heard {
  const events: string[] = [];
  let depth = 0;
  let text = '';
  const said = (): void => {
    if (text !== '') events.push(`text ${JSON.stringify(text)}`);
    text = '';
  };
  const handler = {
    open(name: string, value: (key: string) => string | undefined) {
      said();
      depth += 1;
      events.push(`open ${name} ${JSON.stringify(asked.map((key) => value(key) ?? null))}`);
    },
    text(value: string) {
      // Outside of the root it is white space, which nobody reads.
      if (depth > 0) text += value;
    },
    close(name: string) {
      said();
      depth -= 1;
      events.push(`close ${name}`);
    },
  };
  const others = {
    text: (value: string) => handler.text(value),
    close: (name: string) => handler.close(name),
  };
  const reader: Reader = quick
    ? new QuickXml(
        { ...others, open: (name, all) => handler.open(name, (key) => all.get(key)) },
        importLimits,
      )
    : new XmlReader({ ...others, open: (name, all) => handler.open(name, (key) => all[key]) }, importLimits);
  try {
    for (const chunk of chunks) reader.write(chunk);
    reader.end();
    return { events, refusal: undefined };
  } catch (error) {
    if (!(error instanceof ImportFileError)) throw error;
    return { events, refusal: error.code };
  }
}

/** The same events, or both refuse it. */
function expectSame(chunks: readonly string[]): Heard {
  const whole = hear(chunks, false);
  const quick = hear(chunks, true);
  expect(quick.refusal, chunks.join('|')).toBe(whole.refusal);
  if (whole.refusal === undefined) expect(quick.events, chunks.join('|')).toEqual(whole.events);
  return whole;
}

function cut(text: string, places: readonly number[]): readonly string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

const name = fc.constantFrom(
  'row',
  'c',
  'v',
  'f',
  'is',
  't',
  'r',
  'x:row',
  'x:c',
  'si',
  'rPh',
  'a.b-c_1',
  'é',
  'x:',
);
const space = fc.constantFrom(' ', '  ', '\n', '\t', '\r\n', ' \r');
/** What stands in sheets, more often than what does not. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', 'Ñ', '1', ' ', '.', '漢', '\u{1f600}', '>', "'", '"'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '&amp;',
      '&lt;',
      '&gt;',
      '&quot;',
      '&apos;',
      '_x000D_',
      ']',
      ']]',
      '\n',
      '\t',
      '&#243;',
      '&#xF3;',
      '&#10;',
      '&#x1F600;',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '\r\n',
      '\r',
      ']]>',
      '&nada;',
      '&toString;',
      '&',
      '&;',
      '&#0;',
      '&#x110000;',
      '&#xFFFE;',
      '\0',
      '\u0001',
      '\ufffe',
      '\uffff',
      '\ufffd',
      '\u007f',
      '\u0085',
      '\u2028',
      '<!-- nota -->',
      '<!---->',
      '<!-- a -- b -->',
      '<![CDATA[<v>&amp;]]]>',
      '<![CDATA[]]>',
      '<?php echo ?>',
      '<?xml version="1.0"?>',
      '<!DOCTYPE a>',
      '<!ENTITY a "b">',
      '<',
      '</>',
      '< c>',
      '<1>',
    ),
  },
);
const value = fc.array(piece, { maxLength: 3 }).map((parts) => parts.join(''));
const attribute = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(' ') },
      { weight: 1, arbitrary: fc.oneof(space, fc.constant('')) },
    ),
    fc.constantFrom(...asked, 'otro', 'xmlns', 'xmlns:a'),
    fc.oneof(
      { weight: 8, arbitrary: fc.constant('=') },
      { weight: 1, arbitrary: fc.constantFrom(' =', '= ', '\n=\n', '') },
    ),
    fc.constantFrom('"', "'"),
    value,
  )
  .map(([before, key, equals, mark, content]) => {
    // The other quote stands in a value as it is.
    const inside = content.replaceAll(mark, mark === '"' ? '&quot;' : '&apos;').replaceAll('<', '&lt;');
    return `${before}${key}${equals}${mark}${inside}${mark}`;
  });
const tail = fc.oneof({ weight: 8, arbitrary: fc.constant('') }, { weight: 1, arbitrary: space });

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc
    .array(fc.oneof({ depthSize: 'small' }, value, tie('element')), { maxLength: 4 })
    .map((parts) => parts.join('')),
  element: fc
    .tuple(name, fc.uniqueArray(attribute, { maxLength: 4 }), tail, fc.boolean(), tie('content'), tail)
    .map(([tag, attributes, end, isEmpty, content, close]) =>
      isEmpty
        ? `<${tag}${attributes.join('')}${end}/>`
        : `<${tag}${attributes.join('')}${end}>${content}</${tag}${close}>`,
    ),
}));

const start = fc.constantFrom(
  '',
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n',
  '<?xml version="1.0"?>\n',
  '<?xml version="1.1"?>',
  "<?xml version='1.0'?>",
  '<?xml version="1.0" encoding="ISO-8859-1"?>',
  '\n',
  ' <?xml version="1.0"?>',
  '<!-- nota -->',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  'x',
  '<?xml version="1.0" ?>',
  '<?xml?>',
);
const end = fc.constantFrom(
  '',
  '\n',
  ' \r\n',
  '<!-- nota -->',
  '<a/>',
  'x',
  '&amp;',
  '<?fin ?>',
  ']]>',
  '</c>',
);
const document = fc
  .tuple(start, element, fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: end }))
  .map((parts) => parts.join(''));
const places = fc.array(fc.nat(), { maxLength: 6 });

/** Damage at a place: a character gone, doubled, or another one. */
const damage = fc.array(
  fc.tuple(fc.nat(), fc.constantFrom('', '<', '>', '"', '&', '/', '\0', ' ', '=', 'é', ']')),
  {
    maxLength: 3,
  },
);
function harm(text: string, harms: readonly (readonly [number, string])[]): string {
  let harmed = text;
  for (const [place, by] of harms) {
    const at = place % (harmed.length + 1);
    harmed = harmed.slice(0, at) + by + harmed.slice(at + (place % 3 === 0 ? 0 : 1));
  }
  // A decoder makes no half of a pair.
  return harmed.toWellFormed();
}

describe('the reader of large parts, beside a whole parser', () => {
  test('hears the same of any document, however it is cut, or refuses it as well', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(document, places, (text, at) => {
        seen[expectSame(cut(text, at)).refusal === undefined ? 'taken' : 'refused'] += 1;
      }),
      { numRuns: 4_000 },
    );
    // Of both kinds many: a test of nothing but refusals would pass with any reader.
    expect(seen.taken).toBeGreaterThan(500);
    expect(seen.refused).toBeGreaterThan(500);
  });

  test('hears the same of a document that was damaged', () => {
    fc.assert(
      fc.property(document, places, damage, (text, at, harms) => {
        expectSame(cut(harm(text, harms), at));
      }),
      { numRuns: 4_000 },
    );
  });

  test('hears the same of what programs wrote, whole and with bytes that were changed', async () => {
    const demo = join(folder.path, 'demo.xlsx');
    await writeDemoWorkbook(demo, { rows: 30 });
    const others = existsSync(samples) ? readdirSync(samples).filter((file) => file.endsWith('.xlsx')) : [];
    let parts = 0;
    for (const path of [demo, ...others.map((file) => join(samples, file))]) {
      const zip = await openZip(path);
      for await (const entry of zip.eachEntry()) {
        if (!/\.(?:xml|rels)$/.test(entry.fileName)) continue;
        const pieces: Buffer[] = [];
        for await (const piece of partBytes(zip, entry)) pieces.push(piece);
        const bytes = Buffer.concat(pieces).subarray(0, 40_000);
        parts += 1;
        expectSame(cut(new TextDecoder().decode(bytes), [1_000, 7_777]));
        const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
        fc.assert(
          fc.property(flips, places, (changes, at) => {
            const broken = Buffer.from(bytes);
            for (const [place, by] of changes) broken[place % broken.length] = by;
            expectSame(cut(new TextDecoder().decode(broken), at));
          }),
          { numRuns: 40 },
        );
      }
      zip.close();
    }
    expect(parts).toBeGreaterThan(8);
  });

  test.each([
    ['too deep', '<a>'.repeat(65) + '</a>'.repeat(65)],
    ['as deep as it may be', '<a>'.repeat(64) + '</a>'.repeat(64)],
    ['a document type that grows', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
    ['an entity of a file', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'],
    ['forty attributes', `<a ${Array.from({ length: 40 }, (_, index) => `b${index}="1"`).join(' ')} r="2"/>`],
    ['an attribute twice', '<c r="A1" r="A2"/>'],
    [
      'an attribute twice among forty',
      `<a ${Array.from({ length: 40 }, (_, index) => `b${index % 39}="1"`).join(' ')}/>`,
    ],
    ['the end of CDATA in a text', '<a>1]]>2</a>'],
    ['brackets in a text', '<a>1]]2]</a>'],
    ['a control character in a text', '<a>\u0001</a>'],
    ['a control character in a value', '<c r="\u0001"/>'],
    ['no character in a text', '<a>\ufffe</a>'],
    ['no character in a value', '<c r="\uffff"/>'],
    ['a tag in a value', '<c r="<"/>'],
    ['a bare ampersand', '<a>1 & 2; 3</a>'],
    ['a bare ampersand in a value', '<c r="1 & 2"/>'],
    ['entities', '<a>&lt;&amp;lt;&gt;&quot;&apos;</a>'],
    ['line ends of Windows', '<a r="1\r\n2">3\r\n4\r5</a>'],
    ['nothing between attributes', '<c r="A1"s="2"/>'],
    ['another element that is closed', '<a><b></a></b>'],
    ['what is not closed', '<a><b></b>'],
    ['two roots', '<a/><b/>'],
    ['a text behind the root', '<a/>1'],
    ['a byte order mark', '\ufeff<a/>'],
    ['nothing', ''],
    ['white space', ' \n'],
  ])('%s: as a whole parser takes it', (_, text) => {
    expectSame([text]);
    expectSame(text.split(''));
  });

  test.each([
    ['a text', (long: string) => [`<a>${long}`, '</a>']],
    ['a name', (long: string) => [`<${long}`, '/>']],
    ['a value', (long: string) => [`<a r="${long}`, '"/>']],
    ['a comment', (long: string) => [`<a><!--${long}`, '--></a>']],
    ['white space', (long: string) => [`<a>${long.replaceAll('b', ' ')}`, '</a>']],
  ])('%s is refused when it is longer than any, and read when it is as long', (_, chunksOf) => {
    const most = importLimits.maxTextRun;
    expect(hear(chunksOf('b'.repeat(most + 10)), true).refusal).toBe('text_run_too_long');
    expect(hear(chunksOf('b'.repeat(most - 20)), true).refusal).toBeUndefined();
  });
});
