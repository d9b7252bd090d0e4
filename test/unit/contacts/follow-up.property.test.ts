import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { live, steps } from '../../support/contact-lives.ts';

const runs = { numRuns: 600 };
const lives = fc.sample(steps, { numRuns: 1_000, seed: 20261121 }).map((story) => live(story));

describe('follow-up, for any sequence of events', () => {
  it('is reached: the lives below promise, pay, break their word and are stopped', () => {
    const seen = (test: (trace: ReturnType<typeof live>[number]) => boolean): number =>
      lives.filter((life) => life.some(test)).length;
    expect(seen(({ after }) => after.phase.kind === 'following')).toBeGreaterThan(30);
    expect(seen(({ after }) => after.brokenAgreements > 0)).toBeGreaterThan(5);
    expect(seen(({ commands }) => commands.some(({ type }) => type === 'SendPaymentLink'))).toBeGreaterThan(
      30,
    );
    expect(seen(({ after }) => after.phase.kind === 'verifying')).toBeGreaterThan(5);
  });

  it('while an agreement is open nobody is called, unless they asked for the call', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { before, commands } of live(story)) {
          if (before.agreement === null) continue;
          // A request that was in the queue when the agreement came by an operator would be a call too many.
          for (const command of commands) if (command.type === 'Dial') expect(command.rescheduled).toBe(true);
        }
      }),
      runs,
    );
  });

  it('once everything is paid, or the person is stopped, no line is asked for and nobody is dialled', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { after, before, commands } of live(story)) {
          if (after.stop === null) continue;
          const isNew = before.stop === null;
          const types = commands.map(({ type }) => type);
          expect(types).not.toContain('RequestLine');
          // A line that was granted in the same instant as the stop came is the only way past it.
          if (!isNew) expect(types.filter((type) => type === 'Dial')).toEqual([]);
        }
      }),
      runs,
    );
  });

  it('a payment link goes out once for each due day, and again only when it was put off', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const allowed = new Map<string, number>();
        const allow = (id: string): void => void allowed.set(id, (allowed.get(id) ?? 0) + 1);
        for (const { before, after, fact, commands } of live(story)) {
          const isNewDue =
            after.agreement !== null &&
            (before.agreement?.agreementId !== after.agreement.agreementId ||
              before.agreement.checkAtMs !== after.agreement.checkAtMs);
          if (isNewDue && after.agreement !== null) allow(after.agreement.agreementId);
          if (fact.type === 'LinkAnswered' && fact.result === 'refused') allow(fact.agreementId);
          for (const command of commands) {
            if (command.type !== 'SendPaymentLink') continue;
            const left = allowed.get(command.agreementId) ?? 0;
            expect(left).toBeGreaterThan(0);
            allowed.set(command.agreementId, left - 1);
          }
        }
      }),
      runs,
    );
  });

  it('a person takes over after as many broken agreements as the stage says, never later', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { before, after, fact, commands } of live(story)) {
          expect(after.brokenAgreements).toBeLessThanOrEqual(3);
          const isBroken =
            fact.type === 'AgreementChecked' && after.brokenAgreements > before.brokenAgreements;
          if (!isBroken || before.phase.kind !== 'following' || after.brokenAgreements < 2) continue;
          expect(commands).toMatchObject([{ type: 'CloseContact', handOver: 'broken_promise' }]);
        }
      }),
      runs,
    );
  });
});
