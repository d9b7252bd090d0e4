import { describe, expect, it } from 'vitest';
import {
  dayMs,
  debtRules,
  followUp,
  hourMs,
  minuteMs,
  Story,
  technical,
  unanswered,
  waveRules,
  waveSlots,
} from '../../support/contact-events.ts';

const refused = { outcome: 'refused', rang: true, human: true } as const;

function begun(): Story {
  const story = new Story();
  story.open();
  return story;
}

describe('waves', () => {
  it('an unanswered call goes to the next wave and the next phone, then to the first phone again', () => {
    const story = begun();
    for (let call = 0; call < 3; call += 1) story.call(unanswered);
    const dials = story.commands.flatMap((command) => (command.type === 'Dial' ? [command] : []));
    expect(dials.map(({ slot, phoneId }) => [slot.key, phoneId])).toEqual([
      ['d0/9', 'p1'],
      ['d0/12', 'p2'],
      ['d0/15', 'p1'],
    ]);
  });

  it('a technical failure is retried after half an hour inside the same wave, and not outside it', () => {
    const story = begun();
    story.call(technical);
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd0/9' } });
    expect(story.state.phase).toMatchObject({ eligibleAtMs: 9 * hourMs + 31 * minuteMs });
    story.call(technical);
    story.call(technical);
    // The day is full: three dials, whoever failed.
    expect(story.state.phase).toMatchObject({ slot: { key: 'd1/9' } });
  });

  it('silent days are judged when they are over: an answer on the third day saves the contact', () => {
    const story = begun();
    for (let call = 0; call < 8; call += 1) story.call(unanswered);
    expect(story.state.silentDays).toHaveLength(3);
    expect(story.state.phase.kind).toBe('waiting');
    story.call({ outcome: 'promise', rang: true, human: true });
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'promise' });
  });

  it('three silent days with calls left close as excluded before a call of a fourth day', () => {
    const story = new Story();
    story.open({ ...waveRules, maxAttempts: 100 });
    for (let call = 0; call < 9; call += 1) story.call(unanswered);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'excluded' });
  });

  it.each([
    ['before', [unanswered, refused], 6, ['d7']],
    ['after', [refused, unanswered], 6, ['d7']],
    ['before, under the logic of contacts that began with it', [unanswered, refused], 5, ['d0', 'd7']],
  ] as const)(
    'a day on which the person took a call is no day of silence: a call that nobody took came %s it',
    (_, calls, logicVersion, silent) => {
      const story = new Story();
      // A refusal that asks for no pause: the same day goes on.
      const rules = { ...debtRules, followUp: { ...followUp, refusalPauseMs: 0 } };
      story.openDebt(rules, [...waveSlots(1), ...waveSlots(5, 7)], logicVersion);
      for (const call of calls) story.call(call);
      expect(story.state.phase.kind).toBe('waiting');
      while (story.state.phase.kind === 'waiting' && story.state.phase.slot.localDay === 'd0') {
        story.call(unanswered);
      }
      story.call(unanswered);
      expect(story.state.silentDays).toEqual(silent);
    },
  );

  it("a provider's failure is nobody's silence: nine of them exhaust, and exclude nobody", () => {
    const story = begun();
    for (let call = 0; call < 9; call += 1) story.call(technical);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'exhausted' });
    expect(story.state.silentDays).toEqual([]);
  });

  it('a wave without a free line is missed, not attempted', () => {
    const story = begun();
    const { nextWakeAtMs } = story.state;
    const decision = story.tell({ type: 'DeadlineReached' }, nextWakeAtMs ?? 0);
    expect(decision.commands).toMatchObject([
      {
        type: 'RequestLine',
        missedRequestId: 'k1:1:1:d0/9',
        requestId: 'k1:1:2:d0/12',
        slot: { key: 'd0/12' },
      },
    ]);
    expect(story.state.attempts).toBe(0);
  });
});

describe('ladder', () => {
  const ladder = { ...waveRules, mode: 'ladder', maxAttempts: 3 } as const;

  it('no answer waits an hour and a failure half an hour, within the legal day', () => {
    const story = new Story();
    const day = { key: 'd0/1', opensAtMs: 8 * hourMs, closesAtMs: 20 * hourMs, localDay: 'd0', label: 'día' };
    story.open(ladder, 1, [day]);
    story.call(unanswered);
    expect(story.state.phase).toMatchObject({ eligibleAtMs: 8 * hourMs + 61 * minuteMs });
    story.call(technical);
    expect(story.state.phase).toMatchObject({ eligibleAtMs: 9 * hourMs + 32 * minuteMs });
    story.call(unanswered);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'exhausted' });
  });
});

