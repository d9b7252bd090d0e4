import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gate, type GateFacts, gateBreaches } from '../../../domain/policy/rules/gate.ts';
import { type ContactHistory, noHistory, type PastCall } from '../../../domain/policy/rules/history.ts';
import { dialsPerDayOf, limitBreaches } from '../../../domain/policy/rules/limits.ts';
import type { Limit, RulePack } from '../../../domain/policy/rules/pack.ts';
import { clCollectionStrict } from '../../../domain/policy/rules/packs/cl-collection-strict.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { coCollection } from '../../../domain/policy/rules/packs/co-collection.ts';
import { usRegfCollection } from '../../../domain/policy/rules/packs/us-regf-collection.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zone = 'America/Santiago';
/** Wednesday 10 March 2027, 12:00 in Santiago. */
const noonMs = Date.parse('2027-03-10T15:00:00Z');
const mondayMs = Date.parse('2027-03-08T03:00:00Z');
const nextMondayMs = mondayMs + 7 * dayMs;

const silentCall: PastCall = {
  atMs: noonMs - dayMs,
  endedAtMs: noonMs - dayMs + 30_000,
  samePerson: true,
  samePhone: true,
  rang: true,
  human: false,
  declined: false,
  voicemail: false,
};
const callAt = (atMs: number, more: Partial<PastCall> = {}): PastCall => ({
  ...silentCall,
  atMs,
  endedAtMs: atMs + 30_000,
  ...more,
});
const calls = (...list: readonly PastCall[]): ContactHistory => ({ ...noHistory, calls: list });

const fine: GateFacts = {
  atMs: noonMs,
  latestDialMs: noonMs,
  pack: clCollectionStrict,
  zones: [zone],
  callsPerDay: 9,
  history: noHistory,
  doNotCall: false,
  blocked: false,
  stop: null,
  phoneInvalid: false,
  onCall: false,
  requestedByPerson: false,
  callerId: '+566001234567',
  simulatedPool: false,
};
const verdictOf = (facts: Partial<GateFacts>) => gate({ ...fine, ...facts });
const reasonOf = (facts: Partial<GateFacts>) => {
  const verdict = verdictOf(facts);
  return verdict.allowed ? 'allowed' : verdict.reason;
};
const withLimit = (limit: Limit): RulePack => ({
  ...clCollectionStrict,
  limits: [limit],
  coolDown: { days: 0, otherChannelsInWeek: false },
});

describe('a limit of a week', () => {
  const weekly = withLimit({
    channel: 'phone',
    countOn: 'attempt',
    max: 2,
    per: { kind: 'calendar_week' },
    scope: 'person',
  });

  it('counts from Monday 00:00 of the person, and lets go at the next one', () => {
    const history = calls(callAt(mondayMs), callAt(noonMs - dayMs));
    expect(verdictOf({ pack: weekly, history })).toMatchObject({
      reason: 'weekly_limit',
      rule: 'cl-collection-strict@2: 2 a week to one person',
      notBeforeMs: nextMondayMs,
    });
    const before = calls(callAt(mondayMs - 1), callAt(noonMs - dayMs));
    expect(reasonOf({ pack: weekly, history: before })).toBe('allowed');
  });

  it('counts by the week of each zone, not by that of the machine', () => {
    // Sunday evening in Santiago is Monday in UTC.
    const history = calls(callAt(mondayMs - hourMs), callAt(noonMs));
    expect(reasonOf({ pack: weekly, history })).toBe('allowed');
    expect(reasonOf({ pack: weekly, history, zones: ['America/Santiago', 'UTC'] })).toBe('allowed');
    expect(reasonOf({ pack: weekly, history, zones: ['UTC'] })).toBe('weekly_limit');
  });

  it('does not count other people behind the same phone, unless it is a limit of the phone', () => {
    const history = calls(callAt(mondayMs, { samePerson: false }), callAt(noonMs - dayMs));
    expect(reasonOf({ pack: weekly, history })).toBe('allowed');
    const [limit] = weekly.limits;
    if (limit === undefined) throw new Error('no limit');
    const ofPhone = withLimit({ ...limit, scope: 'phone' });
    expect(reasonOf({ pack: ofPhone, history })).toBe('weekly_limit');
    const otherPhone = calls(callAt(mondayMs, { samePhone: false }), callAt(noonMs - dayMs));
    expect(reasonOf({ pack: ofPhone, history: otherPhone })).toBe('allowed');
  });
});

