import { describe, expect, it } from 'vitest';
import type { BookedAttempt, Books } from '../../../dev/chaos/books.ts';
import { chargeOf, type Evidence, judge, mostAtOnce } from '../../../dev/chaos/judge.ts';
import type { Call, Post } from '../../../dev/chaos/witness.ts';

const noonMs = Date.parse('2026-11-23T15:00:00Z');
const phone = (nth: number): string => `+5696100${nth}00`;

function call(
  nth: number,
  change: Partial<Call> & { readonly startMs?: number; readonly endMs?: number } = {},
): Call {
  const { startMs = nth * 10_000, endMs = startMs + 6_000, ...rest } = change;
  return {
    callId: `call-${nth}`,
    attemptId: `attempt-${nth}`,
    outcome: 'promise',
    placedAtMs: noonMs + startMs,
    final: true,
    call: {
      to_number: phone(nth),
      start_timestamp: noonMs + startMs + 1_000,
      end_timestamp: noonMs + endMs,
      call_cost: { total_duration_seconds: 5 },
    },
    ...rest,
  };
}

const to = (one: Call, number: string): Call => ({ ...one, call: { ...one.call, to_number: number } });
const unanswered = (one: Call): Call => ({
  ...one,
  outcome: 'no_answer',
  call: { to_number: one.call.to_number, end_timestamp: one.call.end_timestamp },
});

function postOf(one: Call, seq = 1): Post {
  return { seq, arrivedAtMs: one.placedAtMs, attemptId: one.attemptId, placed: true, answer: 201 };
}

function attemptOf(one: Call): BookedAttempt {
  return {
    id: one.attemptId ?? '',
    contactId: 'contact',
    callState: 'ended',
    providerCallId: one.callId,
    chargedMicros: chargeOf(one),
    ends: 1,
    posts: 1,
    trueUps: 0,
    wasUnknown: false,
  };
}

function evidence(calls: readonly Call[], change: Partial<Books> = {}, posts?: readonly Post[]): Evidence {
  const cost = calls.reduce((sum, one) => sum + chargeOf(one), 0n);
  const phones = [...new Set(calls.map((one) => one.call.to_number))];
  return {
    record: { calls, posts: posts ?? calls.map((one, index) => postOf(one, index + 1)) },
    books: {
      batches: [{ id: 'batch', state: 'finished' }],
      contacts: phones.map((one) => ({
        id: one,
        phone: one,
        state: 'closed',
        outcome: 'completed',
        waitingFor: '',
      })),
      attempts: calls.map(attemptOf),
      refusals: {},
      openLeases: [],
      pendingHolds: [],
      undelivered: 0,
      ledger: {
        toppedUp: 1_000_000n,
        available: 1_000_000n - cost,
        held: 0n,
        consumed: cost,
        difference: 0n,
      },
      ...change,
    },
    audit: { clean: true, invariants: [], accounts: 1, heads: [] },
    lines: 20,
    reachedShare: 0.9,
    answeredShare: 0.6,
    isAtRest: true,
  };
}

const kindsOf = (one: Evidence): readonly string[] => [...new Set(judge(one).map(({ kind }) => kind))];
const calls = [call(1), call(2), call(3)];

