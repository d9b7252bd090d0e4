import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContactFact } from '../../../domain/contacts/rules/facts.ts';
import type { Slot } from '../../../domain/policy/rules/slot.ts';
import {
  dayMs,
  debtRules,
  hourMs,
  minuteMs,
  Story,
  waveRules,
  waveSlots,
} from '../../support/contact-events.ts';

/** One day of a ladder: every hour of it may be used. */
function daySlots(days: number): readonly Slot[] {
  return Array.from({ length: days }, (_, day) => ({
    key: `d${day}`,
    opensAtMs: day * dayMs + 8 * hourMs,
    closesAtMs: day * dayMs + 20 * hourMs,
    localDay: `d${day}`,
    label: `día ${day}`,
  }));
}

/** A call that was agreed on for now, until the end of the legal day. */
function agreedNow(atMs: number): ContactFact {
  const day = Math.floor(atMs / dayMs);
  const slot = {
    key: `agreed-${atMs}`,
    opensAtMs: atMs,
    closesAtMs: Math.max(atMs + 2_000, day * dayMs + 20 * hourMs),
    localDay: `d${day}`,
    label: 'acordada',
  };
  return { type: 'RescheduleRequested', slot };
}

const answers = ['rejected', 'on call', 'line lost', 'late', 'unknown absent'] as const;
type Answer = (typeof answers)[number];

interface Dialled {
  readonly atMs: number;
  /** How the dial before it ended. */
  readonly after: Answer | undefined;
  /** When that was known. */
  readonly endedAtMs: number;
}

/** Grants each line at the instant from which it is wanted, and ends each dial as told; between them others ask for calls. */
function dialsOf(
  story: Story,
  script: readonly { readonly answer: Answer; readonly meanwhile: string }[],
): readonly Dialled[] {
  const dialled: Dialled[] = [];
  let last: { readonly answer: Answer; readonly atMs: number } | undefined;
  for (const { answer, meanwhile } of script) {
    if (meanwhile === 'agreed') story.tell(agreedNow(story.atMs));
    if (meanwhile === 'paused') {
      story.tell({ type: 'PauseRequested' });
      story.tell({ type: 'ResumeRequested' });
    }
    if (story.state.phase.kind === 'planning') {
      story.tell({ type: 'SlotsPlanned', slots: daySlots(40).filter((slot) => slot.opensAtMs > story.atMs) });
    }
    if (story.state.phase.kind !== 'waiting') break;
    story.grant();
    dialled.push({ atMs: story.atMs, after: last?.answer, endedAtMs: last?.atMs ?? 0 });
    end(story, answer);
    last = { answer, atMs: story.atMs };
  }
  return dialled;
}

function end(story: Story, answer: Answer): void {
  const { attemptId } = story;
  switch (answer) {
    case 'rejected':
      return void story.tell({ type: 'DialRejected', attemptId, reason: 'no_provider_credit' });
    case 'on call':
      return void story.tell({ type: 'DialRefused', attemptId, reason: 'person_on_call', notBeforeMs: null });
    case 'line lost':
      return void story.tell({ type: 'DialRefused', attemptId, reason: 'line_lost', notBeforeMs: null });
    case 'late':
      return void story.tell({ type: 'DialRefused', attemptId, reason: 'worker_late', notBeforeMs: null });
    case 'unknown absent':
      story.tell({ type: 'DialOutcomeUnknown', attemptId });
      return void story.tell({ type: 'CallAbsent', attemptId, dialled: false });
  }
}

const scripts = fc.array(
  fc.record({
    answer: fc.constantFrom(...answers),
    meanwhile: fc.constantFrom('nothing', 'agreed', 'paused'),
  }),
  { minLength: 2, maxLength: 40 },
);

/** The shortest pause after each end of a dial that rang nowhere. */
const shortest: Readonly<Record<Answer, number>> = {
  rejected: waveRules.technicalRetryMs,
  'on call': waveRules.technicalRetryMs,
  'line lost': minuteMs,
  late: minuteMs,
  'unknown absent': minuteMs,
};

describe('after a dial that rang nowhere', () => {
  it.each([
    ['waves', waveRules, waveSlots(4)],
    ['a ladder', { ...debtRules, mode: 'ladder' as const }, daySlots(4)],
  ])('no dial follows sooner than its pause, whoever asks for one (%s)', (_name, rules, slots) => {
    fc.assert(
      fc.property(scripts, (script) => {
        const story = new Story();
        story.openDebt(rules, slots);
        for (const { atMs, after, endedAtMs } of dialsOf(story, script)) {
          if (after !== undefined) expect(atMs - endedAtMs).toBeGreaterThanOrEqual(shortest[after]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('an agreed call that the provider keeps rejecting is tried a handful of times in a day, not once a second', () => {
    const story = new Story();
    story.open(waveRules, 1, daySlots(3));
    const script = Array.from({ length: 200 }, () => ({ answer: 'rejected' as const, meanwhile: 'agreed' }));
    const dialled = dialsOf(story, script).filter(({ atMs }) => atMs < dayMs);
    expect(dialled.length).toBeGreaterThan(2);
    expect(dialled.length).toBeLessThanOrEqual(3 + 24 / 4);
  });

  it('lines that nobody dials on are asked for less and less often, at most every technical retry', () => {
    const story = new Story();
    story.open(waveRules, 1, daySlots(3));
    const script = Array.from({ length: 500 }, () => ({
      answer: 'line lost' as const,
      meanwhile: 'nothing',
    }));
    const dialled = dialsOf(story, script).filter(({ atMs }) => atMs < dayMs);
    expect(dialled.length).toBeLessThanOrEqual(5 + (12 * hourMs) / waveRules.technicalRetryMs);
  });

  it('a dial that is placed ends the row: the next rejection has the first pause again', () => {
    const story = new Story();
    story.open({ ...waveRules, mode: 'ladder' }, 1, daySlots(3));
    for (let time = 0; time < 3; time += 1) {
      story.grant();
      end(story, 'rejected');
    }
    story.call({ outcome: 'technical', rang: false, human: false });
    story.grant();
    const rejectedAtMs = story.atMs;
    end(story, 'rejected');
    expect(story.state.restUntilMs).toBe(rejectedAtMs + waveRules.technicalRetryMs);
  });
});
