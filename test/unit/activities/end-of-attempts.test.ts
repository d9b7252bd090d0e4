import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { mustEnd } from '../../../activities/end-of-attempts.ts';

const coded = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });

describe('the end of the attempts of an activity', () => {
  it('comes at once for input that the database can never take', () => {
    for (const code of ['22P02', '22021', '22P05']) expect(mustEnd(coded(code), 1), code).toBe(true);
  });

  it('never comes for an outage, which ends by itself', () => {
    const outages = [
      coded('57P01'),
      coded('40P01'),
      coded('53300'),
      coded('42P01'),
      coded('ECONNREFUSED'),
      new Error('Connection terminated unexpectedly'),
      new Error('timeout exceeded when trying to connect'),
      new TypeError('fetch failed'),
      Object.assign(new Error('overloaded'), { status: 503 }),
    ];
    for (const error of outages) expect(mustEnd(error, 100_000), error.message).toBe(false);
  });

  it('comes after twenty tries for a fault that no outage explains', () => {
    const faults = [
      new TypeError("Cannot read properties of null (reading 'trim')"),
      new Error('no result'),
      coded('23514'),
      'text',
    ];
    for (const error of faults) {
      expect(mustEnd(error, 19)).toBe(false);
      expect(mustEnd(error, 20)).toBe(true);
    }
  });

  it('is left to a failure that says itself whether it may be tried again', () => {
    expect(mustEnd(ApplicationFailure.retryable('later'), 1_000)).toBe(false);
  });
});
