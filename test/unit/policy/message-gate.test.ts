import { describe, expect, it } from 'vitest';
import { gate } from '../../../domain/policy/rules/gate.ts';
import { type ContactHistory, noHistory, type PastCall } from '../../../domain/policy/rules/history.ts';
import { messageGate, type MessageGateFacts } from '../../../domain/policy/rules/message-gate.ts';
import { clCollectionStrict } from '../../../domain/policy/rules/packs/cl-collection-strict.ts';
import { coCollection } from '../../../domain/policy/rules/packs/co-collection.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';

const hourMs = 3_600_000;
/** Thursday 11 March 2027, 12:00 in Santiago. */
const noonMs = Date.parse('2027-03-11T15:00:00Z');
const mondayMs = Date.parse('2027-03-15T03:00:00Z');

const fine: MessageGateFacts = {
  atMs: noonMs,
  latestSendMs: noonMs,
  channel: 'whatsapp',
  pack: clCollectionStrict,
  zones: ['America/Santiago'],
  history: noHistory,
  doNotContact: false,
  blocked: false,
  channelClosed: false,
  stop: null,
  requestedByPerson: false,
  simulatedChannel: false,
};
const verdictOf = (facts: Partial<MessageGateFacts>) => messageGate({ ...fine, ...facts });
const reasonOf = (facts: Partial<MessageGateFacts>) => {
  const verdict = verdictOf(facts);
  return verdict.allowed ? 'allowed' : verdict.reason;
};
const sent = (...hoursAgo: readonly number[]) => ({
  ...noHistory,
  messages: hoursAgo.map((hours) => ({
    atMs: noonMs - hours * hourMs,
    channel: 'sms' as const,
    requested: false,
    answeredAtMs: null,
  })),
});
const spoken: PastCall = {
  atMs: noonMs - hourMs,
  endedAtMs: noonMs - hourMs + 60_000,
  samePerson: true,
  samePhone: true,
  rang: true,
  human: true,
  declined: false,
  voicemail: false,
};

describe('the gate of a message', () => {
  it('lets one through that breaks no rule, with nothing waived', () => {
    expect(verdictOf({})).toEqual({ allowed: true, waived: [] });
  });

  it('in Chile keeps 48 hours between two messages, by any channel, to the millisecond', () => {
    expect(reasonOf({ history: sent(48) })).toBe('allowed');
    expect(verdictOf({ history: sent(47) })).toEqual({
      allowed: false,
      reason: 'gap',
      rule: 'cl-collection-strict@2: 48 h between two messages',
      notBeforeMs: noonMs + hourMs,
    });
  });

  it('in Chile allows two a week, and the third on the next Monday at the earliest', () => {
    // Saturday at noon, after Monday and Thursday.
    const atMs = noonMs + 48 * hourMs;
    const facts = { atMs, latestSendMs: atMs };
    expect(reasonOf({ ...facts, history: sent(0) })).toBe('allowed');
    expect(verdictOf({ ...facts, history: sent(0, 72) })).toMatchObject({
      reason: 'weekly_limit',
      rule: 'cl-collection-strict@2: 2 messages a week to one person',
      notBeforeMs: mondayMs,
    });
  });

  it('lets out what the person asked for on a call, and says which rules were waived', () => {
    expect(verdictOf({ history: sent(1), requestedByPerson: true })).toEqual({
      allowed: true,
      waived: ['cl-collection-strict@2: 48 h between two messages'],
    });
  });

  it('does not count what the person asked for against a later message', () => {
    const history = {
      ...noHistory,
      messages: [
        { atMs: noonMs - hourMs, channel: 'whatsapp' as const, requested: true, answeredAtMs: null },
      ],
    };
    expect(verdictOf({ history })).toEqual({ allowed: true, waived: [] });
  });

  it('keeps the quiet hours also for what was asked for, and until the last instant at which it may leave', () => {
    const atMs = Date.parse('2027-03-11T22:59:59Z');
    expect(reasonOf({ atMs, latestSendMs: atMs })).toBe('allowed');
    expect(verdictOf({ atMs, latestSendMs: atMs + 1_000, requestedByPerson: true })).toMatchObject({
      reason: 'outside_window',
      notBeforeMs: Date.parse('2027-03-12T11:00:00Z'),
    });
  });

  it('uses hours of its own where the pack has them', () => {
    const nights = { ...clCollectionStrict, messageWindows: { 4: [{ from: 20 * 60, to: 22 * 60 }] } };
    const atMs = Date.parse('2027-03-12T00:30:00Z');
    expect(reasonOf({ pack: nights, atMs, latestSendMs: atMs })).toBe('allowed');
    expect(reasonOf({ pack: nights })).toBe('outside_window');
  });

  it('never writes to who asked for no contact, left the channel, or was stopped; a wish changes none of it', () => {
    for (const [facts, reason] of [
      [{ doNotContact: true }, 'do_not_call'],
      [{ channelClosed: true }, 'channel_closed'],
      [{ stop: 'paid' }, 'stopped'],
      [{ pack: demoPack }, 'simulated_only'],
    ] as const) {
      expect(verdictOf({ ...facts, requestedByPerson: true })).toMatchObject({
        allowed: false,
        reason,
        notBeforeMs: null,
      });
    }
    expect(reasonOf({ pack: demoPack, simulatedChannel: true })).toBe('allowed');
    expect(reasonOf({ stop: 'represented' })).toBe('allowed');
  });
});

