import { describe, expect, it } from 'vitest';
import {
  dayMs,
  hourMs,
  Story,
  technical,
  unanswered,
  waveRules,
  waveSlots,
  minuteMs,
} from '../../support/contact-events.ts';

/**
 * Events in, commands and deadlines out, kept on file. Replaying a history finds a changed order or number of
 * commands; it does not find a changed duration or argument. These do.
 */
const stories: Readonly<Record<string, (story: Story) => void>> = {
  'three silent days'(story) {
    story.open();
    for (let call = 0; call < 9; call += 1) story.call(unanswered);
  },
  'technical failures, then a promise'(story) {
    story.open();
    story.call(technical);
    story.call(technical);
    story.call({ outcome: 'promise', rang: true, human: true });
  },
  ladder(story) {
    const day = {
      key: 'd0/1',
      opensAtMs: 8 * hourMs,
      closesAtMs: 20 * hourMs,
      localDay: 'd0',
      label: 'día 0',
    };
    story.open({ ...waveRules, mode: 'ladder', maxAttempts: 3 }, 1, [day]);
    story.call(unanswered);
    story.call(technical);
    story.call(unanswered);
  },
  'missed, suspended, refused, rejected'(story) {
    story.open();
    const { phase } = story.state;
    if (phase.kind === 'waiting') story.tell({ type: 'LineSuspended', requestId: phase.requestId });
    story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    story.grant();
    story.tell({ type: 'DialRejected', attemptId: story.attemptId, reason: 'rate_limited' });
    story.grant();
    story.tell({ type: 'DialRefused', attemptId: story.attemptId, reason: 'daily_limit', notBeforeMs: null });
    story.call({ outcome: 'answered', rang: true, human: true });
  },
  'a lost answer that is found, and one that is proven absent'(story) {
    story.open();
    story.grant();
    story.tell({ type: 'DialOutcomeUnknown', attemptId: story.attemptId });
    story.tell({ type: 'CommandFailed', command: 'RecoverDial' });
    story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    story.tell({ type: 'CallFound', attemptId: story.attemptId });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
    story.grant();
    story.tell({ type: 'DialOutcomeUnknown', attemptId: story.attemptId });
    story.tell({ type: 'CallAbsent', attemptId: story.attemptId, dialled: true });
  },
  'paused, rescheduled, resumed, cancelled'(story) {
    story.open(waveRules, 2, waveSlots(1));
    const slot = {
      key: 'agreed',
      opensAtMs: 11 * hourMs,
      closesAtMs: 20 * hourMs,
      localDay: 'd0',
      label: 'acordada',
    };
    story.tell({ type: 'RescheduleRequested', slot });
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' }, 2 * hourMs);
    story.call(unanswered);
    story.tell({ type: 'CancelRequested' });
  },
};

const agreement = { agreementId: 'a1', checkAtMs: 3 * dayMs, linkAtMs: 0, label: 'día 2' };
const promise = { outcome: 'promise', rang: true, human: true, agreement } as const;

/** Of people who talk about money. */
const debtStories: typeof stories = {
  'a promise broken, made again, kept'(story) {
    story.openDebt();
    story.call(promise);
    story.tell({ type: 'LinkAnswered', agreementId: 'a1', result: 'refused', notBeforeMs: 10 * hourMs });
    story.tell({ type: 'DeadlineReached' }, 10 * hourMs);
    story.tell({ type: 'LinkAnswered', agreementId: 'a1', result: 'sent', notBeforeMs: null });
    story.tell({ type: 'DeadlineReached' }, 3 * dayMs);
    story.tell({ type: 'AgreementChecked', agreementId: 'a1', result: 'broken', next: null });
    story.call({ ...promise, agreement: { ...agreement, agreementId: 'a2', checkAtMs: 6 * dayMs } });
    story.tell({ type: 'PaymentRecorded', paymentId: 'p1', settled: false });
    story.tell({ type: 'AgreementChecked', agreementId: 'a2', result: 'kept', next: null });
  },
  'says to have paid, nothing comes, asks to be called, is stopped'(story) {
    story.openDebt();
    story.call({ outcome: 'already_paid', rang: true, human: true });
    story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    story.call({ outcome: 'callback_requested', rang: true, human: true });
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' });
    story.tell({ type: 'ContactStopped', reason: 'legal' });
  },
  'paid while the call rings'(story) {
    story.openDebt();
    story.grant();
    story.tell({ type: 'PaymentRecorded', paymentId: 'p1', settled: true });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
  },
  'a rule lets go inside the slot'(story) {
    story.openDebt();
    story.grant();
    const notBeforeMs = story.atMs + 30 * minuteMs;
    story.tell({ type: 'DialRefused', attemptId: story.attemptId, reason: 'gap', notBeforeMs });
    story.grant();
    story.tell({ type: 'DialPlaced', attemptId: story.attemptId });
    story.tell({ type: 'CallEnded', attemptId: story.attemptId, ...unanswered });
  },
};

describe('golden traces of decide', () => {
  for (const [name, tell] of Object.entries({ ...stories, ...debtStories })) {
    it(`of "${name}" are what they were`, async () => {
      const story = new Story();
      const lines: unknown[] = [];
      const original = story.tell.bind(story);
      story.tell = (fact, atMs) => {
        const decision = original(fact, atMs);
        const { commands, state } = decision;
        lines.push({
          event: { ...fact, atMs: story.atMs },
          commands,
          phase: state.phase.kind,
          wakeAtMs: state.nextWakeAtMs,
        });
        return decision;
      };
      tell(story);
      const file = `../../replay/golden/${name.replaceAll(/[^a-z0-9]+/g, '-')}.json`;
      await expect(`${JSON.stringify(lines, null, 2)}\n`).toMatchFileSnapshot(file);
    });
  }
});
