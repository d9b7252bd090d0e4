import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFault } from '../../../dev/chaos/faults.ts';
import { calm, full, isLong, quietMs, schedule, small } from '../../../dev/chaos/schedule.ts';

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const profiles = fc.constantFrom(full, small, calm);

describe('the schedule of a seed', () => {
  it('is the same whenever it is drawn, and in the order of its instants', () => {
    fc.assert(
      fc.property(seeds, profiles, (seed, profile) => {
        const plan = schedule(seed, profile);
        expect(plan).toEqual(schedule(seed, profile));
        const instants = plan.map(({ atMs }) => atMs);
        expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      }),
    );
  });

  it('leaves the stack alone around a measured death, or its recovery would be measured with something else', () => {
    const harmless = new Set(['webhooks', 'measured_death']);
    fc.assert(
      fc.property(seeds, (seed) => {
        const plan = schedule(seed, full);
        const [death, ...others] = plan.filter(({ fault }) => fault.kind === 'measured_death');
        expect(others).toEqual([]);
        const atMs = death?.atMs ?? NaN;
        const near = plan.filter((one) => one.atMs > atMs - 4_000 && one.atMs < atMs + quietMs);
        expect(near.filter(({ fault }) => !harmless.has(fault.kind))).toEqual([]);
      }),
    );
  });

  it('is over long before the batch must be', () => {
    fc.assert(
      fc.property(seeds, profiles, (seed, profile) => {
        for (const { atMs, fault } of schedule(seed, profile)) {
          const lastsMs = 'forMs' in fault ? fault.forMs : 0;
          expect(atMs + lastsMs).toBeLessThan(profile.boundMs - 80_000);
        }
      }),
    );
  });

  it('freezes no more than one part for longer than a grant, and none in a small run', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(schedule(seed, full).filter(({ fault }) => isLong(fault)).length).toBeLessThanOrEqual(1);
        expect(schedule(seed, small).filter(({ fault }) => isLong(fault))).toEqual([]);
      }),
    );
  });

  it('draws every kind of fault within the first fifty seeds', () => {
    const drawn = Array.from({ length: 50 }, (_, index) => schedule(index + 1, full)).flat();
    const kinds = new Set(drawn.map(({ fault }) => ('how' in fault ? fault.how : fault.kind)));
    expect([...kinds].toSorted()).toEqual([
      'clock',
      'connections',
      'delay_webhook',
      'deploy',
      'dropped_then_placed',
      'duplicate_webhook',
      'error_after_placed',
      'error_not_placed',
      'hang_not_placed',
      'kill',
      'lose_webhook',
      'measured_death',
      'pause',
      'rate_limited',
      'reads',
      'reorder_webhooks',
      'restart',
      'second_dispatcher',
      'slow',
      'stall',
      'timeout_after_placed',
    ]);
  });

  it('kills, freezes and restarts every part within the first fifty seeds', () => {
    const drawn = Array.from({ length: 50 }, (_, index) => schedule(index + 1, full)).flat();
    const done = new Set(
      drawn.flatMap(({ fault }) => ('part' in fault ? [`${fault.kind} ${fault.part}`] : [])),
    );
    for (const part of ['worker-1', 'worker-2', 'api', 'temporal', 'postgres']) {
      for (const kind of ['kill', 'pause', 'restart']) expect([...done]).toContain(`${kind} ${part}`);
    }
  });

  it('kills no part of a calm run', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const kinds = schedule(seed, calm).map(({ fault }) => fault.kind);
        expect(kinds.filter((kind) => !['webhooks', 'dials', 'reads'].includes(kind))).toEqual([]);
      }),
    );
  });

  it('reads in one line a fault', () => {
    expect(describeFault({ kind: 'pause', part: 'temporal', forMs: 34_600 })).toBe(
      'pause temporal for 34.6 s',
    );
    expect(describeFault({ kind: 'dials', how: 'slow', count: 2, ms: 1_500 })).toBe('slow ×2 (1.5 s)');
  });
});
