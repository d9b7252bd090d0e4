import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../workflows/contact/decide.ts';
import { CALL_OUTCOMES, type ContactFact } from '../../workflows/contact/events.ts';
import { type ContactState, initialState } from '../../workflows/contact/state.ts';
import { dayMs, eventOf, hourMs, waveRules, waveSlots } from '../support/contact-events.ts';

/** A step of the world: how much time passes, and what happens, in terms of whatever the contact is doing. */
interface Step {
  readonly passMs: number;
  readonly kind: string;
  readonly pick: number;
}

const kinds = [
  'grant',
  'stale grant',
  'suspend',
  'placed',
  'refused',
  'rejected',
  'unknown',
  'found',
  'not yet',
  'absent',
  'ended',
  'stale end',
  'reschedule',
  'pause',
  'resume',
  'cancel',
  'deadline',
  'plan',
];

const steps = fc.array(
  fc.record({
    passMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3 * hourMs }),
      fc.integer({ min: 0, max: 2 * dayMs }),
    ),
    kind: fc.constantFrom(...kinds),
    pick: fc.nat(1000),
  }),
  { minLength: 5, maxLength: 120 },
);

const refusals = [
  'line_lost',
  'daily_limit',
  'outside_window',
  'cool_down',
  'batch_paused',
  'phone_invalid',
] as const;
const rejections = ['rate_limited', 'no_provider_credit', 'bad_request', 'unauthorised'] as const;

function choose<T>(list: readonly T[], pick: number): T {
  const item = list[pick % list.length];
  if (item === undefined) throw new Error('empty list');
  return item;
}

/** What can happen next. Facts about other attempts and requests are among them: the world repeats itself. */
function factOf(state: ContactState, { kind, pick }: Step, atMs: number): ContactFact {
  const { phase } = state;
  const requestId = phase.kind === 'waiting' ? phase.requestId : `k1:1:${pick % 5}`;
  const attemptId = 'attemptId' in phase ? phase.attemptId : `lease-k1:1:${pick % 5}`;
  const outcome = choose(CALL_OUTCOMES, pick);
  const human = ['promise', 'answered', 'refused', 'do_not_call'].includes(outcome);
  const end = { outcome, human, rang: !['technical', 'invalid_destination'].includes(outcome) };
  const day = Math.floor(atMs / dayMs) + (pick % 3);
  switch (kind) {
    case 'grant':
      return { type: 'LineGranted', requestId, leaseId: `lease-${requestId}` };
    case 'stale grant':
      return { type: 'LineGranted', requestId: 'k1:1:0', leaseId: 'lease-old' };
    case 'suspend':
      return { type: 'LineSuspended', requestId };
    case 'placed':
      return { type: 'DialPlaced', attemptId };
    case 'refused':
      return {
        type: 'DialRefused',
        attemptId,
        reason: choose(refusals, pick),
        notBeforeMs: pick % 2 ? atMs + dayMs : null,
      };
    case 'rejected':
      return { type: 'DialRejected', attemptId, reason: choose(rejections, pick) };
    case 'unknown':
      return { type: 'DialOutcomeUnknown', attemptId };
    case 'found':
      return { type: 'CallFound', attemptId };
    case 'not yet':
      return { type: 'CallNotFoundYet', attemptId };
    case 'absent':
      return { type: 'CallAbsent', attemptId, dialled: pick % 2 === 0 };
    case 'ended':
      return { type: 'CallEnded', attemptId, ...end };
    case 'stale end':
      return { type: 'CallEnded', attemptId: 'lease-old', ...end };
    case 'reschedule':
      return {
        type: 'RescheduleRequested',
        slot: {
          key: `agreed-${day}-${pick}`,
          opensAtMs: Math.max(atMs, day * dayMs + 10 * hourMs),
          closesAtMs: Math.max(atMs, day * dayMs + 10 * hourMs) + 8 * hourMs,
          localDay: `d${day}`,
          label: 'acordada',
        },
      };
    case 'pause':
      return { type: 'PauseRequested' };
    case 'resume':
      return { type: 'ResumeRequested' };
    case 'cancel':
      return { type: 'CancelRequested' };
    case 'plan':
      return { type: 'SlotsPlanned', slots: waveSlots(3, Math.floor(atMs / dayMs)) };
    default:
      return { type: 'DeadlineReached' };
  }
}

interface Trace {
  readonly atMs: number;
  readonly before: ContactState;
  readonly after: ContactState;
  readonly fact: ContactFact;
  readonly commands: ReturnType<typeof decide>['commands'];
}