describe('a limit of rolling days', () => {
  const atMs = Date.parse('2027-03-10T17:00:00Z');
  const facts = { pack: usRegfCollection, zones: ['America/Chicago'] as const, atMs, latestDialMs: atMs };
  const seven = (lastMs: number) =>
    Array.from({ length: 7 }, (_, index) => callAt(lastMs - index * 12 * hourMs));

  it('of the United States allows the seventh call in seven days, and not the eighth', () => {
    expect(reasonOf({ ...facts, history: calls(...seven(atMs - hourMs).slice(1)) })).toBe('allowed');
    expect(reasonOf({ ...facts, history: calls(...seven(atMs - hourMs)) })).toBe('rolling_limit');
  });

  it('lets go to the millisecond when the oldest one leaves the period', () => {
    const oldestMs = atMs - 7 * dayMs;
    const history = (firstMs: number) => calls(callAt(firstMs), ...seven(atMs - hourMs).slice(1));
    expect(reasonOf({ ...facts, history: history(oldestMs) })).toBe('allowed');
    expect(verdictOf({ ...facts, history: history(oldestMs + 1) })).toMatchObject({
      reason: 'rolling_limit',
      notBeforeMs: atMs + 1,
    });
  });

  it('is lifted for a call that the person asked for', () => {
    const history = calls(...seven(atMs - hourMs));
    expect(reasonOf({ ...facts, history, requestedByPerson: true })).toBe('allowed');
  });
});

describe('a gap', () => {
  const gapped = withLimit({
    channel: 'phone',
    countOn: 'ring',
    max: 99,
    per: { kind: 'day' },
    minGapMs: 3 * hourMs,
    scope: 'person',
  });

  it('is kept to the millisecond after the last call that rang', () => {
    expect(reasonOf({ pack: gapped, history: calls(callAt(noonMs - 3 * hourMs)) })).toBe('allowed');
    expect(verdictOf({ pack: gapped, history: calls(callAt(noonMs - 3 * hourMs + 1)) })).toMatchObject({
      reason: 'gap',
      rule: 'cl-collection-strict@2: 3 h between two calls',
      notBeforeMs: noonMs + 1,
    });
  });

  it('counts a call whose ring is not known, and not one that did not ring', () => {
    const recently = noonMs - hourMs;
    expect(reasonOf({ pack: gapped, history: calls(callAt(recently, { rang: false })) })).toBe('allowed');
    expect(reasonOf({ pack: gapped, history: calls(callAt(recently, { rang: null })) })).toBe('gap');
  });
});

describe('what counts as answered by a human', () => {
  const monday = mondayMs + 12 * hourMs;
  const answeredBy = (more: Partial<PastCall>) =>
    reasonOf({
      history: calls(callAt(monday, more)),
      pack: { ...clCollectionStrict, coolDown: { days: 0, otherChannelsInWeek: false } },
    });

  it('under the strict pack is also a machine, a call pushed away, and one that is not known', () => {
    expect(answeredBy({})).toBe('allowed');
    expect(answeredBy({ human: true })).toBe('weekly_limit');
    expect(answeredBy({ voicemail: true })).toBe('weekly_limit');
    expect(answeredBy({ declined: true })).toBe('weekly_limit');
    expect(answeredBy({ human: null })).toBe('weekly_limit');
  });

  it('does not keep a call from the person who asked for it, in the same week', () => {
    const history = calls(callAt(monday, { human: true }));
    expect(reasonOf({ history })).toBe('cool_down');
    expect(reasonOf({ history, requestedByPerson: true })).toBe('allowed');
    const twice = calls(...history.calls, callAt(noonMs - hourMs, { human: true }));
    // It is counted: a second one of the same day is one too many.
    expect(reasonOf({ history: twice, requestedByPerson: true })).toBe('daily_limit');
  });

  it('under the waves is a call pushed away, and not a machine on which nothing is left', () => {
    const history = (more: Partial<PastCall>) => calls(callAt(noonMs - dayMs, more));
    expect(reasonOf({ pack: clCollectionWaves, history: history({ voicemail: true }) })).toBe('allowed');
    expect(reasonOf({ pack: clCollectionWaves, history: history({ declined: true }) })).toBe('cool_down');
  });

  it('starts the silence at the end of the call, and only for the person themselves', () => {
    const endedAtMs = noonMs - 7 * dayMs;
    const history = (more: Partial<PastCall>) =>
      calls(callAt(endedAtMs - 60_000, { human: true, endedAtMs, ...more }));
    const pack = clCollectionWaves;
    expect(reasonOf({ pack, history: history({}) })).toBe('allowed');
    expect(verdictOf({ pack, history: history({ endedAtMs: endedAtMs + 1 }) })).toMatchObject({
      reason: 'cool_down',
      notBeforeMs: noonMs + 1,
    });
    const another = history({ endedAtMs: endedAtMs + 1, samePerson: false });
    expect(reasonOf({ pack, history: another })).toBe('allowed');
  });
});

