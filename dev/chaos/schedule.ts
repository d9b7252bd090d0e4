/** Which faults, when: drawn from the seed and from nothing else, so that a seed that failed can be run again. */
import {
  type DialFault,
  type Fault,
  type PartName,
  type PlannedFault,
  type Victim,
  type WebhookFault,
  WORKERS,
} from './faults.ts';

/** How much of it. */
export interface Profile {
  readonly name: 'full' | 'small' | 'calm';
  readonly contacts: number;
  readonly lines: number;
  /** Pause between two waves of the batch's policy, and how long each is open, in ms. */
  readonly everyMs: number;
  readonly windowMs: number;
  /** Where the measured death falls; null: none. */
  readonly death: { readonly fromMs: number; readonly toMs: number } | null;
  /** Faults of whole parts, one after the other from here on. */
  readonly heavyFromMs: number;
  readonly heavyUntilMs: number;
  /** Faults of single calls and webhooks, from the beginning until here. */
  readonly mildUntilMs: number;
  readonly mild: number;
  /** Draws pauses longer than a grant (30 s) and dials whose outcome takes long to be proven. */
  readonly long: boolean;
  /** Longer than this a batch is not waited for. Only a bound: four minutes are enough on a machine with nothing else to do. */
  readonly boundMs: number;
}

export const full: Profile = {
  name: 'full',
  contacts: 300,
  lines: 20,
  everyMs: 50_000,
  windowMs: 48_000,
  death: { fromMs: 14_000, toMs: 17_000 },
  heavyFromMs: 35_000,
  heavyUntilMs: 95_000,
  mildUntilMs: 80_000,
  mild: 14,
  long: true,
  boundMs: 360_000,
};

/** For a test: a minute or so on a quiet machine. */
export const small: Profile = {
  name: 'small',
  contacts: 40,
  lines: 6,
  everyMs: 20_000,
  windowMs: 18_000,
  death: null,
  heavyFromMs: 4_000,
  heavyUntilMs: 26_000,
  mildUntilMs: 20_000,
  mild: 5,
  long: false,
  boundMs: 360_000,
};

/** For a soak: only what every provider does on an ordinary day. */
export const calm: Profile = {
  ...full,
  name: 'calm',
  death: null,
  heavyFromMs: 0,
  heavyUntilMs: 0,
  mildUntilMs: 60_000,
  mild: 4,
  long: false,
};

/** After a measured death nothing else happens for so long: what is late then is the product's own lateness. */
export const quietMs = 17_000;
/** Before it lines must have been in use for a while, undisturbed. */
const quietBeforeMs = 4_000;

export function schedule(seed: number, profile: Profile): readonly PlannedFault[] {
  const draw = chance(seed);
  const death = profile.death === null ? [] : [measuredDeath(draw, profile.death)];
  const quiet = death.map(({ atMs }) => ({ fromMs: atMs - quietBeforeMs, toMs: atMs + quietMs }));
  const mild = Array.from({ length: profile.mild }, () => mildFault(draw, profile)).filter(
    ({ atMs, fault }) =>
      !disturbsLines(fault) || !quiet.some(({ fromMs, toMs }) => atMs > fromMs && atMs < toMs),
  );
  const long = profile.long ? longPause(draw, profile) : [];
  return [...death, ...mild, ...heavyFaults(draw, profile), ...long].toSorted((a, b) => a.atMs - b.atMs);
}

/** A dial whose outcome is unknown holds a line without a call. */
function disturbsLines(fault: Fault): boolean {
  return fault.kind === 'dials' || fault.kind === 'reads';
}

/** Mostly the harder case. */
const victims: readonly Victim[] = ['dispatcher', 'dispatcher', 'dispatcher', 'other'];

function measuredDeath(
  draw: Chance,
  within: { readonly fromMs: number; readonly toMs: number },
): PlannedFault {
  return {
    atMs: draw.between(within.fromMs, within.toMs),
    fault: { kind: 'measured_death', victim: draw.of(victims) },
  };
}

/** One after the other with a few seconds between: each meets a stack that has just got up again, or not yet. */
function heavyFaults(draw: Chance, profile: Profile): readonly PlannedFault[] {
  const faults: PlannedFault[] = [];
  let atMs = profile.heavyFromMs + draw.between(0, 2_000);
  const done = new Set<Fault['kind']>();
  while (atMs < profile.heavyUntilMs) {
    const fault = heavyFault(draw);
    if (!(onceOnly.has(fault.kind) && done.has(fault.kind))) {
      faults.push({ atMs, fault });
      done.add(fault.kind);
    }
    atMs += draw.between(3_000, 11_000);
  }
  return faults;
}