describe('phones', () => {
  it('a number that does not exist is dropped and the next one is dialled at once', () => {
    const story = begun();
    story.call({ outcome: 'invalid_destination', rang: false, human: false });
    expect(story.state.phones).toMatchObject([{ usable: false }, { usable: true }]);
    story.grant();
    expect(story.commands.at(-1)).toMatchObject({ type: 'Dial', phoneId: 'p2', slot: { key: 'd0/9' } });
  });

  it('somebody else who answers is no silence of the person', () => {
    const story = begun();
    story.call({ outcome: 'wrong_person', rang: true, human: false });
    expect(story.state.silentDays).toEqual([]);
  });

  it('when no phone is left the contact has failed', () => {
    const story = new Story();
    story.open(waveRules, 1);
    story.call({ outcome: 'wrong_person', rang: true, human: false });
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'no_phone' });
  });

  it('a person without a phone closes at once', () => {
    const story = new Story();
    story.open(waveRules, 0);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'no_phone' });
  });
});

describe('the dial whose answer was lost', () => {
  it('counts, waits to be told without asking anybody outside, and is adopted when found', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    const lost = story.tell({ type: 'DialOutcomeUnknown', attemptId });
    expect(lost.commands).toEqual([{ type: 'RecoverDial', attemptId }]);
    expect(story.state).toMatchObject({
      attempts: 1,
      callsByDay: { d0: 1 },
      phase: { kind: 'unconfirmed' },
    });
    // The row is to say that there is a call.
    const found = story.tell({ type: 'CallFound', attemptId });
    expect(found.commands).toEqual([
      { type: 'HoldContact', missedRequestId: null, withdrawnRequestId: null },
    ]);
    expect(story.state).toMatchObject({ attempts: 1, phase: { kind: 'calling' }, nextWakeAtMs: null });
  });

  it('that nobody tells anything about is read once more each hour: a restore may have lost its attempt', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    for (const hours of [1, 2]) {
      expect(story.state.nextWakeAtMs).toBe(9 * hourMs + hours * hourMs);
      const again = story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
      expect(again.commands).toEqual([{ type: 'RecoverDial', attemptId }]);
      expect(story.state).toMatchObject({ attempts: 1, phase: { kind: 'unconfirmed' } });
    }
  });

  it('whose record cannot be read is read again later, and a word about it needs no record', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CommandFailed', command: 'RecoverDial' });
    const again = story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
    expect(again.commands).toEqual([{ type: 'RecoverDial', attemptId }]);
    story.tell({ type: 'CommandFailed', command: 'RecoverDial' });
    story.tell({ type: 'CallEnded', attemptId, ...unanswered });
    expect(story.state).toMatchObject({ attempts: 1, phase: { kind: 'waiting' } });
  });

  it('is told twice of its absence: the second word changes nothing', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CallAbsent', attemptId, dialled: false });
    const before = story.state;
    expect(story.tell({ type: 'CallAbsent', attemptId, dialled: true }).commands).toEqual([]);
    expect(story.state).toEqual(before);
  });

  it('that was found is not given up for a proof that it never was: it would be dialled beside', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CallFound', attemptId });
    const before = story.state;
    for (const dialled of [true, false]) {
      expect(story.tell({ type: 'CallAbsent', attemptId, dialled }).commands).toEqual([]);
      expect(story.state).toEqual(before);
    }
  });

  it('is never dialled again in the same wave, also when it is proven absent', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CallAbsent', attemptId, dialled: true });
    expect(story.state).toMatchObject({ attempts: 1, phase: { slot: { key: 'd0/12' } } });
  });

  it('that stopped before its attempt was recorded counts for nothing', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CallAbsent', attemptId, dialled: false });
    expect(story.state).toMatchObject({ attempts: 0, callsByDay: { d0: 0 } });
  });

  it('of an agreed call that never began leaves the call owed', () => {
    const story = begun();
    const slot = {
      key: 'agreed',
      opensAtMs: 11 * hourMs,
      closesAtMs: 20 * hourMs,
      localDay: 'd0',
      label: 'x',
    };
    story.tell({ type: 'RescheduleRequested', slot });
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialOutcomeUnknown', attemptId });
    story.tell({ type: 'CallAbsent', attemptId, dialled: false });
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'agreed' }, rescheduled: true });
  });

  it('an end that comes before the answer to the dial is its proof', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'CallEnded', attemptId, ...unanswered });
    expect(story.state).toMatchObject({ attempts: 1, phase: { kind: 'waiting' } });
    const before = story.state;
    story.tell({ type: 'DialPlaced', attemptId });
    expect(story.state).toEqual(before);
  });
});

