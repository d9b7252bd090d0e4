import { describe, expect, it } from 'vitest';
import { hourMs, Story, technical, unanswered, waveRules, waveSlots } from '../support/contact-events.ts';

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
    for (let look = 0; look < 4; look += 1) {
      story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
      story.tell({ type: 'CallNotFoundYet', attemptId: story.attemptId });
    }
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

describe('golden traces of decide', () => {
  for (const [name, tell] of Object.entries(stories)) {
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
      const file = `../replay/golden/${name.replaceAll(/[^a-z]+/g, '-')}.json`;
      await expect(`${JSON.stringify(lines, null, 2)}\n`).toMatchFileSnapshot(file);
    });
  }
});
