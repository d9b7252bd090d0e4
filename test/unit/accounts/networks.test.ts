import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWithin, readNetwork } from '../../../domain/accounts/networks.ts';

describe('networks of a key', () => {
  it.each([
    '203.0.113.0/24',
    '203.0.113.7',
    '203.0.113.7/32',
    '10.0.0.0/8',
    '2001:db8::/32',
    '::1',
    '2001:db8:0:1::',
  ])('%s is one', (text) => {
    expect(readNetwork(text)).toBeDefined();
  });

  it.each([
    '10.0.0.7/8',
    '0.0.0.0/0',
    '::/0',
    '203.0.113.0/33',
    '2001:db8::1/32',
    '203.0.113',
    '203.0.113.0/',
    'oficina',
    '',
    '1.2.3.4/8/8',
  ])('%s is none, or lets others in by a slip', (text) => {
    expect(readNetwork(text)).toBeUndefined();
  });

  it('an IPv4 address is within exactly the networks whose first bits it has', () => {
    const v4 = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
    const number = (parts: readonly number[]): bigint => parts.reduce((sum, n) => sum * 256n + BigInt(n), 0n);
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 1, max: 32 }), fc.boolean(), (one, other, prefix, near) => {
        const size = 1n << BigInt(32 - prefix);
        const first = (number(one) / size) * size;
        const text = [24n, 16n, 8n, 0n].map((shift) => String((first >> shift) & 255n)).join('.');
        // Half of the time an address that is near: two at random are hardly ever in one network.
        const asked = near ? [one[0], one[1], one[2], other[3]] : other;
        const inside = number(asked) / size === number(one) / size;
        expect(isWithin([`${text}/${prefix}`], asked.join('.'))).toBe(inside);
        expect(isWithin([`${text}/${prefix}`], `::ffff:${asked.join('.')}`)).toBe(inside);
      }),
    );
  });

  it('an IPv6 address in any spelling; nobody whose address is not known', () => {
    expect(isWithin(['2001:db8::/32'], '2001:0db8:0:0::5')).toBe(true);
    expect(isWithin(['2001:db8::/32'], '2001:db9::5')).toBe(false);
    expect(isWithin(['2001:db8::/32', '10.0.0.0/8'], '10.9.9.9')).toBe(true);
    expect(isWithin(['10.0.0.0/8'], '')).toBe(false);
    expect(isWithin([], '10.0.0.1')).toBe(false);
  });
});
