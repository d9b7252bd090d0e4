import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normaliseRetellCall } from '../../../channels/retell/call.ts';
import { storableJson, storableStart, storableText } from '../../../domain/shared/rules/storable.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'ñ', '\0', '\0\0\0', '\u{1f600}', '\ud800', '\udc00', '\ufffd'),
  maxLength: 24,
});
/** As it is defined: all of it first. */
const whole = (all: string): string => all.toWellFormed().replaceAll('\0', '');

test('a storable text has no NUL and no half of a pair, and its start is the start of the whole', () => {
  fc.assert(
    fc.property(text, fc.nat(20), (all, longest) => {
      expect(storableText(all)).toBe(whole(all));
      const start = whole(all).slice(0, longest);
      // What was half of a pair by the cut alone is made whole.
      expect(storableStart(all, longest)).toBe(start.toWellFormed());
    }),
    { numRuns: 5_000 },
  );
});

test('a text of JSON is cut where the whole would be, not through a character', () => {
  fc.assert(
    fc.property(text, fc.nat(20), (all, longest) => {
      const kept = whole(all);
      const cut = kept.length <= longest ? kept : kept.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
      expect(storableJson({ [all]: [all] }, { longestText: longest })).toEqual(
        Object.fromEntries([[cut, [cut]]]),
      );
    }),
    { numRuns: 5_000 },
  );
});

test('an id of a call counts without its NULs; a longer one is none; a reason is cut', () => {
  const call = (id: string) => ({ call_id: 'c', from_number: id, disconnection_reason: id });
  const most = 'x\0'.repeat(200);
  expect(normaliseRetellCall(call(most))).toMatchObject({
    fromNumber: 'x'.repeat(200),
    disconnectionReason: 'x'.repeat(200),
  });
  expect(normaliseRetellCall(call(`${most}y`))).toMatchObject({ disconnectionReason: 'x'.repeat(200) });
  expect(normaliseRetellCall(call(`${most}y`)).fromNumber).toBeUndefined();
  expect(normaliseRetellCall(call('\0')).fromNumber).toBe('');
});
