import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createWaitingHints, type Hint, parseHint } from '../../../domain/shared/rules/hints.ts';

const one: Hint = { type: 'contact.changed', accountId: randomUUID(), subject: randomUUID() };
const other: Hint = { ...one, type: 'batch.changed' };

describe('hints that wait', () => {
  it('are told at once, and the same again only when its time is over, once for however many', () => {
    const hints = createWaitingHints(1_000);
    for (let times = 0; times < 5; times += 1) hints.add(one);
    hints.add(other);
    expect(hints.dueInMs(0)).toBe(0);
    expect(hints.take(0)).toEqual([one, other]);
    expect(hints.take(0)).toEqual([]);
    expect(hints.dueInMs(0)).toBeUndefined();
    hints.add(one);
    hints.add(one);
    expect({ due: hints.take(400), inMs: hints.dueInMs(400) }).toEqual({ due: [], inMs: 600 });
    expect(hints.take(1_000)).toEqual([one]);
  });

  it('that could not be told are due again at once', () => {
    const hints = createWaitingHints(1_000);
    hints.add(one);
    hints.putBack(hints.take(5));
    expect(hints.take(6)).toEqual([one]);
  });

  it('are not held by a clock that went back', () => {
    const hints = createWaitingHints(1_000);
    hints.add(one);
    hints.take(1_000_000);
    hints.add(one);
    expect(hints.dueInMs(10)).toBe(0);
    expect(hints.take(10)).toEqual([one]);
  });
});

describe('what is announced', () => {
  it('is read whole or not at all: anybody who may speak to the database may say anything', () => {
    const { accountId, subject } = one;
    expect(parseHint(`contact.changed ${accountId} ${subject}`)).toEqual(one);
    for (const text of [
      '',
      'reset',
      `reset ${accountId} ${subject}`,
      `contact.opened ${accountId} ${subject}`,
      `contact.changed ${accountId}`,
      `contact.changed ${accountId} ${subject} x`,
      `contact.changed ${accountId} 12345678-5`,
      `contact.changed ${accountId} ${subject}\nx`,
    ])
      expect(parseHint(text), text).toBeUndefined();
  });
});