describe('of several rules', () => {
  it('the one that holds longest is named, so that no turn is spent on a shorter one', () => {
    const verdict = verdictOf({
      history: calls(callAt(noonMs - hourMs, { human: true })),
    });
    expect(verdict).toMatchObject({ reason: 'cool_down', notBeforeMs: noonMs - hourMs + 30_000 + 7 * dayMs });
  });

  it('every one is told to whoever asks why, each once', () => {
    const history = calls(callAt(noonMs - hourMs, { human: true }));
    const facts = { ...fine, history };
    expect(gateBreaches(facts).map(({ rule }) => rule)).toEqual([
      '7 days of silence after a human answered',
      '1 calls that a human answered a week to one person',
      '1 a day to one person',
      '1 a day to one phone',
    ]);
  });

  it('a call that runs is told as that, and as a silence only if nobody knows that it runs', () => {
    const history = calls(callAt(noonMs - 60_000, { human: null, endedAtMs: null }));
    const told = (onCall: boolean) =>
      gateBreaches({ ...fine, pack: clCollectionWaves, history, onCall }).map(({ reason }) => reason);
    expect(told(true)).toEqual(['person_on_call']);
    expect(told(false)).toEqual(['cool_down']);
  });

  it('what ended the contact comes before any hour, and only where the pack stops on it', () => {
    const night = { atMs: noonMs + 12 * hourMs };
    expect(verdictOf({ ...night, stop: 'lawsuit' })).toEqual({
      allowed: false,
      reason: 'stopped',
      rule: 'cl-collection-strict@2: the debt is before a court',
    });
    expect(reasonOf({ stop: 'represented' })).toBe('allowed');
    expect(reasonOf({ pack: usRegfCollection, stop: 'represented' })).toBe('stopped');
  });

  it('outside the hours the next opening is told', () => {
    const atMs = Date.parse('2027-03-10T23:30:00Z');
    expect(verdictOf({ atMs, latestDialMs: atMs })).toMatchObject({
      reason: 'outside_window',
      notBeforeMs: Date.parse('2027-03-11T11:00:00Z'),
    });
  });
});

it('a contact a day in Colombia is one of calls and messages together', () => {
  const atMs = Date.parse('2027-03-10T15:00:00Z');
  const messageToday = {
    atMs: atMs - hourMs,
    channel: 'whatsapp',
    requested: false,
    answeredAtMs: null,
  } as const;
  const facts = { atMs, latestDialMs: atMs, pack: coCollection, zones: ['America/Bogota'] as const };
  const history = { calls: [], messages: [messageToday] };
  expect(reasonOf({ ...facts, history })).toBe('daily_limit');
  const requested = { calls: [], messages: [{ ...messageToday, requested: true }] };
  expect(reasonOf({ ...facts, history: requested })).toBe('allowed');
});

it('a message counts for the person, and not for the phone that rang for somebody else', () => {
  const messages = [{ atMs: noonMs - hourMs, channel: 'sms', requested: false, answeredAtMs: null }] as const;
  const limited = (scope: Limit['scope']) =>
    withLimit({ channel: 'any', countOn: 'attempt', max: 1, per: { kind: 'calendar_week' }, scope });
  expect(reasonOf({ pack: limited('person'), history: { calls: [], messages } })).toBe('weekly_limit');
  expect(reasonOf({ pack: limited('phone'), history: { calls: [], messages } })).toBe('allowed');
});

it('dials a day of a pack are the fewest that any of its daily limits allows, and none where it has none', () => {
  expect(dialsPerDayOf(clCollectionStrict, 'person')).toBe(1);
  expect(dialsPerDayOf(clCollectionWaves, 'phone')).toBe(3);
  expect(dialsPerDayOf(coCollection, 'person')).toBe(1);
  expect(dialsPerDayOf(usRegfCollection, 'person')).toBeUndefined();
  const limits = [...clCollectionWaves.limits, ...clCollectionStrict.limits];
  expect(dialsPerDayOf({ ...clCollectionWaves, limits }, 'person')).toBe(1);
});

it('whatever the limit and the history, the instant at which a limit lets go is the first that it allows', () => {
  const per = fc.oneof(
    fc.constant({ kind: 'day' } as const),
    fc.constant({ kind: 'calendar_week' } as const),
    fc.integer({ min: 1, max: 9 }).map((days) => ({ kind: 'rolling_days', days }) as const),
  );
  const past = fc.integer({ min: 1, max: 14 * 24 * 60 }).map((minutes) => callAt(noonMs - minutes * 60_000));
  fc.assert(
    fc.property(
      per,
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
      fc.array(past, { maxLength: 12 }),
      (period, max, gapHours, list) => {
        const limit: Limit = { channel: 'phone', countOn: 'attempt', max, per: period, scope: 'person' };
        const pack = withLimit(gapHours === undefined ? limit : { ...limit, minGapMs: gapHours * hourMs });
        const at = (atMs: number) => limitBreaches('phone', { atMs, zone, pack, history: calls(...list) });
        for (const { reason, notBeforeMs } of at(noonMs)) {
          if (notBeforeMs === null) throw new Error('a limit that never lets go');
          const still = (atMs: number) => at(atMs).some((breach) => breach.reason === reason);
          expect(still(notBeforeMs)).toBe(false);
          expect(still(notBeforeMs - 1)).toBe(true);
        }
      },
    ),
    { numRuns: 500 },
  );
});