const onceOnly: ReadonlySet<Fault['kind']> = new Set(['deploy', 'second_dispatcher']);

/** Longer than a grant lives: whoever wakes up after it holds a line that is somebody else's by then. */
export function isLong(fault: Fault): boolean {
  return fault.kind === 'pause' && fault.forMs > 30_000;
}

/**
 * Longer than a dial and a grant live. A frozen worker's polls still take dials from the server, which time out; their lines
 * go to others of the same wave, and then it wakes up and dials. So it begins with a wave, and ends inside it. Three seeds in
 * four have one.
 */
function longPause(draw: Chance, { everyMs }: Profile): readonly PlannedFault[] {
  const part: PartName = draw.of(['temporal', 'worker-1', 'worker-2']);
  const atMs = everyMs + draw.between(4_000, 8_000);
  const forMs = draw.between(33_000, 36_000);
  return draw.below(4) === 0 ? [] : [{ atMs, fault: { kind: 'pause', part, forMs } }];
}

const parts: readonly PartName[] = ['worker-1', 'worker-2', 'api', 'temporal', 'postgres'];

function heavyFault(draw: Chance): Fault {
  const kind = draw.weighted([
    ['kill', 45],
    ['pause', 18],
    ['restart', 12],
    ['deploy', 10],
    ['clock', 12],
    ['connections', 8],
    ['stall', 8],
    ['second_dispatcher', 8],
  ] as const);
  switch (kind) {
    case 'kill':
      return { kind, part: draw.of(parts) };
    case 'pause':
      return { kind, part: draw.of(parts), forMs: draw.between(1_000, 9_000) };
    case 'restart':
      return { kind, part: draw.of(parts) };
    case 'deploy':
      return { kind };
    case 'clock':
      return { kind, part: draw.of(WORKERS), offsetMs: offset(draw), forMs: draw.between(5_000, 30_000) };
    case 'connections':
      return { kind, forMs: draw.between(2_000, 6_000) };
    case 'stall':
      return { kind, forMs: draw.between(1_000, 5_000) };
    case 'second_dispatcher':
      return { kind };
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

function offset(draw: Chance): number {
  const ms = draw.between(120_000, 600_000);
  return draw.below(2) === 0 ? ms : -ms;
}

const quickDials: readonly DialFault[] = [
  'rate_limited',
  'error_after_placed',
  'timeout_after_placed',
  'slow',
];
const slowDials: readonly DialFault[] = ['error_not_placed', 'hang_not_placed', 'dropped_then_placed'];
const webhookFaults: readonly WebhookFault[] = [
  'lose_webhook',
  'duplicate_webhook',
  'delay_webhook',
  'reorder_webhooks',
];

function mildFault(draw: Chance, profile: Profile): PlannedFault {
  const atMs = draw.between(500, profile.mildUntilMs);
  const kind = draw.weighted([
    ['webhooks', 50],
    ['dials', 30],
    ['long_dials', profile.long ? 15 : 0],
    ['reads', 10],
  ] as const);
  switch (kind) {
    case 'webhooks': {
      const how = draw.of(webhookFaults);
      const ms = how === 'delay_webhook' ? { ms: draw.between(500, 12_000) } : {};
      return { atMs, fault: { kind, how, count: draw.between(1, 12), ...ms } };
    }
    case 'dials': {
      const how = draw.of(quickDials);
      const ms = how === 'slow' ? { ms: draw.between(1_000, 15_000) } : {};
      return { atMs, fault: { kind, how, count: draw.between(1, 4), ...ms } };
    }
    case 'long_dials': {
      const how = draw.of(slowDials);
      const ms = how === 'dropped_then_placed' ? { ms: draw.between(3_000, 60_000) } : {};
      // Each holds a line until it is proven that nothing rings: more of them would leave no line to work on.
      return { atMs, fault: { kind: 'dials', how, count: draw.between(1, 2), ...ms } };
    }
    case 'reads':
      return { atMs, fault: { kind, count: draw.between(1, 6) } };
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

interface Chance {
  /** From 0, below the limit. */
  below(limit: number): number;
  /** Whole, both ends included. */
  between(min: number, max: number): number;
  of<T>(items: readonly T[]): T;
  weighted<T extends string>(items: readonly (readonly [T, number])[]): T;
}

/** Mulberry32. */
function chance(seed: number): Chance {
  let state = (seed * 2_654_435_761) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    between: (min, max) => min + below(max - min + 1),
    of: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to draw from');
      return item;
    },
    weighted: (items) => {
      let left = below(items.reduce((sum, [, weight]) => sum + weight, 0));
      for (const [item, weight] of items) {
        if (left < weight) return item;
        left -= weight;
      }
      throw new Error('nothing to draw from');
    },
  };
}
