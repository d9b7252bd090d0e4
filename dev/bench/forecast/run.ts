import { zonesOf } from '../../../domain/policy/rules/zones.ts';
import { findPack } from '../../../domain/policy/rules/packs/index.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { collectionStandard } from '../../../domain/negotiation/rules/standard.ts';
import { forecast } from '../../../domain/forecast/forecast.ts';
import { inventContacts } from '../../../domain/forecast/invented.ts';
import type { ForecastInput } from '../../../domain/forecast/types.ts';
import { population } from '../../../domain/rehearsal/rules/person.ts';
import { decide } from '../../../workflows/contact/decide.ts';
import { debtCollection } from '../../../domain/usecases/debt-collection.ts';
import { ratioFigure } from '../lib/figures.ts';
import { summary } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

const name = 'forecast';
const dayMs = 86_400_000;
const days = 3;
const lines = 200;

/**
 * The floor: what is left of a run when the time inside `decide` is taken out of it: the same events, calls, lines and
 * limits with decisions that cost nothing. (Known decisions that are only looked up were tried: 1.5 million of them kept
 * in memory cost more than making them.)
 */
export const benchmark: Benchmark = {
  name,
  about: '100,000 contacts × 3 days of decisions, against the same event loop with empty ones',
  needs: [],
  run({ quick, seed, log }) {
    const input = inputOf(quick ? 5_000 : 100_000, seed);
    clocked(input);
    const runs = Array.from({ length: quick ? 1 : 5 }, () => clocked(input));
    for (const { seconds, inDecide, decisions } of runs)
      log(`  ${decisions} decisions: ${inDecide.toFixed(2)} s in them, ${seconds.toFixed(2)} s in all`);
    const pairs = {
      ours: summary(runs.map(({ seconds }) => seconds)),
      floor: summary(runs.map(({ seconds, inDecide }) => seconds - inDecide)),
      ratio: summary(runs.map(({ seconds, inDecide }) => seconds / (seconds - inDecide))),
    };
    const figure = `${input.contacts.length} contacts × ${days} days`;
    const of = { name, figure, unit: 's', goal: '≤ 3 ×' };
    return Promise.resolve([ratioFigure(of, pairs, (ratio) => ratio <= 3)]);
  },
};

function clocked(input: ForecastInput): {
  readonly seconds: number;
  readonly inDecide: number;
  readonly decisions: number;
} {
  let inDecideMs = 0;
  const startedMs = performance.now();
  const { decisions } = forecast(input, (state, event) => {
    const beforeMs = performance.now();
    const decision = decide(state, event);
    inDecideMs += performance.now() - beforeMs;
    return decision;
  });
  return { seconds: (performance.now() - startedMs) / 1_000, inDecide: inDecideMs / 1_000, decisions };
}

function inputOf(count: number, seed: string): ForecastInput {
  const pack = findPack('cl-collection-waves');
  if (pack === undefined) throw new Error('no such pack');
  const startMs = Date.parse('2027-03-08T09:00:00Z');
  const zones = zonesOf('CL', 'America/Santiago');
  return {
    contacts: inventContacts({ count, seed, zones, currency: 'CLP', today: '2027-03-08' }),
    policy: collectionWaves,
    pack,
    useCase: debtCollection,
    negotiation: collectionStandard,
    people: population(seed),
    startMs,
    lines,
    groupSize: count,
    untilMs: startMs + days * dayMs,
  };
}
