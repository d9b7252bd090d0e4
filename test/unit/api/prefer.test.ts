import { describe, expect, it } from 'vitest';
import { waitMsOf } from '../../../api/prefer.ts';

describe('how long an upload waits', () => {
  it.each([
    [undefined, 10],
    ['', 10],
    ['wait=0', 0],
    ['wait=7', 7],
    ['WAIT = 7 ; because="a, wait=9"', 7],
    ['wait="7"', 7],
    ['wait=60', 60],
    // More than we do is as much as we do.
    ['wait=61', 60],
    [`wait=${'9'.repeat(400)}`, 60],
    ['respond-async', 0],
    ['Respond-Async; x', 0],
    // RFC 7240, 4.3: asynchronously, if it is not there in ten seconds.
    ['respond-async, wait=12', 12],
    ['wait=12, respond-async', 12],
    // The first of two counts.
    ['wait=3, wait=5', 3],
    ['return=minimal,, wait=4', 4],
  ])('%j: %d s', (prefer, seconds) => {
    expect(waitMsOf(prefer)).toBe(seconds * 1_000);
  });

  it.each([
    '0',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait="1',
    'wait=x',
    'waiting=3',
    'foo="wait=3',
    ',;=="\\',
  ])('%j is ignored', (prefer) => {
    expect(waitMsOf(prefer)).toBe(10_000);
    // And what is unreadable takes nothing from what stands before it.
    expect(waitMsOf(`respond-async, ${prefer}`)).toBe(0);
  });

  it('in quotes a comma is none', () => {
    expect(waitMsOf('foo="a, wait=3, \\", wait=4", wait=5')).toBe(5_000);
  });
});
