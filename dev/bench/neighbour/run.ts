import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { demoPolicy, type Policy } from '../../../domain/policy/rules/policy.ts';
import { ensurePool, type PoolSettings } from '../../../domain/lines/queries-pools.ts';
import { storePolicy } from '../../../test/support/live-world.ts';
import { createFakeRetell, type FakeRetell } from '../../fakes/retell/fake-retell.ts';
import { ask } from '../lib/asker.ts';
import { writeCsv } from '../lib/debtors.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';
import { createUploadPlace, type UploadPlace } from '../upload/processes.ts';
import { batchOfFile } from './batch.ts';
import { startWorst } from './worst.ts';

const name = 'neighbour';
const lines = 20;
const apiKey = 'key_of_the_benchmark';
const askEveryMs = 20;

/** One wave that lasts: everybody wants a line at once, and every free line has somebody to call. */
const oneWave: Policy = {
  ...demoPolicy,
  key: 'one-wave',
  version: 1,
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 3_600_000, windowMs: 3_500_000 },
};

const rehearsals: PoolSettings = {
  key: REHEARSAL_POOL,
  simulated: true,
  rehearsal: true,
  fromNumber: '+566009999999',
  agentId: 'agent_test',
  capacity: 20,
  callsPerSecond: 1_000,
};

/** A tenant that works a batch, alone and beside one that does its worst, on one API and one worker. */
export const benchmark: Benchmark = {
  name,
  about: 'a batch on 20 lines, alone and beside a tenant that does its worst: line use and API p99',
  needs: ['postgres', 'temporal'],
  async run({ quick, seed, log }) {
    const windowMs = quick ? 15_000 : 60_000;
    const folder = await mkdtemp(join(tmpdir(), 'tandas-bench-files-'));
    const fake = createFakeRetell({
      apiKey,
      outcomeMode: 'pattern',
      talkMs: { min: 4_000, max: 12_000 },
      timeScale: 1,
      concurrencyLimit: 100,
    });
    const voice = { url: await fake.start(), apiKey };
    const place = await createUploadPlace({ pool: { capacity: lines, rehearsal: false }, voice });
    try {
      fake.setWebhookUrl(`${place.apiUrl}/api/v1/webhooks/retell/{account_id}`);
      await storePolicy(place.world, oneWave);
      await ensurePool(place.world.owner, rehearsals);
      const [people, file, few] = ['people.csv', 'large.csv', 'few.csv'].map((one) => join(folder, one));
      if (people === undefined || file === undefined || few === undefined) throw new Error('three names');
      await writeCsv(people, quick ? 200 : 800, `${seed} people`);
      await writeCsv(file, quick ? 5_000 : 50_000, `${seed} large`);
      await writeCsv(few, 60, `${seed} few`);
      await batchOfFile(place, { file: people, policy: oneWave.key, groupSize: 1_000 });
      while (fake.calls().length < lines) await sleep(100);
      const alone = await watch(place, fake, windowMs);
      const worst = await startWorst({ apiUrl: place.apiUrl, apiKey: place.apiKeys[1], file, people: few });
      await sleep(2_000);
      const beside = await watch(place, fake, windowMs);
      const answers = await worst.stop();
      log(
        `  alone ${words(alone)}; beside ${words(beside)}; the other one was told ${JSON.stringify(answers)}`,
      );
      const use = { name, figure: 'line use beside the worst', unit: 'of line time', goal: '≥ 0.95 × alone' };
      const p99 = { name, figure: 'API p99 beside the worst', unit: 'ms', goal: '≤ 1.05 × alone' };
      const late = { name, figure: 'slowest answer beside the worst', unit: 'ms', goal: '' };
      return [
        versusFigure({ ...use, value: beside.use }, alone.use, (ratio) => ratio >= 0.95),
        versusFigure({ ...p99, value: beside.p99 }, alone.p99, (ratio) => ratio <= 1.05),
        plainFigure({ ...late, value: beside.slowest }, null),
      ];
    } finally {
      await place.close();
      await fake.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Seen {
  /** Share of line time on calls. */
  readonly use: number;
  readonly p99: number;
  readonly slowest: number;
}

async function watch(place: UploadPlace, fake: FakeRetell, forMs: number): Promise<Seen> {
  const fromMs = Date.now();
  const times = await ask({ url: `${place.apiUrl}/health/ready`, forMs, everyMs: askEveryMs });
  const untilMs = Date.now();
  const busyMs = fake.calls().reduce((sum, { placedAtMs, call }) => {
    const endMs = Number(call['end_timestamp'] ?? untilMs);
    return sum + Math.max(0, Math.min(endMs, untilMs) - Math.max(placedAtMs, fromMs));
  }, 0);
  return {
    use: busyMs / (lines * (untilMs - fromMs)),
    p99: quantile(times, 0.99),
    slowest: Math.max(...times),
  };
}

function words({ use, p99, slowest }: Seen): string {
  return `use ${use.toFixed(3)}, API p99 ${p99.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`;
}
