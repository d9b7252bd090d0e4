import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { refuse } from '../../../domain/shared/refused.ts';
import {
  phraseRefusal,
  placeholdersOf,
  refusals,
  spanishCodes,
} from '../../../domain/shared/rules/refusals.ts';
import type { Refusal } from '../../../domain/shared/rules/refusals/refusal.ts';
import { useCases } from '../../../domain/usecases/registry.ts';
import { readTree } from '../../support/boundaries.ts';

const entries: readonly (readonly [string, Refusal])[] = Object.entries(refusals);
const sources = [...readTree(fileURLToPath(new URL('../../..', import.meta.url)))].filter(
  ([file]) => !file.startsWith('test/') && !file.startsWith('domain/shared/rules/refusals'),
);

/** The text of each call, from its name to the bracket that closes it. */
function callsOf(text: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name) =>
    [...text.matchAll(new RegExp(`\\b${name}\\(`, 'g'))].map(({ index }) => {
      let depth = 0;
      let end = index;
      do {
        if (text[end] === '(') depth += 1;
        if (text[end] === ')') depth -= 1;
        end += 1;
      } while ((depth > 0 || !text.slice(index, end).includes('(')) && end < text.length);
      return text.slice(index, end);
    }),
  );
}

describe('the catalogue of refusals', () => {
  it('words each in Spanish and in English, as a sentence of its own', () => {
    for (const [code, { en, es }] of entries) {
      expect(en, code).toMatch(/^[A-Z"{st].*[.?}"…]$/s);
      expect(es, code).toMatch(/^[A-ZÁÉÍÓÚÑ"{s].*[.?}"…]$/s);
      expect(es, code).not.toBe(en);
    }
  });

  it('fills both languages from the same values, but for words that differ by language', () => {
    const shared = (text: string): readonly string[] =>
      placeholdersOf(text).filter((name) => !/^(en|es)$|(En|Es)$/.test(name));
    for (const [code, { en, es }] of entries) expect(shared(es), code).toEqual(shared(en));
  });

  it('has no entry that nothing says', () => {
    const all = sources.map(([, text]) => text).join('\n');
    // Two families are said by the kind of the signature's fault.
    const isSaid = (code: string): boolean =>
      all.includes(`'${code}'`) || /^(webhook|function)_(unsigned|forged|stale|malformed)$/.test(code);
    expect(entries.map(([code]) => code).filter((code) => !isSaid(code))).toEqual([]);
  });

  it('is the only place that words a refusal or a problem', () => {
    const own = sources
      .filter(([, text]) => /new (OperationRefused|Problem)\(/.test(text))
      .map(([file]) => file);
    expect(own.toSorted()).toEqual(['api/problems.ts', 'domain/shared/refused.ts']);
  });

  it('gets every value that its words name, wherever it is said', () => {
    const lacking: string[] = [];
    for (const [file, text] of sources) {
      for (const call of callsOf(text, ['refuse', 'problem'])) {
        for (const [code, { en, es }] of entries) {
          if (!call.includes(`'${code}'`)) continue;
          const missing = [...placeholdersOf(en), ...placeholdersOf(es)].filter(
            (name) => !new RegExp(`[{,(\\s]${name}\\b`).test(call),
          );
          if (missing.length > 0) lacking.push(`${file}: ${code} lacks ${missing.join(', ')}`);
        }
      }
    }
    expect(lacking).toEqual([]);
  });

  it('keeps a place that got no value as it is, and takes a value as it comes', () => {
    expect(phraseRefusal('phone_invalid').en).toBe('"{phone}" is no phone number.');
    expect(phraseRefusal('phone_invalid', { phone: '{phone} $& $1' }).es).toBe(
      '"{phone} $& $1" no es un teléfono.',
    );
  });
});

it('a refusal that names a field says there what it says of the whole, in both languages', () => {
  const { message, es, kind, code, errors } = refuse('policy_unknown', { key: 'x' }, { field: 'policy' });
  expect({ kind, code }).toEqual({ kind: 'unprocessable', code: 'policy_unknown' });
  expect(errors).toEqual([{ field: 'policy', message, message_es: es }]);
});

it('a code among the values is a word in Spanish: a state of an import, a use case as it is titled', () => {
  for (const { key, title } of useCases) expect(spanishCodes[key]).toBe(title.es);
  expect(phraseRefusal('import_not_stored', { state: 'reading' })).toMatchObject({
    es: 'Esta carga está en lectura: un lote se hace de una guardada.',
    en: expect.stringContaining('reading'),
  });
  // What somebody typed stays as they typed it.
  expect(phraseRefusal('pack_not_chosen', { key: 'stored' }).es).toContain('"stored"');
});