function live(story: readonly Step[]): readonly Trace[] {
  let state = initialState('k1', 1);
  let atMs = 0;
  const trace: Trace[] = [];
  const tell = (fact: ContactFact): void => {
    const before = state;
    const { state: after, commands } = decide(before, eventOf(fact, atMs));
    state = after;
    trace.push({ atMs, before, after, fact, commands });
  };
  tell({
    type: 'ContactOpened',
    rules: waveRules,
    phones: [
      { phoneId: 'p1', usable: true },
      { phoneId: 'p2', usable: true },
    ],
    slots: waveSlots(4),
  });
  for (const step of story) {
    atMs += step.passMs;
    tell(factOf(state, step, atMs));
  }
  return trace;
}

const runs = { numRuns: 600 };

describe('decide, for any sequence of events', () => {
  it('never dials more than three times on one local day, nor more than nine times in all', () => {
    fc.assert(
      fc.property(steps, (story) => {
        // Counted from the commands, not from decide's own counters: a dial that was refused, rejected, or proven
        // never to have begun, is no call.
        const perDay = new Map<string, number>();
        let calls = 0;
        let open: { day: string } | undefined;
        for (const { commands, fact, before, after } of live(story)) {
          const isOurs =
            'attemptId' in fact && 'attemptId' in before.phase && fact.attemptId === before.phase.attemptId;
          const isNoCall =
            fact.type === 'DialRefused' ||
            fact.type === 'DialRejected' ||
            (fact.type === 'CallAbsent' && !fact.dialled && before.phase.kind !== 'calling');
          if (open !== undefined && isOurs && isNoCall && after.phase !== before.phase) {
            perDay.set(open.day, (perDay.get(open.day) ?? 0) - 1);
            calls -= 1;
          }
          for (const command of commands) {
            if (command.type !== 'Dial') continue;
            open = { day: command.slot.localDay };
            perDay.set(open.day, (perDay.get(open.day) ?? 0) + 1);
            calls += 1;
            if (!command.rescheduled) expect(perDay.get(open.day)).toBeLessThanOrEqual(3);
          }
        }
        expect(calls).toBeLessThanOrEqual(9);
      }),
      runs,
    );
  });

  it('asks for lines only inside a slot, and not twice at once', () => {
    fc.assert(
      fc.property(steps, (story) => {
        let waiting: string | undefined;
        for (const { commands, before, atMs } of live(story)) {
          for (const command of commands) {
            if (
              command.type === 'Dial' ||
              command.type === 'CloseContact' ||
              command.type === 'HoldContact'
            ) {
              waiting = undefined;
            }
            if (command.type !== 'RequestLine') continue;
            expect(command.eligibleAtMs).toBeGreaterThanOrEqual(command.slot.opensAtMs);
            expect(command.eligibleAtMs).toBeLessThan(command.slot.closesAtMs);
            expect(command.slot.closesAtMs).toBeGreaterThan(atMs);
            const given = [command.missedRequestId, command.replacedRequestId];
            if (waiting !== undefined && before.phase.kind === 'waiting') expect(given).toContain(waiting);
            waiting = command.requestId;
          }
        }
      }),
      runs,
    );
  });

  it('a repeated event changes nothing', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { after, fact, atMs } of live(story)) {
          const again = decide(after, eventOf(fact, atMs));
          expect(again.commands).toEqual([]);
          expect(again.state).toEqual(after);
        }
      }),
      runs,
    );
  });

  it('after it has closed, and while it is held, nothing dials', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { before, commands } of live(story)) {
          if (before.phase.kind === 'closed') expect(commands).toEqual([]);
          if (before.phase.kind === 'holding')
            expect(commands.some(({ type }) => type === 'Dial')).toBe(false);
        }
      }),
      runs,
    );
  });

  it('goes on to a fourth silent day only for a call that was asked for', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { before, commands } of live(story)) {
          if (before.silentDays.length < waveRules.silentDaysToExclude) continue;
          for (const command of commands) {
            if (command.type !== 'Dial' || command.rescheduled) continue;
            expect(before.silentDays).toContain(command.slot.localDay);
          }
        }
      }),
      runs,
    );
  });

  it('always has a way on: a deadline, an activity under way, a pause, or its end', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { after, commands } of live(story)) {
          const isWaitingForAnswer = ['dialling', 'planning', 'opening'].includes(after.phase.kind);
          const isResting = after.phase.kind === 'closed' || after.phase.kind === 'holding';
          expect(after.nextWakeAtMs !== null || isWaitingForAnswer || isResting || commands.length > 0).toBe(
            true,
          );
        }
      }),
      runs,
    );
  });
});
