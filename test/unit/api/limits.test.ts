import { describe, expect, it } from 'vitest';
import { clientAddress, createBuckets } from '../../../api/limits.ts';

describe('a bucket', () => {
  it('holds so many seconds of its rate, is refilled at it, and says how long until there is one', () => {
    let nowMs = 0;
    const buckets = createBuckets(2, 3, () => nowMs);
    for (let i = 0; i < 6; i += 1) expect(buckets.take('a')).toBeUndefined();
    expect(buckets.take('a')).toBe(500);
    expect(buckets.take('b')).toBeUndefined();
    nowMs += 400;
    expect(buckets.take('a')).toBe(100);
    nowMs += 100;
    expect(buckets.take('a')).toBeUndefined();
    expect(buckets.take('a')).toBe(500);
    buckets.giveBack('a');
    expect(buckets.take('a')).toBeUndefined();
    expect(buckets.take('a')).toBe(500);
    nowMs += 3_600_000;
    for (let i = 0; i < 6; i += 1) expect(buckets.take('a')).toBeUndefined();
    expect(buckets.take('a')).toBe(500);
    // A clock that was set back gives nothing, and takes nothing.
    nowMs -= 1_800_000;
    expect(buckets.take('a')).toBe(500);
  });

  it('is never empty at rate 0, and is forgotten before names fill the memory', () => {
    const free = createBuckets(0, 3, () => 0);
    for (let i = 0; i < 1_000; i += 1) expect(free.take('a')).toBeUndefined();
    const buckets = createBuckets(1, 1, () => 0);
    expect([buckets.take('a'), buckets.take('a')]).toEqual([undefined, 1_000]);
    for (let i = 0; i < 10_000; i += 1) buckets.take(`other ${i}`);
    expect(buckets.take('a')).toBeUndefined();
  });
});

describe('the client', () => {
  it('is the peer, or whom our own proxies name; what a client writes in front of them counts for nothing', () => {
    expect(clientAddress('10.0.0.1', '1.1.1.1', 0)).toBe('10.0.0.1');
    expect(clientAddress('10.0.0.1', '6.6.6.6, 1.1.1.1', 1)).toBe('1.1.1.1');
    expect(clientAddress('10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', 2)).toBe('1.1.1.1');
    expect(clientAddress('10.0.0.1', undefined, 1)).toBe('10.0.0.1');
    expect(clientAddress('10.0.0.1', 'x, no address', 1)).toBe('10.0.0.1');
  });
});