describe('operators', () => {
  it('a pause takes the request back and holds; a resume asks for the next open slot', () => {
    const story = begun();
    expect(story.tell({ type: 'PauseRequested' }).commands).toEqual([
      { type: 'HoldContact', missedRequestId: null, withdrawnRequestId: 'k1:1:1:d0/9' },
    ]);
    story.tell({ type: 'ResumeRequested' }, 13 * hourMs);
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd0/12' } });
  });

  it('a pause during a call holds after it', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialPlaced', attemptId });
    expect(story.tell({ type: 'PauseRequested' }).commands).toEqual([]);
    story.tell({ type: 'CallEnded', attemptId, ...unanswered });
    expect(story.state.phase).toEqual({ kind: 'holding' });
  });

  it('a cancel during a call lets it end and then closes', () => {
    const story = begun();
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialPlaced', attemptId });
    story.tell({ type: 'CancelRequested' });
    story.tell({ type: 'CallEnded', attemptId, ...unanswered });
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'cancelled' });
  });

  it('an agreed call replaces the waiting one, goes first, survives a pause, and is followed by the waves again', () => {
    const story = begun();
    const slot = {
      key: 'reagendada/x',
      opensAtMs: 11 * hourMs,
      closesAtMs: 20 * hourMs,
      localDay: 'd0',
      label: 'x',
    };
    const { commands } = story.tell({ type: 'RescheduleRequested', slot });
    expect(commands).toMatchObject([
      { type: 'RequestLine', slot: { key: slot.key }, priority: 0, replacedRequestId: 'k1:1:1:d0/9' },
    ]);
    story.tell({ type: 'PauseRequested' });
    story.tell({ type: 'ResumeRequested' });
    story.call(unanswered);
    expect(story.commands.find((command) => command.type === 'Dial')).toMatchObject({
      rescheduled: true,
      slot: { key: slot.key },
    });
    expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd0/12' }, rescheduled: false });
  });
});

describe('refused dials', () => {
  const refuse = (
    story: Story,
    reason: 'daily_limit' | 'outside_window' | 'cool_down' | 'line_lost',
    notBeforeMs = 0,
  ) => {
    story.grant();
    const { attemptId } = story;
    story.tell({ type: 'DialRefused', attemptId, reason, notBeforeMs: notBeforeMs || null });
  };

  it('a day that another batch has used up is left out whole', () => {
    const story = begun();
    refuse(story, 'daily_limit');
    expect(story.state).toMatchObject({ attempts: 0, phase: { slot: { key: 'd1/9' } } });
  });

  it('a cool-down is waited out', () => {
    const story = begun();
    refuse(story, 'cool_down', 2 * dayMs + 10 * hourMs);
    expect(story.state.phase).toMatchObject({ slot: { key: 'd2/9' }, eligibleAtMs: 2 * dayMs + 10 * hourMs });
  });

  it('a cool-down that outlasts the batch closes the contact now, not when it is over', () => {
    const story = new Story();
    story.open({ ...waveRules, expiresAtMs: 2 * dayMs });
    refuse(story, 'cool_down', 7 * dayMs);
    expect(story.state.phase).toEqual({ kind: 'closed', outcome: 'expired' });
  });

  it('a line that was lost before the dial is asked for again in the same wave', () => {
    const story = begun();
    refuse(story, 'line_lost');
    expect(story.state.phase).toMatchObject({ slot: { key: 'd0/9' }, requestId: 'k1:1:2:d0/9' });
  });
});

it('a missed turn that was the last one known is a refusal too', () => {
  const story = new Story();
  story.open(waveRules, 1, waveSlots(1).slice(0, 1));
  const { commands } = story.tell({ type: 'DeadlineReached' }, story.state.nextWakeAtMs ?? 0);
  expect(commands).toMatchObject([
    { type: 'HoldContact', missedRequestId: 'k1:1:1:d0/9' },
    { type: 'PlanSlots' },
  ]);
});

it('slots that run out are planned from where they ended', () => {
  const story = new Story();
  story.open(waveRules, 1, waveSlots(1));
  for (let call = 0; call < 2; call += 1) story.call(unanswered);
  const { commands } = story.call(unanswered);
  expect(commands).toEqual([{ type: 'PlanSlots', fromMs: 16.5 * hourMs }]);
  story.tell({ type: 'SlotsPlanned', slots: waveSlots(1, 1) });
  expect(story.state.phase).toMatchObject({ kind: 'waiting', slot: { key: 'd1/9' } });
});
