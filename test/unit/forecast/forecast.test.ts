import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { ZoneCalendar } from '../../../domain/forecast/calendar.ts';
import { forecast } from '../../../domain/forecast/forecast.ts';
import { Agenda } from '../../../domain/forecast/agenda.ts';
import { inventContacts } from '../../../domain/forecast/invented.ts';
import { summarise } from '../../../domain/forecast/summary.ts';
import type { Forecast, ForecastInput } from '../../../domain/forecast/types.ts';
import { population } from '../../../domain/rehearsal/rules/person.ts';
import { debtCollection } from '../../../domain/usecases/debt-collection.ts';

const dayMs = 86_400_000;
const startMs = Date.parse('2027-03-08T09:00:00Z');
const zones = ['America/Santiago'] as const;

function inputOf(seed: string, lines: number, count = 150, groupSize = count): ForecastInput {
  const pack = findPack('cl-collection-waves');
  if (pack === undefined) throw new Error('no such pack');
  return {
    contacts: inventContacts({ count, seed, zones, currency: 'CLP', today: '2027-03-08' }),
    policy: collectionWaves,
    pack,
    useCase: debtCollection,
    negotiation: collectionStandard,
    people: population(seed),
    startMs,
    lines,
    groupSize,
    untilMs: startMs + 60 * dayMs,
  };
}

const seeds = fc.integer({ min: 1, max: 10_000 }).map(String);

function mostAtOnce({ lives }: Forecast): number {
  const edges = lives
    .flatMap(({ calls }) =>
      calls.flatMap(
        ({ atMs, seconds }) =>
          [
            [atMs, 1],
            [atMs + seconds * 1_000, -1],
          ] as const,
      ),
    )
    // An end frees its line for a call of the same instant.
    .toSorted(([one, up], [other, down]) => one - other || up - down);
  let [now, most] = [0, 0];
  for (const [, change] of edges) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

describe('a forecast', () => {
  it('of one seed is one story, and of another seed another', () => {
    expect(forecast(inputOf('7', 5))).toEqual(forecast(inputOf('7', 5)));
    expect(forecast(inputOf('8', 5)).lives).not.toEqual(forecast(inputOf('7', 5)).lives);
  });

  it('never has more calls at once than lines, nor more than the limits of a day and of a life', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, lines) => {
        const lived = forecast(inputOf(seed, lines, 60));
        expect(mostAtOnce(lived)).toBeLessThanOrEqual(lines);
        expect(lived.peakLines).toBeLessThanOrEqual(lines);
        for (const { calls } of lived.lives) {
          expect(calls.length).toBeLessThanOrEqual(9);
          for (const { localDay } of calls)
            expect(calls.filter((call) => call.localDay === localDay).length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('uses its lines: with fewer of them the same people are called later, not less legally', () => {
    const [few, many] = [forecast(inputOf('3', 1, 600)), forecast(inputOf('3', 600, 600))];
    expect(few.refusals['no_line']).toBeGreaterThan(0);
    expect(many.refusals['no_line']).toBeUndefined();
    expect(few.peakLines).toBe(1);
    const firstDay = ({ lives }: Forecast): number =>
      lives.filter(({ calls }) => calls.some(({ localDay }) => localDay === '2027-03-08')).length;
    expect(firstDay(few)).toBeLessThan(firstDay(many));
  });

  it('calls only in the hours of the pack, and in waves', () => {
    const calendar = new ZoneCalendar(collectionWaves, inputOf('1', 1).pack, zones, startMs);
    // Few lines: many wait past their wave.
    for (const { calls } of forecast(inputOf('5', 2, 400)).lives) {
      for (const { atMs, waveKey } of calls) {
        expect(calendar.local(atMs).hour).toBeGreaterThanOrEqual(8);
        expect(calendar.local(atMs).hour).toBeLessThan(20);
        expect(waveKey).toMatch(/^(reagendada\/)?2027-\d\d-\d\d/);
        const [day, time] = waveKey.split('/');
        if (day === 'reagendada' || day === undefined || time === undefined) continue;
        // Never before its wave, also when a line becomes free between two of them; a call may follow its end.
        expect(atMs).toBeGreaterThanOrEqual(calendar.instant(day, Number(time.slice(0, 2))));
      }
    }
  });

  it("opens no more people than the day's group has places", () => {
    const { lives } = forecast(inputOf('2', 60, 90, 20));
    const perDay = new Map<string, Set<number>>();
    for (const [index, { calls }] of lives.entries()) {
      for (const { localDay } of calls) {
        perDay.set(localDay, (perDay.get(localDay) ?? new Set<number>()).add(index));
      }
    }
    expect(Math.max(...[...perDay.values()].map(({ size }) => size))).toBeLessThanOrEqual(20);
    expect(perDay.size).toBeGreaterThan(4);
  });

  it('sums up what it has lived: days, outcomes and spreads fit together', () => {
    const input = inputOf('4', 10);
    const lived = forecast(input);
    const calendar = new ZoneCalendar(input.policy, input.pack, zones, startMs);
    const summary = summarise(lived, { seed: '4', usdPerMinute: 0.04, lines: 10, calendar });
    const calls = lived.lives.flatMap((life) => life.calls);
    expect(summary.calls.value).toBe(calls.length);
    expect(summary.days.reduce((sum, day) => sum + day.calls, 0)).toBe(calls.length);
    expect(Object.values(summary.outcomes).reduce((sum, count) => sum + count, 0)).toBe(150);
    expect(summary.minutes.value * 60).toBeCloseTo(
      calls.reduce((sum, call) => sum + call.billableSeconds, 0),
      6,
    );
    for (const { p10, p90 } of [summary.calls, summary.reached, summary.minutes]) {
      expect(p10).toBeLessThan(p90);
    }
    const reached = summary.days.map((day) => day.reached.value);
    expect(reached).toEqual(reached.toSorted((one, other) => one - other));
  });
});

describe('the agenda', () => {
  it('gives things in the order of their instants, and equal ones in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (instants) => {
        const agenda = new Agenda<number>();
        for (const [order, atMs] of instants.entries()) agenda.put(atMs, order);
        const taken: (readonly [number, number])[] = [];
        for (let next = agenda.take(); next !== undefined; next = agenda.take())
          taken.push([next.atMs, next.item]);
        const expected = instants
          .map((atMs, order) => [atMs, order] as const)
          .toSorted(([one, first], [other, second]) => one - other || first - second);
        expect(taken).toEqual(expected);
      }),
    );
  });

  it('keeps that order when what happens puts more into it, for the same instant, the same span or a later one', () => {
    const later = fc.constantFrom(0, 0, 1, 20_000, 59_999, 60_000, 250_000);
    fc.assert(
      fc.property(fc.array(later, { minLength: 1, maxLength: 12 }), fc.array(later), (first, put) => {
        const agenda = new Agenda<number>();
        const open: (readonly [atMs: number, order: number])[] = [];
        let order = 0;
        const add = (atMs: number): void => {
          agenda.put(atMs, order);
          open.push([atMs, order]);
          order += 1;
        };
        for (const atMs of first) add(atMs);
        const more = [...put];
        for (let next = agenda.take(); next !== undefined; next = agenda.take()) {
          const [soonest] = open.toSorted(([one, a], [other, b]) => one - other || a - b);
          expect([next.atMs, next.item]).toEqual(soonest);
          open.splice(
            open.findIndex(([, at]) => at === next.item),
            1,
          );
          for (const passMs of more.splice(0, 2)) add(next.atMs + passMs);
        }
        expect([open, agenda.size]).toEqual([[], 0]);
      }),
    );
  });
});
