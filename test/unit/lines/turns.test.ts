import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, planTurns, type WaitingAccount } from '../../../domain/lines/queries-turns.ts';

const tariff = { plan: 'credit_based', unit: 'USD', rateMicrosPerMinute: 40_000n } as const;
const policy = { key: 'p', version: 1 };

function account(accountId: string, waiting: number, changes: Partial<WaitingAccount> = {}): WaitingAccount {
  const candidates = Array.from({ length: waiting }, (_, index): Candidate => ({
    id: `${accountId}-${index}`,
    accountId,
    batchId: `${accountId}-batch`,
    contactId: '',
    policy,
    priority: 1,
    eligibleAt: new Date(index),
    amountMicros: 10n,
  }));
  return {
    accountId,
    weight: 1,
    maxLines: null,
    held: 0,
    heldInAll: 0,
    lastAtMs: null,
    tariff,
    availableMicros: 1_000_000n,
    budgets: new Map(),
    candidates,
    ...changes,
  };
}

const ids = (accounts: readonly WaitingAccount[], lines: number): readonly string[] =>
  planTurns(accounts, lines, 1_000).turns.map(({ request }) => request.id);

describe('turns of one round', () => {
  it('accounts take turns, whoever has more waiting', () => {
    expect(ids([account('a', 90), account('b', 2), account('c', 1)], 5)).toEqual([
      'a-0',
      'b-0',
      'c-0',
      'a-1',
      'b-1',
    ]);
  });

  it('who holds more for its weight waits until the others have caught up', () => {
    const holding = account('a', 9, { held: 4, heldInAll: 4, weight: 2, lastAtMs: 1 });
    expect(ids([holding, account('b', 9)], 4)).toEqual(['b-0', 'b-1', 'a-0', 'b-2']);
  });

  it('what an account cannot pay is said once for each policy, and another policy of it keeps its turn', () => {
    const cheap = { ...policy, key: 'cheap' };
    const [dear, less] = account('a', 2).candidates;
    if (dear === undefined || less === undefined) throw new Error('two candidates');
    const candidates = [dear, { ...less, amountMicros: 3n, policy: cheap }];
    const { turns, unpaid } = planTurns([account('a', 0, { availableMicros: 5n, candidates })], 2, 1_000);
    expect(turns.map(({ request }) => request.id)).toEqual(['a-1']);
    expect(unpaid.map(({ request }) => request.id)).toEqual(['a-0']);
  });

  it('what a batch may not cost any more is said once, and another batch of the account keeps its turn', () => {
    const [dear, same, other] = account('a', 3).candidates;
    if (dear === undefined || same === undefined || other === undefined) throw new Error('three candidates');
    const candidates = [dear, same, { ...other, batchId: 'other' }];
    const budgets = new Map([
      ['a-batch', 9n],
      ['other', 10n],
    ]);
    const { turns, unpaid, overBudget } = planTurns([account('a', 0, { budgets, candidates })], 3, 1_000);
    expect(turns.map(({ request }) => request.id)).toEqual(['a-2']);
    expect(overBudget.map(({ request }) => request.id)).toEqual(['a-0']);
    expect(unpaid).toEqual([]);
  });

  it('no plan exceeds the lines, an account’s cap or its credit, and none leaves a line to nobody that somebody could use', () => {
    const accounts = fc.array(
      fc.record({
        waiting: fc.nat(8),
        held: fc.nat(5),
        cap: fc.option(fc.nat(8)),
        calls: fc.nat(6),
        bound: fc.option(fc.nat(6)),
        weight: fc.integer({ min: 1, max: 3 }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(accounts, fc.nat(20), (specs, lines) => {
        const all = specs.map(({ waiting, held, cap, calls, weight, bound }, index) =>
          account(`a${index}`, waiting, {
            held,
            heldInAll: held,
            maxLines: cap,
            weight,
            availableMicros: 10n * BigInt(calls),
            budgets: new Map(bound === null ? [] : [[`a${index}-batch`, 10n * BigInt(bound) + 9n]]),
          }),
        );
        const { turns } = planTurns(all, lines, 1_000);
        const usable = specs.map(({ waiting, held, cap, calls, bound }) =>
          Math.min(waiting, calls, bound ?? waiting, cap === null ? waiting : Math.max(0, cap - held)),
        );
        expect(turns.length).toBe(
          Math.min(
            lines,
            usable.reduce((sum, one) => sum + one, 0),
          ),
        );
        for (const [index, most] of usable.entries()) {
          expect(turns.filter((turn) => turn.account === all[index]).length).toBeLessThanOrEqual(most);
        }
        expect(new Set(turns.map(({ request }) => request.id)).size).toBe(turns.length);
      }),
    );
  });
});
