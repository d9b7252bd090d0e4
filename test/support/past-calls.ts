import { type ContactHistory, noHistory, type PastCall } from '../../domain/policy/rules/history.ts';

/** A call that rang and that nobody answered. */
const unanswered: PastCall = {
  atMs: 0,
  endedAtMs: 0,
  samePerson: true,
  samePhone: true,
  rang: true,
  human: false,
  declined: false,
  voicemail: false,
};

export interface Dialled {
  /** Calls to the person on another phone. */
  readonly person?: number;
  /** Other people's calls to the phone. */
  readonly phone?: number;
  readonly both?: number;
}

/** So many unanswered calls a minute before an instant. */
export function dialledBefore(atMs: number, { person = 0, phone = 0, both = 0 }: Dialled): ContactHistory {
  const at = { ...unanswered, atMs: atMs - 60_000, endedAtMs: atMs - 30_000 };
  const repeat = (count: number, more: Partial<PastCall>): readonly PastCall[] =>
    Array.from({ length: count }, () => ({ ...at, ...more }));
  return {
    ...noHistory,
    calls: [
      ...repeat(both, {}),
      ...repeat(person, { samePhone: false }),
      ...repeat(phone, { samePerson: false }),
    ],
  };
}

/** One call, which a human answered and which ended at this instant. */
export function answeredAt(endedAtMs: number): ContactHistory {
  return { ...noHistory, calls: [{ ...unanswered, atMs: endedAtMs - 30_000, endedAtMs, human: true }] };
}
