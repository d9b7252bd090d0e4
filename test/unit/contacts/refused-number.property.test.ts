import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ContactCommand } from '../../../workflows/contact/commands.ts';
import {
  minuteMs,
  Story,
  technical,
  unanswered,
  waveRules,
  waveSlots,
} from '../../support/contact-events.ts';

const ends = ['number refused', 'rate limited', 'no answer', 'technical'] as const;
type End = (typeof ends)[number];
type Dial = Extract<ContactCommand, { readonly type: 'Dial' }>;

/** Waves whose pauses fit into them, so that the same wave could always be asked for again. */
const rules = { ...waveRules, technicalRetryMs: minuteMs, maxAttempts: 9 };

/** The dials of a life that ends each of them as told, as long as there are any. */
function dialsOf(
  logicVersion: number,
  phones: number,
  script: readonly End[],
): readonly { dial: Dial; end: End }[] {
  const story = new Story();
  story.tell({
    type: 'ContactOpened',
    logicVersion,
    rules,
    phones: Array.from({ length: phones }, (_, index) => ({ phoneId: `p${index + 1}`, usable: true })),
    slots: waveSlots(12),
  });
  const dials: { dial: Dial; end: End }[] = [];
  for (const end of script) {
    if (story.state.phase.kind !== 'waiting') break;
    const dial = story.grant().commands.find((command) => command.type === 'Dial');
    if (dial === undefined) throw new Error('a line was granted, and nobody dialled');
    dials.push({ dial, end });
    const { attemptId } = story;
    if (end === 'number refused') story.tell({ type: 'DialRejected', attemptId, reason: 'bad_request' });
    else if (end === 'rate limited') story.tell({ type: 'DialRejected', attemptId, reason: 'rate_limited' });
    else story.tell({ type: 'CallEnded', attemptId, ...(end === 'technical' ? technical : unanswered) });
  }
  return dials;
}

const lives = {
  phones: fc.integer({ min: 1, max: 3 }),
  script: fc.array(fc.constantFrom(...ends), { minLength: 2 }),
};

it('a number that the provider refused is not dialled next while there is another, nor twice in one slot', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.record(lives), ({ phones, script }) => {
      const dials = dialsOf(5, phones, script);
      for (const [index, { dial, end }] of dials.entries()) {
        const next = dials[index + 1]?.dial;
        if (end !== 'number refused' || next === undefined) continue;
        refused += 1;
        if (phones > 1) expect(next.phoneId).not.toBe(dial.phoneId);
        else expect(next.slot.key).not.toBe(dial.slot.key);
      }
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(100);
});

it('a run of version 4 dials it again, as it began', () => {
  const dials = dialsOf(4, 2, ['number refused', 'number refused', 'no answer']).map(({ dial }) => dial);
  expect(dials.map(({ phoneId }) => phoneId)).toEqual(['p1', 'p1', 'p1']);
  expect(new Set(dials.map(({ slot }) => slot.key)).size).toBe(1);
});
