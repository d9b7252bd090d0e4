import { zonesOf } from '../../rules/zones.ts';
import { findPack } from '../../rules/packs/index.ts';
import { collectionWaves } from '../../rules/policy.ts';
import { collectionStandard } from '../../rules/negotiation/standard.ts';
import { forecast } from '../../simulation/forecast/forecast.ts';
import { inventContacts } from '../../simulation/forecast/invented.ts';
import type { Forecast, ForecastInput } from '../../simulation/forecast/types.ts';
import { population } from '../../simulation/person.ts';
import { decide } from '../../workflows/contact/decide.ts';
import { debtCollection } from '../../usecases/debt-collection.ts';
import { ratioFigure } from '../lib/figures.ts';
import { alternate } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

const name = 'forecast';
const dayMs = 86_400_000;
const days = 3;
const lines = 200;

/** The floor: the same events, calls, lines and limits, with every decision known beforehand and only looked up. */
export const benchmark: Benchmark = {
  name,
  about: '100,000 contacts × 3 days of decisions, against the same event loop with empty ones',
  needs: [],
  async run({ quick, seed, log }) {
    const input = inputOf(quick ? 5_000 : 100_000, seed);
    const known: ReturnType<typeof decide>[] = [];
    const { decisions } = forecast(input, (state, event) => {
      const decision = decide(state, event);
      known.push(decision);
      return decision;
    });
    log(`  ${input.contacts.length} contacts, ${decisions} decisions`);
    const pairs = await alternate({
      repeats: quick ? 1 : 5,
      warmups: 1,
      ours: async () => Promise.resolve(secondsOf(() => forecast(input))),
      floor: async () => Promise.resolve(secondsOf(() => forecast(input, lookUp(known)))),
      log,
    });
    return [
      ratioFigure(
        { name, figure: `${input.contacts.length} contacts × ${days} days`, unit: 's', goal: '≤ 3 ×' },
        pairs,
        (ratio) => ratio <= 3,
      ),
    ];
  },
};

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

function lookUp(known: readonly ReturnType<typeof decide>[]): typeof decide {
  let next = 0;
  return () => {
    const decision = known[next];
    next += 1;
    if (decision === undefined) throw new Error('the same forecast asked for more decisions');
    return decision;
  };
}

function secondsOf(work: () => Forecast): number {
  const startedMs = performance.now();
  work();
  return (performance.now() - startedMs) / 1_000;
}
