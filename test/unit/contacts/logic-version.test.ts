import { describe, expect, it } from 'vitest';
import type { ContactFact } from '../../../workflows/contact/events.ts';
import { LOGIC_VERSION } from '../../../workflows/shared/logic-version.ts';
import { dayMs, debtRules, hourMs, Story, unanswered, waveSlots } from '../../support/contact-events.ts';

/** What a run's first activity recorded; runs from before version 2 recorded none. */
function openedBy(logicVersion: number | undefined): Story {
  const story = new Story();
  story.tell({
    type: 'ContactOpened',
    ...(logicVersion === undefined ? {} : { logicVersion }),
    rules: debtRules,
    phones: [{ phoneId: 'p1', usable: true }],
    slots: waveSlots(8),
  });
  return story;
}

type End = Omit<Extract<ContactFact, { type: 'CallEnded' }>, 'type' | 'attemptId'>;

const agreement = { agreementId: 'a1', checkAtMs: 3 * dayMs, linkAtMs: 0, label: 'día 2' };
const promise: End = { outcome: 'promise', rang: true, human: true, agreement };
const callBack: End = { outcome: 'callback_requested', rang: true, human: true };
const refusal: End = { outcome: 'refused', rang: true, human: true };

describe('a rule that changed after histories were recorded', () => {
  it('a run without a version keeps the old one: a promise closes it', () => {
    const story = openedBy(undefined);
    story.call(promise);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'promise' });
  });

  it('a new run takes the new one: a promise is followed', () => {
    const story = openedBy(LOGIC_VERSION);
    story.call(promise);
    expect(story.state.phase.kind).toBe('following');
  });

  it('who asks to be called was closed, and is called', () => {
    const [old, now] = [openedBy(1), openedBy(2)];
    for (const story of [old, now]) story.call(callBack);
    expect(old.state.phase).toEqual({ kind: 'closed', outcome: 'callback_requested' });
    expect(now.state.phase).toMatchObject({ kind: 'waiting', rescheduled: true });
  });

  it('a refusal closed at once, and waits as long as the stage says', () => {
    const [old, now] = [openedBy(1), openedBy(2)];
    for (const story of [old, now]) story.call(refusal);
    expect(old.state.phase).toEqual({ kind: 'closed', outcome: 'refused' });
    expect(now.state.phase).toMatchObject({ kind: 'waiting', slot: { localDay: 'd7' } });
  });

  it('an agreed call that found no line was forgotten, and is still owed', () => {
    const slot = {
      key: 'agreed',
      opensAtMs: 11 * hourMs,
      closesAtMs: 12 * hourMs,
      localDay: 'd0',
      label: 'a',
    };
    const [old, now] = [openedBy(1), openedBy(2)];
    for (const story of [old, now]) {
      story.tell({ type: 'RescheduleRequested', slot });
      story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    }
    expect(old.state.phase).toMatchObject({ kind: 'waiting', rescheduled: false });
    expect(now.state.phase).toMatchObject({ kind: 'waiting', rescheduled: true });
  });

  it('a rule that lets go inside the slot cost the slot, and only puts the turn off', () => {
    const [old, now] = [openedBy(2), openedBy(3)];
    for (const story of [old, now]) {
      story.grant();
      const notBeforeMs = story.atMs + 60_000;
      story.tell({ type: 'DialRefused', attemptId: story.attemptId, reason: 'gap', notBeforeMs });
    }
    const [first, second] = waveSlots(8);
    expect(old.state.phase).toMatchObject({ kind: 'waiting', slot: second });
    expect(now.state.phase).toMatchObject({
      kind: 'waiting',
      slot: first,
      eligibleAtMs: (first?.opensAtMs ?? 0) + 60_000,
    });
  });

  it('a silent call was asked about in minutes, and is left to the sweeper until its slot is over', () => {
    const [old, now] = [openedBy(2), openedBy(3)];
    for (const story of [old, now]) {
      story.grant();
      story.tell({ type: 'DialPlaced', attemptId: story.attemptId });
    }
    const [slot] = waveSlots(8);
    expect(old.state.nextWakeAtMs).toBeLessThan(slot?.closesAtMs ?? 0);
    expect(now.state.nextWakeAtMs).toBeGreaterThanOrEqual(slot?.closesAtMs ?? Infinity);
  });

  it('what did not change is the same in all', () => {
    const [old, now] = [openedBy(1), openedBy(LOGIC_VERSION)];
    for (const story of [old, now]) for (let call = 0; call < 5; call += 1) story.call(unanswered);
    expect(now.state.phase).toEqual(old.state.phase);
    expect(now.commands).toEqual(old.commands);
  });
});