it('nobody is written to whose data are blocked, not even who asked for the message', () => {
  expect(verdictOf({ blocked: true, requestedByPerson: true })).toMatchObject({
    reason: 'blocked',
    notBeforeMs: null,
  });
});

describe('in Colombia', () => {
  const pack = coCollection;
  const zones = ['America/Bogota'] as const;
  const yesterday: PastCall = { ...spoken, atMs: noonMs - 24 * hourMs, endedAtMs: noonMs - 24 * hourMs };

  it('no other channel is used in the week in which a human answered, until Monday', () => {
    const history = { ...noHistory, calls: [yesterday] };
    expect(verdictOf({ pack, zones, history })).toMatchObject({
      reason: 'other_channel',
      notBeforeMs: Date.parse('2027-03-15T05:00:00Z'),
    });
    const lastWeek = { ...yesterday, atMs: noonMs - 5 * 24 * hourMs };
    expect(reasonOf({ pack, zones, history: { ...noHistory, calls: [lastWeek] } })).toBe('allowed');
    expect(
      reasonOf({ pack, zones, history: { ...noHistory, calls: [{ ...yesterday, human: false }] } }),
    ).toBe('allowed');
    expect(
      reasonOf({ pack, zones, history: { ...noHistory, calls: [{ ...yesterday, samePerson: false }] } }),
    ).toBe('allowed');
  });

  it('who answered a message is reached by no other channel that week, neither called nor written to', () => {
    const answered = (hoursAgo: number | null, channel: 'whatsapp' | 'sms' = 'whatsapp') => ({
      ...noHistory,
      messages: [
        {
          atMs: noonMs - 30 * hourMs,
          channel,
          requested: false,
          answeredAtMs: hoursAgo === null ? null : noonMs - hoursAgo * hourMs,
        },
      ],
    });
    const call = (history: ContactHistory, requestedByPerson = false) =>
      gate({
        atMs: noonMs,
        latestDialMs: noonMs,
        pack,
        zones,
        callsPerDay: 3,
        history,
        doNotCall: false,
        blocked: false,
        phoneInvalid: false,
        stop: null,
        onCall: false,
        requestedByPerson,
        callerId: '+571',
        simulatedPool: false,
      });
    expect(call(answered(29))).toMatchObject({
      allowed: false,
      reason: 'other_channel',
      notBeforeMs: Date.parse('2027-03-15T05:00:00Z'),
    });
    expect(call(answered(29), true)).toMatchObject({ allowed: true });
    // Sent and not answered is no direct contact; answered in another week is none of this one.
    expect(call(answered(null))).toMatchObject({ allowed: true });
    expect(call(answered(4 * 24))).toMatchObject({ allowed: true });
    // The channel itself goes on; another way of writing does not.
    expect(reasonOf({ pack, zones, history: answered(29) })).toBe('allowed');
    expect(reasonOf({ pack, zones, history: answered(29, 'sms') })).toBe('other_channel');
    // A batch that runs under the version before keeps its own reading.
    const { oneChannelAWeek: _, ...before } = pack;
    expect(reasonOf({ pack: before, zones, history: answered(29, 'sms') })).toBe('allowed');
    expect(reasonOf({ pack: before, zones, history: { ...noHistory, calls: [yesterday] } })).toBe(
      'other_channel',
    );
  });

  it('a message is one of the contacts of the day, and one that was asked for may follow the call', () => {
    const today = { ...noHistory, calls: [{ ...spoken, human: false }] };
    expect(reasonOf({ pack, zones, history: today })).toBe('daily_limit');
    expect(
      verdictOf({ pack, zones, history: { ...noHistory, calls: [spoken] }, requestedByPerson: true }),
    ).toEqual({
      allowed: true,
      waived: [
        'co-collection@2: no other channel in the week in which the person was reached directly',
        'co-collection@2: 1 contacts a day to one person',
      ],
    });
  });
});
