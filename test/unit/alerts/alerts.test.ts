import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertWords, phraseAlert } from '../../../domain/alerts/rules/alert-words.ts';
import { ALERT_KINDS, type AlertFacts, alertsOf } from '../../../domain/alerts/rules/alerts.ts';

const nothing: AlertFacts = {
  accountId: 'account',
  balance: { unit: 'USD', availableMicros: 0n, chargedMicros: 0n },
  withoutCredit: 0,
  overBudget: [],
  finished: [],
  oldTasks: 0,
  disputes: [],
  deadEndpoints: [],
};
const kinds = (facts: Partial<AlertFacts>, open: readonly string[] = []): readonly string[] =>
  alertsOf({ ...nothing, ...facts }, (kind) => open.includes(kind)).map(({ kind }) => kind);
/** As much as so many hours of the last day's pace. */
const lasting = (hours: number): Partial<AlertFacts> => ({
  balance: { unit: 'USD', availableMicros: BigInt(hours) * 1_000n, chargedMicros: 24_000n },
});

describe('alerts of an account', () => {
  it('says nothing of an account where nothing is so, and nothing of a pace where nothing was charged', () => {
    expect(kinds({})).toEqual([]);
  });

  it('tells a balance of less than a day, and takes it back above a day and a half', () => {
    expect(kinds(lasting(23))).toEqual(['balance_low']);
    expect(kinds(lasting(24))).toEqual([]);
    expect(kinds(lasting(35), ['balance_low'])).toEqual(['balance_low']);
    expect(kinds(lasting(36), ['balance_low'])).toEqual([]);
    expect(alertsOf({ ...nothing, ...lasting(-5) }, () => false)).toMatchObject([{ detail: { hours: 0 } }]);
  });

  it('tells each batch, dispute and receiver by itself', () => {
    const facts = {
      withoutCredit: 2,
      overBudget: [
        { batchId: 'a', contacts: 1 },
        { batchId: 'b', contacts: 3 },
      ],
      finished: [{ batchId: 'c', contacts: 60 }],
      oldTasks: 1,
      disputes: ['t'],
      deadEndpoints: [{ endpointId: 'e', deliveries: 4 }],
    };
    const alerts = alertsOf({ ...nothing, ...facts }, () => false);
    expect(alerts.map(({ kind, subject, lasts }) => `${kind} ${subject} ${lasts}`)).toEqual([
      'calls_without_credit account true',
      'batch_over_budget a true',
      'batch_over_budget b true',
      'batch_finished c false',
      'tasks_waiting account true',
      'dispute_opened t false',
      'endpoint_dead e true',
    ]);
  });

  it('has words for each kind, in both languages, with its figures and no placeholder', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALERT_KINDS), fc.nat(500), (kind, count) => {
        const detail = { hours: count, contacts: count, tasks: count, deliveries: count };
        const { es, en } = alertWords(kind, detail);
        for (const text of [es, en]) expect(text).toMatch(/^[A-Z0-9].*\.$/);
        expect(`${es}${en}`).not.toMatch(/undefined|NaN|\{/);
        const { subject, body } = phraseAlert(kind, detail, 'Cobranzas Uno');
        expect(subject).toContain('Cobranzas Uno');
        expect(body).toContain(en);
      }),
    );
  });
});
