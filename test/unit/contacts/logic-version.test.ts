import { describe, expect, it } from 'vitest';
import {
  hasMinVersion,
  LOGIC_VERSION,
  OLDEST_LOGIC_VERSION,
} from '../../../domain/contacts/rules/logic-version.ts';
import { attributes } from '../../../workflows/contact/labels.ts';
import { initialState } from '../../../workflows/contact/state.ts';
import { debtRules, Story, unanswered, waveSlots } from '../../support/contact-events.ts';

describe('the version of a run', () => {
  it('is the one that its first activity recorded, whatever this code knows', () => {
    const story = new Story();
    story.openDebt(debtRules, waveSlots(8), LOGIC_VERSION + 3);
    for (let call = 0; call < 5; call += 1) story.call(unanswered);
    expect(story.state.logicVersion).toBe(LOGIC_VERSION + 3);
  });

  it('has every rule that came with it or before it, and none that came later', () => {
    const run = { logicVersion: 6 };
    expect([5, 6, 7].map((version) => hasMinVersion(run, version))).toEqual([true, true, false]);
  });

  it('is never older than what this code still knows', () => {
    expect(initialState('k1', 1).logicVersion).toBe(OLDEST_LOGIC_VERSION);
    expect(OLDEST_LOGIC_VERSION).toBeLessThanOrEqual(LOGIC_VERSION);
  });
});

describe('the state that an operator filters by', () => {
  const story = new Story();
  story.open();
  const waiting = story.state;
  story.tell({ type: 'PauseRequested' });
  const paused = story.state;

  const changed = (before: typeof waiting, after: typeof waiting) =>
    attributes(before, after).map(({ key, value }) => `${key.name}=${value}`);

  it('is written when it changes to or from one that is filtered by', () => {
    expect(changed(waiting, paused)).toEqual(['TandasState=paused']);
    expect(changed(paused, waiting)).toEqual(['TandasState=waiting']);
    expect(
      changed(waiting, { ...waiting, phase: { kind: 'planning', notBeforeMs: 0, avoidSlotKey: null } }),
    ).toEqual([]);
  });

  it('is written by the version of the run: one that began before a state was filtered by replays without it', () => {
    const older = { logicVersion: OLDEST_LOGIC_VERSION - 1 };
    expect(changed({ ...waiting, ...older }, { ...paused, ...older })).toEqual([]);
  });

  it('follows to the end, with the outcome, since version 6; a run that began before replays without it', () => {
    const closed = { ...waiting, phase: { kind: 'closed', outcome: 'paid' } } as const;
    expect(changed({ ...waiting, logicVersion: 6 }, { ...closed, logicVersion: 6 })).toEqual([
      'TandasState=closed',
      'TandasOutcome=paid',
    ]);
    expect(changed({ ...waiting, logicVersion: 5 }, { ...closed, logicVersion: 5 })).toEqual([]);
    expect(changed({ ...paused, logicVersion: 5 }, { ...closed, logicVersion: 5 })).toEqual([
      'TandasState=closed',
    ]);
    // Once: what comes after the end changes nothing.
    expect(changed({ ...closed, logicVersion: 6 }, { ...closed, logicVersion: 6 })).toEqual([]);
  });
});
