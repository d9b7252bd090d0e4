/**
 * What must hold after any run, whatever went wrong in it. Pure: the provider's record, our rows and the audit in, what is
 * wrong out. The record comes first: it does not know what we believe.
 */
import type { AuditReport } from '../../audit/types.ts';
import { answersInTheEnd, callsPerDay, rateMicrosPerMinute } from './batch.ts';
import type { Books } from './books.ts';
import type { Call, WitnessRecord } from './witness.ts';

export type FindingKind =
  | 'double_dial'
  | 'calls_at_once'
  | 'too_many_a_day'
  | 'called_after_answer'
  | 'lines_overshot'
  | 'unknown_call'
  | 'not_settled'
  | 'settled_twice'
  | 'leaked_line'
  | 'leaked_hold'
  | 'open_contact'
  | 'ledger_difference'
  | 'undelivered'
  | 'nothing_done'
  | 'slow_recovery'
  | 'not_quiet'
  | 'audit';

export interface Finding {
  readonly kind: FindingKind;
  /** An id, never a name or a number. */
  readonly subject: string;
  readonly detail: string;
}

export interface Evidence {
  readonly record: WitnessRecord;
  readonly books: Books;
  readonly audit: AuditReport;
  readonly lines: number;
  /** Of the contacts, how many must have been reached by a call, and of those who answer in the end, by an answered one. */
  readonly reachedShare: number;
  readonly answeredShare: number;
  /** Every contact has closed and nothing rings: only then can rows and record be told to differ. */
  readonly isAtRest: boolean;
}

export function judge(evidence: Evidence): readonly Finding[] {
  const { record, books } = evidence;
  return [
    ...doubleDials(record),
    ...callsAtOnce(record.calls),
    ...overshoot(record.calls, evidence.lines),
    ...perDay(record.calls),
    ...afterAnswer(record.calls),
    ...(evidence.isAtRest ? atRest(evidence) : notFinished(books)),
    ...workDone(evidence),
    ...audited(evidence.audit),
  ];
}

function atRest({ record, books }: Evidence): readonly Finding[] {
  return [
    ...settledOnce(record.calls, books),
    ...notFinished(books),
    ...leaks(books),
    ...ledgerDifferences(record.calls, books),
  ];
}

function doubleDials({ posts, calls }: WitnessRecord): readonly Finding[] {
  const postsOf = Map.groupBy(posts, ({ attemptId, seq }) => attemptId ?? `POST ${seq}`);
  const callsOf = Map.groupBy(calls, ({ attemptId, callId }) => attemptId ?? callId);
  return [
    ...[...postsOf].flatMap(([attempt, list]) =>
      list.length > 1 ? [found('double_dial', attempt, `${list.length} POSTs for one attempt`)] : [],
    ),
    ...[...callsOf].flatMap(([attempt, list]) =>
      list.length > 1 ? [found('double_dial', attempt, `${list.length} calls for one attempt`)] : [],
    ),
  ];
}

/** Two calls to one person that ring or speak at the same time. */
function callsAtOnce(calls: readonly Call[]): readonly Finding[] {
  return byPerson(calls).flatMap(([, own]) =>
    own.flatMap((call, index) => {
      const before = own[index - 1];
      return before !== undefined && call.placedAtMs < endOf(before)
        ? [found('calls_at_once', call.callId, `placed while ${before.callId} was under way`)]
        : [];
    }),
  );
}

/** Most calls under way at once, at the instant of each call's beginning. An end and a beginning of one ms are no overlap. */
export function mostAtOnce(calls: readonly Call[]): number {
  const steps = calls
    .flatMap((call) => [
      { atMs: call.placedAtMs, step: 1 },
      { atMs: endOf(call), step: -1 },
    ])
    .toSorted((a, b) => a.atMs - b.atMs || a.step - b.step);
  let running = 0;
  let most = 0;
  for (const { step } of steps) {
    running += step;
    most = Math.max(most, running);
  }
  return most;
}

function overshoot(calls: readonly Call[], lines: number): readonly Finding[] {
  const most = mostAtOnce(calls);
  return most > lines ? [found('lines_overshot', 'lines', `${most} calls at once on ${lines} lines`)] : [];
}

/** By the record alone: what rang at one person on one day of Chile's. A run is shorter than a day, and may cross one. */
function perDay(calls: readonly Call[]): readonly Finding[] {
  return byPerson(calls).flatMap(([, own]) =>
    [...Map.groupBy(own, ({ placedAtMs }) => dayInChile(placedAtMs))].flatMap(([day, list]) =>
      list.length > callsPerDay
        ? [
            found(
              'too_many_a_day',
              list[0]?.call.metadata?.contact_id ?? '',
              `${list.length} calls on ${day}`,
            ),
          ]
        : [],
    ),
  );
}

const chileanDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Santiago' });

function dayInChile(atMs: number): string {
  return chileanDay.format(atMs);
}

/** Whoever has answered is left in peace: the days of silence, and nothing to call about any more. */
function afterAnswer(calls: readonly Call[]): readonly Finding[] {
  return byPerson(calls).flatMap(([, own]) => {
    const answered = own.findIndex(isAnswered);
    return answered === -1
      ? []
      : own
          .slice(answered + 1)
          .map((call) => found('called_after_answer', call.callId, `after ${own[answered]?.callId ?? ''}`));
  });
}

