import { zonesOf } from '../../rules/zones.ts';
import { findPack } from '../../rules/packs/index.ts';
import { collectionWaves } from '../../rules/policy.ts';
import { collectionStandard } from '../../rules/negotiation/standard.ts';
import { Agenda } from '../../simulation/forecast/agenda.ts';
import { forecast } from '../../simulation/forecast/forecast.ts';
import { inventContacts } from '../../simulation/forecast/invented.ts';
import type { Forecast, ForecastInput } from '../../simulation/forecast/types.ts';
import { population } from '../../simulation/person.ts';
import { debtCollection } from '../../usecases/debt-collection.ts';
import { ratioFigure } from '../lib/figures.ts';
import { alternate } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';

const name = 'forecast';
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const days = 3;
const lines = 200;

/** The floor: the same agenda with as many events, each of which is decided by doing nothing. */
export const benchmark: Benchmark = {
  name,
  about: '100,000 contacts × 3 days of decisions, against the same event loop with empty ones',
  needs: [],
  async run({ quick, seed, log }) {
    const input = inputOf(quick ? 5_000 : 100_000, seed);
    const { decisions } = forecast(input);
    log(`  ${input.contacts.length} contacts, ${decisions} decisions`);
    const pairs = await alternate({
      repeats: quick ? 1 : 5,
      warmups: 1,
      ours: async () => Promise.resolve(secondsOf(() => forecast(input))),
      floor: async () => Promise.resolve(secondsOf(() => emptyLoop(input, decisions))),
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

function secondsOf(work: () => Forecast | number): number {
  const startedMs = performance.now();
  work();
  return (performance.now() - startedMs) / 1_000;
}

/** Every contact has one event at a time, and each event makes the next one, until as many have happened. */
function emptyLoop({ contacts, startMs }: ForecastInput, events: number): number {
  const agenda = new Agenda<{ readonly contact: number; readonly seen: number }>();
  for (const contact of contacts.keys()) agenda.put(startMs, { contact, seen: 0 });
  let happened = 0;
  while (happened < events) {
    const next = agenda.take();
    if (next === undefined) break;
    happened += 1;
    const { contact, seen } = next.item;
    agenda.put(next.atMs + hourMs + ((contact * 7_919) % 300_000), { contact, seen: seen + 1 });
  }
  return happened;
}
