import { describe, expect, it } from 'vitest';
import { blockedInWords, stopInWords } from '../../../domain/policy/rules/gate.ts';
import { limitInWords } from '../../../domain/policy/rules/limits.ts';
import { rulePacks } from '../../../domain/policy/rules/packs/index.ts';
import { policies } from '../../../domain/policy/rules/policy.ts';
import { REFUSAL_REASONS } from '../../../domain/policy/rules/refusal.ts';
import { reasonInWords, reasonLabels, ruleInSpanish } from '../../../domain/policy/rules/rule-words.ts';
import { packInWords, policyInWords } from '../../../domain/policy/rules/rules-in-words.ts';
import { readTree } from '../../support/boundaries.ts';

describe('a rule as a row keeps it', () => {
  it('is read in Spanish, for every limit of every pack that ships', () => {
    for (const pack of rulePacks) {
      for (const limit of [...pack.limits, ...(pack.overlays ?? []).flatMap((overlay) => overlay.limits)]) {
        const { rule, es } = limitInWords(limit);
        expect(ruleInSpanish(`${pack.key}@${pack.version}: ${rule}`)).toBe(es);
      }
      const silence = `${pack.key}@${pack.version}: ${pack.coolDown.days} days of silence after a human answered`;
      expect(ruleInSpanish(silence)).toBe(
        `${pack.coolDown.days} días de silencio después de que alguien contestó`,
      );
    }
    for (const [rule, es] of [...Object.values(stopInWords), blockedInWords])
      expect(ruleInSpanish(rule)).toBe(es);
    expect(['holiday', 'weekday', 'hours'].map(ruleInSpanish)).toEqual([
      'feriado',
      'día de la semana en que no se permite llamar',
      'fuera de horario',
    ]);
    expect(ruleInSpanish('cl-collection-waves@3: caller id must start with +56600 or +56809')).toBe(
      'el número de origen debe comenzar con +56600 o +56809',
    );
    expect(ruleInSpanish('cl-collection-waves@3: 4 h between two calls')).toBe('4 h entre llamadas');
    expect(ruleInSpanish('the agreement is kept')).toBe('el acuerdo ya no está vigente');
  });

  it('is worded here for every sentence that the code writes into a refusal', () => {
    const tree = readTree(new URL('../../..', import.meta.url).pathname);
    // A text behind a reason, in what writes refusals: `('line_lost', '…')`, `rule: '…'`, `['no_line', '…']`.
    const sentence = /(?:rule(?:: | = )|(?:'|")[a-z_]+(?:'|"),\s+)'([a-z]+ [a-z][^']{8,})'/g;
    const written = [...tree]
      .filter(([file]) =>
        /^(activities\/contact|domain\/calls\/(clear|recover)|domain\/messages\/clear|domain\/contacts\/restart|domain\/policy\/rules\/(message-)?gate)/.test(
          file,
        ),
      )
      .flatMap(([, text]) => [...text.matchAll(sentence)].map(([, found = '']) => found));
    expect(written.length).toBeGreaterThan(12);
    const isSpanish = (rule: string): boolean => /[áéíóúñ]|^(?:una?|el|la|solo|máximo|ningún) /.test(rule);
    expect(written.filter((rule) => !isSpanish(rule) && ruleInSpanish(rule) === rule)).toEqual([]);
  });
});

it('every reason has words, and a code of another release is shown as it is', () => {
  expect(Object.keys(reasonLabels).toSorted()).toEqual([...REFUSAL_REASONS].toSorted());
  for (const reason of REFUSAL_REASONS) expect(reasonInWords(reason)).not.toMatch(/_|\b(?:the|batch|line)\b/);
  expect(reasonInWords('of_tomorrow')).toBe('of_tomorrow');
});

it('packs and policies are told in words from what they say', () => {
  for (const pack of rulePacks) expect(packInWords(pack).es).not.toMatch(/\bolas?\b|_/);
  const told = Object.fromEntries(
    policies.map((policy) => [`${policy.key}@${policy.version}`, policyInWords(policy).es]),
  );
  expect(told).toMatchObject({
    'collection-waves@1': 'tandas de las 09:00, 12:00 y 15:00, a lo más 9 llamadas por persona',
    'ladder@1':
      'a cualquier hora permitida, y si nadie contesta otra vez a los 60 min, a lo más 3 llamadas por persona',
    'demo@2': 'una tanda cada 1 min, a lo más 3 llamadas por persona',
  });
});
