import { describe, expect, it } from 'vitest';
import { gate, type GateFacts } from '../../../domain/policy/rules/gate.ts';
import { noHistory } from '../../../domain/policy/rules/history.ts';
import { clCollectionWaves } from '../../../domain/policy/rules/packs/cl-collection-waves.ts';
import { demoPack } from '../../../domain/policy/rules/packs/demo.ts';
import { usRegfCollection } from '../../../domain/policy/rules/packs/us-regf-collection.ts';
import { usStrictCollection } from '../../../domain/policy/rules/packs/us-strict-collection.ts';

import { answeredAt, dialledBefore } from '../../support/past-calls.ts';

const dayMs = 86_400_000;
/** Monday 8 March 2027, 12:00 in Santiago. */
const noonMs = Date.parse('2027-03-08T15:00:00Z');

const fine: GateFacts = {
  atMs: noonMs,
  latestDialMs: noonMs,
  pack: clCollectionWaves,
  zones: ['America/Santiago'],
  callsPerDay: 3,
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

const reasonOf = (facts: Partial<GateFacts>) => {
  const verdict = gate({ ...fine, ...facts });
  return verdict.allowed ? 'allowed' : verdict.reason;
};

describe('the gate at the dial', () => {
  it('lets a call through that breaks no rule', () => {
    expect(reasonOf({})).toBe('allowed');
  });

  it('allows the third call of a day to a person or a phone, and not the fourth', () => {
    expect(reasonOf({ history: dialledBefore(noonMs, { both: 2 }) })).toBe('allowed');
    expect(reasonOf({ history: dialledBefore(noonMs, { person: 3 }) })).toBe('daily_limit');
    expect(reasonOf({ history: dialledBefore(noonMs, { phone: 3 }) })).toBe('daily_limit');
  });

  it("keeps to the stricter of the policy's and the pack's limit", () => {
    expect(reasonOf({ callsPerDay: 1, history: dialledBefore(noonMs, { person: 1 }) })).toBe('daily_limit');
    expect(reasonOf({ callsPerDay: 9, history: dialledBefore(noonMs, { person: 3 }) })).toBe('daily_limit');
  });

  it('is silent for exactly seven days after a human answered, unless they asked for the call', () => {
    const aWeekAgoMs = noonMs - 7 * dayMs;
    expect(reasonOf({ history: answeredAt(aWeekAgoMs) })).toBe('allowed');
    const history = answeredAt(aWeekAgoMs + 1);
    expect(reasonOf({ history })).toBe('cool_down');
    expect(gate({ ...fine, history, requestedByPerson: true })).toEqual({
      allowed: true,
      waived: ['cl-collection-waves@3: 7 days of silence after a human answered'],
    });
    expect(gate({ ...fine, requestedByPerson: true })).toEqual({ allowed: true, waived: [] });
    expect(gate({ ...fine, history: answeredAt(noonMs - dayMs) })).toMatchObject({
      notBeforeMs: noonMs + 6 * dayMs,
    });
  });

  it('holds the limits of a day also for a call that was asked for', () => {
    expect(reasonOf({ requestedByPerson: true, history: dialledBefore(noonMs, { person: 3 }) })).toBe(
      'daily_limit',
    );
    expect(reasonOf({ requestedByPerson: true, doNotCall: true })).toBe('do_not_call');
  });

  it('closes with the window, whatever was planned', () => {
    expect(reasonOf({ atMs: Date.parse('2027-03-08T22:59:59Z'), latestDialMs: noonMs })).toBe('allowed');
    expect(reasonOf({ atMs: Date.parse('2027-03-08T23:00:00Z') })).toBe('outside_window');
  });

  it('closes early enough that a POST which is slow still leaves inside the window', () => {
    const atMs = Date.parse('2027-03-08T22:59:55Z');
    expect(reasonOf({ atMs, latestDialMs: atMs + 4_000 })).toBe('allowed');
    expect(reasonOf({ atMs, latestDialMs: atMs + 10_000 })).toBe('outside_window');
  });

  it('makes one call at a time to one person', () => {
    expect(reasonOf({ onCall: true })).toBe('person_on_call');
  });

  it('asks for a Chilean mass-call prefix of a real provider', () => {
    expect(reasonOf({ callerId: '+56961234567' })).toBe('caller_id');
    expect(reasonOf({ callerId: '+568091234567' })).toBe('caller_id');
    const pack = { ...clCollectionWaves, callerIdPrefixes: ['+56600'] };
    expect(reasonOf({ pack, callerId: '+568091234567' })).toBe('caller_id');
  });

  it('refuses the demo pack to a provider that can ring', () => {
    expect(reasonOf({ pack: demoPack })).toBe('simulated_only');
    expect(reasonOf({ pack: demoPack, simulatedPool: true })).toBe('allowed');
  });

  it('never calls who asked not to be called, nor a number that does not exist', () => {
    expect(reasonOf({ doNotCall: true })).toBe('do_not_call');
    expect(reasonOf({ phoneInvalid: true })).toBe('phone_invalid');
  });

  it('never calls whose data are blocked, not even where they asked for the call', () => {
    expect(gate({ ...fine, blocked: true, requestedByPerson: true })).toMatchObject({
      reason: 'blocked',
      rule: 'cl-collection-waves@3: the person asked for their data to be blocked',
    });
  });

  it('never calls who disputes the debt, in the United States', () => {
    const atMs = Date.parse('2027-03-10T18:00:00Z');
    const facts = { atMs, latestDialMs: atMs, zones: ['America/New_York'] as const };
    for (const pack of [usRegfCollection, usStrictCollection]) {
      expect(reasonOf({ ...facts, pack })).toBe('allowed');
      expect(reasonOf({ ...facts, pack, stop: 'dispute' })).toBe('stopped');
    }
  });

  it('names pack, version and rule', () => {
    expect(gate({ ...fine, history: dialledBefore(noonMs, { person: 3 }) })).toMatchObject({
      rule: 'cl-collection-waves@3: 3 a day to one person',
    });
  });
});