describe('the judge of a run', () => {
  it('finds nothing in a run in which everything was right', () => {
    expect(judge(evidence(calls))).toEqual([]);
  });

  it('finds a second POST of one attempt, also when only one of them rang', () => {
    const posts = [
      ...calls.map((one, index) => postOf(one, index + 1)),
      { ...postOf(call(1), 9), placed: false },
    ];
    expect(judge(evidence(calls, {}, posts))).toMatchObject([{ kind: 'double_dial', subject: 'attempt-1' }]);
  });

  it('finds a second call of one attempt', () => {
    const second = { ...to(call(4), phone(1)), attemptId: 'attempt-1' };
    expect(kindsOf(evidence([...calls, second]))).toContain('double_dial');
  });

  it('finds two calls to one person at the same time, but not one after the other', () => {
    const first = unanswered(call(1, { startMs: 0, endMs: 5_000 }));
    const during = to(call(2, { startMs: 4_999 }), phone(1));
    const after = to(call(2, { startMs: 5_000 }), phone(1));
    expect(kindsOf(evidence([first, during]))).toEqual(['calls_at_once']);
    expect(kindsOf(evidence([first, after]))).toEqual([]);
  });

  it('takes a call that never ended for one that is still under way', () => {
    const endless: Call = { ...call(1), call: { to_number: phone(1) } };
    const found = kindsOf(evidence([endless, to(call(2), phone(1))]));
    expect(found).toContain('calls_at_once');
  });

  it('finds a fourth call to one person on one day of theirs, and lets the next day begin anew', () => {
    const four = [1, 2, 3, 4].map((nth) => to(unanswered(call(nth)), phone(1)));
    expect(kindsOf({ ...evidence(four), answeredShare: 0 })).toEqual(['too_many_a_day']);
    const nextDay = four.map((one, index) => (index < 3 ? one : shifted(one, 86_400_000)));
    expect(kindsOf({ ...evidence(nextDay), answeredShare: 0 })).toEqual([]);
  });

  it('finds a call to somebody who had answered', () => {
    const again = to(call(2), phone(1));
    expect(kindsOf(evidence([call(1), again]))).toEqual(['called_after_answer']);
  });

  it('finds more calls at once than there are lines', () => {
    const together = [1, 2, 3].map((nth) => call(nth, { startMs: nth, endMs: 10_000 }));
    expect(mostAtOnce(together)).toBe(3);
    expect(kindsOf({ ...evidence(together), lines: 2 })).toEqual(['lines_overshot']);
    expect(kindsOf({ ...evidence(together), lines: 3 })).toEqual([]);
  });

  it('finds a call that no attempt explains, and an attempt with a call that never was', () => {
    const attempts = calls.map(attemptOf);
    expect(kindsOf(evidence(calls, { attempts: attempts.slice(1) }))).toEqual(['unknown_call']);
    const invented = { ...attemptOf(call(9)), chargedMicros: 0n };
    expect(kindsOf(evidence(calls, { attempts: [...attempts, invented] }))).toEqual(['unknown_call']);
  });

  it.each([
    ['that its attempt does not know', { providerCallId: null }],
    ['that runs on in our rows', { callState: 'placed' }],
    ['that was not charged', { chargedMicros: null }],
    ['that was charged a micro too much', { chargedMicros: chargeOf(call(1)) + 1n }],
  ])('finds a call %s', (_, change) => {
    const [first, ...others] = calls.map(attemptOf);
    const attempts = [{ ...first, ...change } as BookedAttempt, ...others];
    expect(kindsOf(evidence(calls, { attempts }))).toEqual(['not_settled']);
  });

  it.each([{ ends: 2 }, { posts: 2 }])('finds a call that was settled twice: %o', (change) => {
    const attempts = calls.map((one) => ({ ...attemptOf(one), ...change }));
    expect(kindsOf(evidence(calls, { attempts }))).toEqual(['settled_twice']);
  });

  it('finds what was left lying: a line, a hold, a contact, a batch, a signal', () => {
    const left = (change: Partial<Books>): readonly string[] => kindsOf(evidence(calls, change));
    expect(left({ openLeases: [{ id: 'lease', attemptId: null }] })).toEqual(['leaked_line']);
    expect(left({ pendingHolds: [{ id: 'hold' }] })).toEqual(['leaked_hold']);
    expect(left({ batches: [{ id: 'batch', state: 'running' }] })).toEqual(['open_contact']);
    expect(left({ undelivered: 1 })).toEqual(['undelivered']);
    const contacts = evidence(calls).books.contacts.map((one) => ({ ...one, state: 'calling' }));
    expect(left({ contacts })).toEqual(['open_contact']);
  });

  it('holds calls that still run against nobody, and the contact that waits for them against the run', () => {
    const contacts = evidence(calls).books.contacts.map((one) => ({ ...one, state: 'calling' }));
    const running = evidence(calls, {
      contacts,
      attempts: [],
      openLeases: [{ id: 'lease', attemptId: null }],
    });
    expect(kindsOf({ ...running, isAtRest: false })).toEqual(['open_contact']);
  });

  it('finds every micro by which the ledger and the provider’s seconds differ', () => {
    const { ledger } = evidence(calls).books;
    for (const kind of ['available', 'held', 'consumed', 'difference'] as const) {
      const wrong = { ...ledger, [kind]: ledger[kind] + 1n };
      expect(kindsOf(evidence(calls, { ledger: wrong })), kind).toEqual(['ledger_difference']);
    }
  });

  it('fails a run that broke no rule because it called nobody', () => {
    const idle = evidence([], {
      contacts: [{ id: 'k', phone: phone(1), state: 'closed', outcome: 'exhausted', waitingFor: '' }],
    });
    expect(kindsOf(idle)).toEqual(['nothing_done']);
  });

  it('fails a run in which everybody was called and nobody was reached', () => {
    expect(kindsOf(evidence(calls.map(unanswered)))).toEqual(['nothing_done']);
  });

  it('repeats what the audit found, and what it could not compare', () => {
    const invariant = { statement_es: '', statement_en: '', checked: 1, breaches: [] };
    const invariants = [
      { ...invariant, name: 'broken', breachCount: 2, compared: true },
      { ...invariant, name: 'blind', breachCount: 0, compared: false },
      { ...invariant, name: 'well', breachCount: 0, compared: true },
    ];
    const found = judge({ ...evidence(calls), audit: { clean: false, invariants, accounts: 1, heads: [] } });
    expect(found.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['audit', 'broken'],
      ['audit', 'blind'],
    ]);
  });
});

function shifted(one: Call, byMs: number): Call {
  const { end_timestamp: endedAtMs = 0 } = one.call;
  return {
    ...one,
    placedAtMs: one.placedAtMs + byMs,
    call: { ...one.call, end_timestamp: endedAtMs + byMs },
  };
}
