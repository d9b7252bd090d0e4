import { describe, expect, it } from 'vitest';
import type { ContactFact } from '../../../domain/contacts/rules/facts.ts';
import { STOP_REASONS } from '../../../domain/contacts/rules/outcomes.ts';
import {
  dayMs,
  debtRules,
  hourMs,
  Story,
  unanswered,
  waveRules,
  waveSlots,
} from '../../support/contact-events.ts';

const agreement = { agreementId: 'a1', checkAtMs: 3 * dayMs, linkAtMs: null, label: 'día 2' };
const promise = { outcome: 'promise', rang: true, human: true, agreement } as const;
const later = {
  key: 'agreed',
  opensAtMs: 75 * hourMs,
  closesAtMs: 80 * hourMs,
  localDay: 'd3',
  label: 'acordada',
};

function outcomeOf(story: Story): string | undefined {
  const { phase } = story.state;
  return phase.kind === 'closed' ? phase.outcome : undefined;
}

describe('the outcome of a contact does not depend on which message is faster', () => {
  it.each(STOP_REASONS)('a stop for "%s" is one outcome by signal, by gate, and by both', (reason) => {
    const ways = [['signal'], ['gate'], ['signal', 'gate']].map((way) => {
      const story = new Story();
      story.openDebt();
      story.grant();
      const { attemptId } = story;
      if (way.includes('signal')) story.tell({ type: 'ContactStopped', reason });
      if (way.includes('gate')) {
        story.tell({ type: 'DialRefused', attemptId, reason: 'stopped', notBeforeMs: null, stop: reason });
      } else {
        story.tell({ type: 'CallEnded', attemptId, ...unanswered });
      }
      return outcomeOf(story);
    });
    expect(new Set(ways).size, ways.join(' ')).toBe(1);
    expect(ways[0]).toBeDefined();
  });

  it('of two stops that come while a call runs, the stronger counts, in either order', () => {
    const [first, second]: readonly ContactFact[] = [
      { type: 'ContactStopped', reason: 'dispute' },
      { type: 'ContactStopped', reason: 'legal' },
    ];
    const outcomes = [
      [first, second],
      [second, first],
    ].map((order) => {
      const story = new Story();
      story.openDebt();
      story.grant();
      for (const fact of order) if (fact !== undefined) story.tell(fact);
      story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
      return outcomeOf(story);
    });
    expect(outcomes).toEqual(['legal', 'legal']);
  });

  it('a cancelled batch and a payment that come while a call runs end it the same way, in either order', () => {
    const facts: readonly ContactFact[] = [
      { type: 'BatchCancelled' },
      { type: 'PaymentRecorded', paymentId: 'p', settled: true },
    ];
    const outcomes = [facts, facts.toReversed()].map((order) => {
      const story = new Story();
      story.openDebt();
      story.grant();
      for (const fact of order) story.tell(fact);
      story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
      return outcomeOf(story);
    });
    expect(new Set(outcomes).size).toBe(1);
  });
});

describe('a promise that is found broken', () => {
  /** In `following`, with a call that was agreed on just before the answer about the promise came in. */
  function brokenWhileOwed(): Story {
    const story = new Story();
    const followUp = debtRules.followUp;
    if (followUp === undefined) throw new Error('the rules negotiate');
    story.openDebt({ ...debtRules, followUp: { ...followUp, brokenThen: 'hand_over' } }, waveSlots(12));
    story.call(promise);
    story.tell({ type: 'DeadlineReached' }, 3 * dayMs);
    story.tell({ type: 'RescheduleRequested', slot: later });
    story.tell({ type: 'AgreementChecked', agreementId: 'a1', result: 'broken', next: null });
    return story;
  }

  it('while a call is owed leaves the call and keeps its task for after it', () => {
    const story = brokenWhileOwed();
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'agreed' } });
    story.call(unanswered);
    expect(outcomeOf(story)).toBe('promise_broken');
    expect(story.commands.at(-1)).toMatchObject({ type: 'CloseContact', handOver: 'broken_promise' });
  });

  it('and then ends by what the person says in that call has its task all the same', () => {
    const story = brokenWhileOwed();
    story.call({ outcome: 'completed', rang: true, human: true });
    expect(story.commands.at(-1)).toMatchObject({ type: 'CloseContact', handOver: 'broken_promise' });
  });

  it('is forgotten when the person promises anew in that call', () => {
    const story = brokenWhileOwed();
    story.call({ ...promise, agreement: { ...agreement, agreementId: 'a2', checkAtMs: 6 * dayMs } });
    expect(story.state).toMatchObject({ phase: { kind: 'following' }, isPromiseBroken: false });
  });
});

describe('a calendar without any further slot', () => {
  function planning(): Story {
    const story = new Story();
    story.openDebt(debtRules, waveSlots(1));
    for (let call = 0; call < 3; call += 1) story.call(unanswered);
    expect(story.state.phase.kind).toBe('planning');
    return story;
  }
  const none: ContactFact = { type: 'SlotsPlanned', slots: [] };

  it('ends a contact for which nothing else is open', () => {
    const story = planning();
    story.tell(none);
    expect(outcomeOf(story)).toBe('no_legal_time');
  });

  it('lets a cancelled one be cancelled, and a stopped one be stopped', () => {
    const [cancelled, stopped] = [planning(), planning()];
    cancelled.tell({ type: 'CancelRequested' });
    stopped.tell({ type: 'ContactStopped', reason: 'legal' });
    for (const story of [cancelled, stopped]) story.tell(none);
    expect([outcomeOf(cancelled), outcomeOf(stopped)]).toEqual(['cancelled', 'legal']);
  });

  it('leaves a call that was agreed on meanwhile', () => {
    const story = planning();
    const slot = { ...later, opensAtMs: 16 * hourMs, closesAtMs: 20 * hourMs };
    story.tell({ type: 'RescheduleRequested', slot });
    story.tell(none);
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'agreed' } });
  });
});

it('a contact whose opening or planning failed for good tries again, and takes a cancellation meanwhile', () => {
  const story = new Story();
  story.tell({ type: 'CommandFailed', command: 'OpenContact' });
  expect(story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0).commands).toEqual([
    { type: 'OpenContact' },
  ]);
  story.open(waveRules, 1, []);
  expect(story.state.phase.kind).toBe('planning');
  story.tell({ type: 'CommandFailed', command: 'PlanSlots' });
  expect(story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0).commands).toMatchObject([
    { type: 'PlanSlots' },
  ]);
  story.tell({ type: 'CancelRequested' });
  expect(outcomeOf(story)).toBe('cancelled');
});
