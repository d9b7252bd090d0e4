import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isListedHost } from '../../../domain/recordings/rules/hosts.ts';
import { mediaTypeOf } from '../../../domain/recordings/rules/media.ts';
import { rangeOf } from '../../../domain/recordings/rules/range.ts';
import { mostTries, retryMs } from '../../../domain/recordings/rules/retry.ts';

describe('a host of recordings', () => {
  const hosts = ['media.example.com', '*.cloudfront.net'];
  it.each([
    ['https://media.example.com/a.wav', true],
    ['https://MEDIA.example.com./a.wav', true],
    ['https://d1.cloudfront.net/a.wav', true],
    ['https://a.d1.cloudfront.net/a.wav', true],
    // Nothing is before the dot.
    ['https://cloudfront.net/a.wav', false],
    ['https://.cloudfront.net/a.wav', false],
    ['https://evilcloudfront.net/a.wav', false],
    ['https://media.example.com.evil.com/a.wav', false],
    ['https://evil.com/media.example.com', false],
    ['https://evil.com#.cloudfront.net', false],
    ['https://evil.com?a.cloudfront.net', false],
    ['https://d1.cloudfront.net@evil.com/', false],
    ['https://sub.media.example.com/', false],
    ['not an address', false],
    ['', false],
  ])('%s is listed: %s', (url, isListed) => {
    expect(isListedHost(url, hosts)).toBe(isListed);
  });

  it('none is listed in an empty list', () => {
    expect(isListedHost('https://media.example.com', [])).toBe(false);
  });
});

describe('a range', () => {
  it.each([
    [undefined, 'whole'],
    ['', 'whole'],
    ['bytes=0-', { from: 0, to: 9 }],
    ['bytes=0-0', { from: 0, to: 0 }],
    ['bytes=2-4', { from: 2, to: 4 }],
    ['bytes=2-400', { from: 2, to: 9 }],
    ['bytes=9-', { from: 9, to: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-20', 'unsatisfiable'],
    ['bytes=-3', { from: 7, to: 9 }],
    ['bytes=-300', { from: 0, to: 9 }],
    ['bytes=-0', 'unsatisfiable'],
    // Not ours to read, and no mistake to be told.
    ['bytes=4-2', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=1-2,4-5', 'whole'],
    ['items=1-2', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=99999999999999999999-', 'whole'],
  ])('"%s" of ten bytes is %j', (header, wanted) => {
    expect(rangeOf(header, 10)).toEqual(wanted);
  });

  it('is a part of the object, whatever is asked', () => {
    const number = fc.oneof(fc.constant(''), fc.nat(2_000).map(String));
    fc.assert(
      fc.property(number, number, fc.nat(1_000), (first, last, bytes) => {
        const range = rangeOf(`bytes=${first}-${last}`, bytes);
        if (typeof range === 'string') return;
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeGreaterThanOrEqual(range.from);
        expect(range.to).toBeLessThan(bytes);
      }),
    );
  });
});

it('a recording is served as what it is, and a page is none', () => {
  expect(
    ['audio/x-wav', 'AUDIO/WAV; codecs=1', 'audio/mpeg', 'binary/octet-stream'].map(mediaTypeOf),
  ).toEqual(['audio/wav', 'audio/wav', 'audio/mpeg', 'audio/wav']);
  expect([null, '', 'text/html', 'application/xml', 'toString', 'audio/wavx'].map(mediaTypeOf)).toEqual(
    Array.from({ length: 6 }),
  );
});

it('retries come at growing pauses that never grow past three hours, for longer than a link lives', () => {
  const pauses = Array.from({ length: mostTries }, (_, index) => retryMs(index + 1));
  expect(pauses[0]).toBe(60_000);
  expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses);
  expect(Math.max(...pauses)).toBe(3 * 3_600_000);
  expect(pauses.reduce((sum, one) => sum + one)).toBeGreaterThan(26 * 3_600_000);
  expect(retryMs(10_000)).toBe(3 * 3_600_000);
});
