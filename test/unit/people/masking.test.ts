import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskName, maskNationalId, maskPhone } from '../../../domain/people/rules/masking.ts';

describe('what whoever sees figures only is shown of a person', () => {
  it('first letters, the last two characters of an id, the country and end of a phone', () => {
    expect(maskName('María  de la González')).toBe('M••• d••• l••• G•••');
    expect(maskNationalId('12.345.678-5')).toBe('•••8-5');
    expect(maskNationalId('12345678-K')).toBe('•••8-K');
    expect(maskPhone('+56961234321')).toBe('+56•••21');
    expect(maskPhone('abc')).toBe('•••');
  });

  it('never more than two letters or figures of a part, however long it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'grapheme' }), (text) => {
        for (const part of maskName(text).split(' ').filter(Boolean)) {
          expect(part.length).toBeLessThanOrEqual(5);
        }
        expect(maskNationalId(text).length).toBeLessThanOrEqual(6);
        expect(maskPhone(text).length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