function isAnswered({ outcome, call }: Call): boolean {
  return call.start_timestamp !== undefined && ['promise', 'no_promise'].includes(outcome);
}

function settledOnce(calls: readonly Call[], { attempts }: Books): readonly Finding[] {
  const attemptOf = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const placed = new Set(calls.map(({ callId }) => callId));
  return [
    ...calls.flatMap((call) => {
      const attempt = attemptOf.get(call.attemptId ?? '');
      if (attempt === undefined) return [found('unknown_call', call.callId, 'no attempt of ours')];
      if (attempt.providerCallId !== call.callId) {
        return [
          found('not_settled', call.callId, `its attempt knows ${attempt.providerCallId ?? 'no call'}`),
        ];
      }
      const wanted = chargeOf(call);
      if (attempt.callState !== 'ended' || attempt.chargedMicros !== wanted) {
        const is = `${attempt.callState}, charged ${attempt.chargedMicros ?? 'nothing'} of ${wanted}`;
        return [found('not_settled', call.callId, is)];
      }
      return attempt.ends > 1 || attempt.posts > 1
        ? [found('settled_twice', call.callId, `${attempt.ends} ends, hold posted ${attempt.posts} times`)]
        : [];
    }),
    ...attempts.flatMap(({ id, providerCallId }) =>
      providerCallId !== null && !placed.has(providerCallId)
        ? [found('unknown_call', id, 'the provider has no such call')]
        : [],
    ),
  ];
}

/** What a call costs its account: by the provider's seconds, begun ones whole, in micro-USD rounded up. */
export function chargeOf({ call }: Call): bigint {
  const seconds = BigInt(Math.ceil(call.call_cost?.total_duration_seconds ?? 0));
  return (seconds * rateMicrosPerMinute + 59n) / 60n;
}

function notFinished({ batches, contacts }: Books): readonly Finding[] {
  return [
    ...contacts
      .filter(({ state }) => state !== 'closed')
      .map(({ id, state, waitingFor }) => found('open_contact', id, `${state}: ${waitingFor}`)),
    ...batches
      .filter(({ state }) => state !== 'finished')
      .map(({ id, state }) => found('open_contact', id, `the batch is ${state}`)),
  ];
}

function leaks({ openLeases, pendingHolds, undelivered }: Books): readonly Finding[] {
  return [
    ...openLeases.map(({ id, attemptId }) => found('leaked_line', id, `attempt ${attemptId ?? 'none'}`)),
    ...pendingHolds.map(({ id }) => found('leaked_hold', id, 'neither posted nor given back')),
    ...(undelivered > 0 ? [found('undelivered', 'outbox', `${undelivered} signals`)] : []),
  ];
}

function ledgerDifferences(calls: readonly Call[], { ledger }: Books): readonly Finding[] {
  const { toppedUp, available, held, consumed, difference } = ledger;
  const cost = calls.reduce((sum, call) => sum + chargeOf(call), 0n);
  const unequal = (what: string, is: bigint, wanted: bigint): readonly Finding[] =>
    is === wanted ? [] : [found('ledger_difference', what, `${is} micro-USD instead of ${wanted}`)];
  return [
    ...unequal('sum of all transactions', difference, 0n),
    ...unequal('held', held, 0n),
    ...unequal("consumed, by the provider's seconds", consumed, cost),
    ...unequal('available', available, toppedUp - cost),
  ];
}

/** A run in which nobody was called breaks no rule. */
function workDone({ record, books, reachedShare, answeredShare }: Evidence): readonly Finding[] {
  const rang = new Set(record.calls.map(({ call }) => call.to_number));
  const answered = new Set(record.calls.filter(isAnswered).map(({ call }) => call.to_number));
  const phones = books.contacts.map(({ phone }) => phone);
  const answering = phones.filter(answersInTheEnd);
  const short = (what: string, has: number, of: number, share: number): readonly Finding[] =>
    has >= of * share && of > 0 ? [] : [found('nothing_done', what, `${has} of ${of}, at least ${share}`)];
  return [
    ...short(
      'contacts with a call',
      phones.filter((one) => rang.has(one)).length,
      phones.length,
      reachedShare,
    ),
    ...short(
      'people who answered, of those who would',
      answering.filter((one) => answered.has(one)).length,
      answering.length,
      answeredShare,
    ),
  ];
}

function audited({ invariants }: AuditReport): readonly Finding[] {
  return invariants.flatMap(({ name, breachCount, breaches, compared }) => {
    if (!compared) return [found('audit', name, 'was not compared')];
    const [first] = breaches;
    return breachCount === 0
      ? []
      : [found('audit', name, `${breachCount} breaches; ${first?.subject ?? ''}: ${first?.detail ?? ''}`)];
  });
}

function byPerson(calls: readonly Call[]): readonly (readonly [string, readonly Call[]])[] {
  const groups = Map.groupBy(calls, ({ call }) => call.to_number);
  return [...groups].map(([person, own]) => [person, own.toSorted((a, b) => a.placedAtMs - b.placedAtMs)]);
}

function endOf({ call }: Call): number {
  return call.end_timestamp ?? Infinity;
}

function found(kind: FindingKind, subject: string, detail: string): Finding {
  return { kind, subject, detail };
}
