import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageId } from '../../../workflows/contact/rules/message-id.ts';
import { decide } from '../../../workflows/contact/decide.ts';
import { debtRules, eventOf, waveRules } from '../../support/contact-events.ts';
import { live, steps } from '../../support/contact-lives.ts';

const runs = { numRuns: 600 };

describe.each([
  ['waves', waveRules],
  ['waves that negotiate', debtRules],
  ['a ladder', { ...debtRules, mode: 'ladder' as const }],
])('decide, for any sequence of events, by the rules of %s', (_name, rules) => {
  it('never dials more than three times on one local day, nor more than nine times in all', () => {
    fc.assert(
      fc.property(steps, (story) => {
        // Counted from the commands, not from decide's own counters: a dial that was refused, rejected, or proven
        // never to have begun, is no call.
        const perDay = new Map<string, number>();
        let calls = 0;
        let open: { day: string } | undefined;
        for (const { commands, fact, before, after } of live(story, rules)) {
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
        for (const { commands, before, atMs } of live(story, rules)) {
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
        for (const { after, fact, atMs } of live(story, rules)) {
          // A deadline that sets one which has come as well is followed by another deadline, not by itself.
          if (fact.type === 'DeadlineReached' && (after.nextWakeAtMs ?? Infinity) <= atMs) continue;
          // The shell takes it once: workflows/shared/entity.ts.
          if (messageId(fact) !== null) continue;
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
        for (const { before, commands } of live(story, rules)) {
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
        for (const { before, commands } of live(story, rules)) {
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

  it('always has a way on: a deadline, an activity or a call under way, a pause, or its end', () => {
    fc.assert(
      fc.property(steps, (story) => {
        for (const { after, commands } of live(story, rules)) {
          const isWaitingForAnswer = ['dialling', 'planning', 'opening'].includes(after.phase.kind);
          // Its end is told by whoever settles it, and the audit sees to it that somebody asks: running_call_is_watched.
          const isInCall = after.phase.kind === 'calling';
          const isResting = after.phase.kind === 'closed' || after.phase.kind === 'holding';
          const isWaiting = after.nextWakeAtMs !== null || isWaitingForAnswer || isInCall;
          expect(isWaiting || isResting || commands.length > 0).toBe(true);
        }
      }),
      runs,
    );
  });
});
