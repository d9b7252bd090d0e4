import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALL_OUTCOMES } from '../../../domain/contacts/rules/outcomes.ts';
import { afterCall } from '../../../workflows/contact/rules/after-call.ts';
import { describe as inWords, listState } from '../../../workflows/contact/labels.ts';
import { debtRules, followUp, hourMs, Story } from '../../support/contact-events.ts';
import { live, steps, type Trace } from '../../support/contact-lives.ts';

/** Looks at every step of many lives. */
function inEveryLife(look: (life: readonly Trace[]) => void): void {
  fc.assert(
    fc.property(steps, (story) => look(live(story))),
    { numRuns: 600 },
  );
}

/** The call that this step ends, if it ends the contact's own. */
function endOf({ fact, before }: Trace) {
  const isOwn =
    fact.type === 'CallEnded' && 'attemptId' in before.phase && before.phase.attemptId === fact.attemptId;
  return isOwn ? { ended: fact, phase: before.phase } : undefined;
}

const minute = fc.integer({ min: 1, max: 300 }).map((minutes) => minutes * 60_000);
const offsets = fc.oneof(fc.constantFrom(-1, 0, 1), fc.integer({ min: -hourMs, max: 3 * hourMs }));
const putOff = ['outside_window', 'cool_down', 'gap', 'weekly_limit', 'rolling_limit'] as const;
const ends: ReadonlySet<string> = new Set(['do_not_call', 'dispute', 'hardship', 'legal']);

describe('the rules of a contact, for any sequence of events', () => {
  it('a number that belongs to somebody else or does not exist is never dialled again', () => {
    inEveryLife((life) => {
      const dropped = new Set<string>();
      for (const step of life) {
        for (const command of step.commands) {
          if (command.type === 'Dial') expect(dropped.has(command.phoneId)).toBe(false);
        }
        const end = endOf(step);
        if (end === undefined || !('phoneId' in end.phase)) continue;
        const { outcome } = end.ended;
        if (outcome === 'wrong_person' || outcome === 'invalid_destination') dropped.add(end.phase.phoneId);
      }
    });
  });

  it('do not call, a dispute, hardship and a lawyer end it, and all but the first hand over to a person', () => {
    let seen = 0;
    inEveryLife((life) => {
      for (const step of life) {
        const end = endOf(step);
        if (end === undefined || !ends.has(end.ended.outcome)) continue;
        seen += 1;
        const { outcome } = end.ended;
        const handOver = outcome === 'do_not_call' ? {} : { handOver: outcome };
        expect(step.after.phase).toEqual({ kind: 'closed', outcome });
        expect(step.commands).toMatchObject([{ type: 'CloseContact', outcome, ...handOver }]);
        expect(step.commands[0]).toHaveProperty('missedRequestId', null);
      }
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('after an answer that refuses, nobody calls before the pause of the stage is over, unless they asked for it', () => {
    inEveryLife((life) => {
      for (const step of life) {
        const outcome = endOf(step)?.ended.outcome;
        if (outcome !== 'refused' && outcome !== 'answered') continue;
        const { phase } = step.after;
        if (phase.kind !== 'waiting' || phase.rescheduled) continue;
        expect(phase.eligibleAtMs).toBeGreaterThanOrEqual(step.atMs + followUp.refusalPauseMs);
      }
    });
  });

  it('while a payment that somebody says they made is looked for, nobody calls, unless they asked for it', () => {
    let seen = 0;
    inEveryLife((life) => {
      for (const { before, after, fact, atMs } of life) {
        if (before.phase.kind !== 'verifying' || (before.verifyUntilMs ?? 0) <= atMs) continue;
        seen += 1;
        const mayCall = fact.type === 'TaskResolved' || fact.type === 'RescheduleRequested';
        if (!mayCall) expect(after.phase.kind).not.toBe('waiting');
      }
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('a rule that lets go while the slot is open puts the turn off, and does not cost the slot', () => {
    fc.assert(
      fc.property(fc.constantFrom(...putOff), offsets, (reason, offMs) => {
        const story = new Story();
        story.openDebt();
        story.grant();
        const [first, second] = story.state.slots;
        const notBeforeMs = story.atMs + offMs;
        story.tell({ type: 'DialRefused', attemptId: story.attemptId, reason, notBeforeMs });
        // A second is left: the shortest turn that is worth a place in the queue.
        const letsGo = offMs > 0 && notBeforeMs + 1_000 < (first?.closesAtMs ?? 0);
        const slot = letsGo ? first : second;
        const eligibleAtMs = Math.max(slot?.opensAtMs ?? 0, notBeforeMs);
        expect(story.state.phase).toMatchObject({ kind: 'waiting', slot, eligibleAtMs });
      }),
    );
  });

  it('an unanswered call is never repeated inside its own wave', () => {
    inEveryLife((life) => {
      for (const step of life) {
        const end = endOf(step);
        if (end?.ended.outcome !== 'no_answer' || !('slot' in end.phase)) continue;
        const { phase } = step.after;
        if (phase.kind === 'waiting' && !phase.rescheduled) {
          expect(phase.slot.key).not.toBe(end.phase.slot.key);
        }
      }
    });
  });

  it('a call that was agreed on is the next one, and goes before first calls', () => {
    let seen = 0;
    inEveryLife((life) => {
      for (const { before, after, fact, commands, atMs } of life) {
        if (fact.type !== 'RescheduleRequested' || before.phase.kind !== 'waiting') continue;
        if (after === before || fact.slot.closesAtMs <= atMs || after.phase.kind !== 'waiting') continue;
        if (commands.length === 0) continue;
        seen += 1;
        expect(after.phase).toMatchObject({ slot: { key: fact.slot.key }, rescheduled: true });
        expect(commands).toMatchObject([{ type: 'RequestLine', priority: 0 }]);
      }
    });
    expect(seen).toBeGreaterThan(0);
  });

  it('an agreement that is waited for, also for its next instalment, never outlasts the contact', () => {
    inEveryLife((life) => {
      for (const { after } of life) {
        if (after.agreement === null || after.rules === null || after.phase.kind === 'closed') continue;
        const lastsMs = after.agreement.checkAtMs + followUp.afterAgreementMs;
        expect(after.rules.expiresAtMs).toBeGreaterThanOrEqual(lastsMs);
      }
    });
  });

  it('has words and a state for an operator at every step', () => {
    inEveryLife((life) => {
      for (const { after } of life) {
        expect(inWords(after, 0).length).toBeGreaterThan(3);
        expect(listState(after)).toMatch(/^[a-z_]+$/);
      }
    });
  });
});

it('the pause after a call belongs to the person: an hour unanswered, half an hour after a failure, or what the policy says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CALL_OUTCOMES),
      minute,
      minute,
      (outcome, noAnswerRetryMs, technicalRetryMs) => {
        const rules = { ...debtRules, mode: 'ladder' as const, noAnswerRetryMs, technicalRetryMs };
        const next = afterCall(outcome, rules);
        if (next.kind !== 'again') return;
        const expected: Readonly<Record<string, number>> = {
          technical: technicalRetryMs,
          invalid_destination: 0,
          answered: followUp.refusalPauseMs,
          refused: followUp.refusalPauseMs,
        };
        expect(next.pauseMs).toBe(expected[outcome] ?? noAnswerRetryMs);
      },
    ),
  );
});
