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

test('texts that hardly differ are told apart: by a last character, their length, a zero, the half of a pair', () => {
  const seen = new Fingerprints();
  const texts = [''];
  for (let length = 1; length < 300; length += 1) {
    const text = 'a'.repeat(length);
    texts.push(
      text,
      `${text.slice(1)}b`,
      `b${text.slice(1)}`,
      '\0'.repeat(length),
      `${text}\ud800`,
      `${text}\udc00`,
    );
  }
  const distinct = new Set(texts);
  for (const text of distinct) expect(seen.put(text, 1)).toBeUndefined();
  for (const text of distinct) expect(seen.put(text, 2)).toBe(1);
  expect(seen.size).toBe(distinct.size);
});

test('a hundred thousand rows that differ in one figure are as many, under any key', () => {
  for (let repeat = 0; repeat < 3; repeat += 1) {
    const seen = new Fingerprints();
    for (let index = 0; index < 100_000; index += 1) seen.put(`${10_000_000 + index}-5 Persona +569`, index);
    expect(seen.size).toBe(100_000);
  }
});
