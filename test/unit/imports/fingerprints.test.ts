import { expect, test } from 'vitest';
import { Fingerprints } from '../../../domain/imports/fingerprints.ts';

test('says of every text what a map says, while it grows', () => {
  const seen = new Fingerprints();
  const known = new Map<string, number>();
  let wrong = 0;
  for (let index = 0; index < 20_000; index += 1) {
    // Each third text was there before, now and then long before.
    const text = `fila ${index % 3 === 2 ? Math.floor(index / 7) : index}`;
    if (seen.put(text, index) !== known.get(text)) wrong += 1;
    if (!known.has(text)) known.set(text, index);
  }
  expect(wrong).toBe(0);
  expect(seen.size).toBe(known.size);
  expect(seen.size).toBeLessThan(20_000);
});

test('keeps the number 0 and the greatest one', () => {
  const seen = new Fingerprints();
  expect(seen.put('a', 0)).toBeUndefined();
  expect(seen.put('b', 2 ** 32 - 2)).toBeUndefined();
  expect(seen.put('a', 5)).toBe(0);
  expect(seen.put('b', 5)).toBe(2 ** 32 - 2);
});
