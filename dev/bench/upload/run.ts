import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ask } from '../lib/asker.ts';
import { writeXlsx } from '../lib/debtors.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark, Figure } from '../lib/types.ts';
import { createUploadPlace, type UploadPlace } from './processes.ts';

const name = 'upload';
const lookEveryMs = 100;
const askEveryMs = 20;
const idleMs = 10_000;

const answerSchema = z.object({
  import_id: z.string(),
  state: z.enum(['waiting', 'reading', 'stored', 'failed', 'cancelled']),
  rows_good: z.number(),
});
type Answer = z.infer<typeof answerSchema>;
const batchSchema = z.object({ id: z.string() });
const peopleSchema = z.object({ imports: z.array(z.object({ state: z.enum(['taking', 'ended']) })) });

/** Two large files of two accounts at once, and then one that a batch is made of: how the API answers others meanwhile. */
export const benchmark: Benchmark = {
  name,
  about:
    'two Excel files at once: how the API answers meanwhile, memory, and the time until people can be called',
  needs: ['postgres', 'temporal'],
  async run({ quick, seed, log }) {
    const [rows, others] = quick ? [5_000, 3_000] : [199_000, 100_000];
    const folder = await mkdtemp(join(tmpdir(), 'tandas-bench-files-'));
    const place = await createUploadPlace();
    try {
      const [few, large, single] = ['few.xlsx', 'large.xlsx', 'single.xlsx'].map((file) =>
        join(folder, file),
      );
      if (few === undefined || large === undefined || single === undefined) throw new Error('three names');
      await writeXlsx(few, 500, `${seed} few`);
      await writeXlsx(large, rows, seed);
      await writeXlsx(single, others, `${seed} single`);
      // As a service that has run for a while: code that is met for the first time, and connections that are made, are not what is asked.
      for (const key of place.apiKeys) await untilStored(place, key, await send(place, key, few));
      return [
        ...(await bothAtOnce(place, { file: large, rows, log })),
        ...(await untilCallable(place, { file: single, rows: others, log })),
      ];
    } finally {
      await place.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Given {
  readonly file: string;
  readonly rows: number;
  readonly log: (line: string) => void;
}

async function bothAtOnce(place: UploadPlace, { file, rows, log }: Given): Promise<readonly Figure[]> {
  const before = { api: place.memoryOf('api'), worker: place.memoryOf('worker') };
  const url = `${place.apiUrl}/health/ready`;
  const idle = await ask({ url, forMs: idleMs, everyMs: askEveryMs });
  const peak = { ...before };
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for (const part of ['api', 'worker'] as const) peak[part] = Math.max(peak[part], place.memoryOf(part));
      await sleep(lookEveryMs);
    }
  })();
  const began = performance.now();
  const answers: number[] = [];
  const asking = (async () => {
    while (!isOver) answers.push(...(await ask({ url, forMs: 1_000, everyMs: askEveryMs })));
  })();
  const ends = await Promise.all(
    place.apiKeys.map(async (key) => untilStored(place, key, await send(place, key, file))),
  );
  const seconds = (performance.now() - began) / 1_000;
  isOver = true;
  await Promise.all([watching, asking]);
  const p99 = quantile(answers, 0.99);
  const slowest = Math.max(...answers);
  const more = { api: peak.api - before.api, worker: peak.worker - before.worker };
  log(
    `  ${rows} rows twice: stored after ${seconds.toFixed(1)} s (${ends.map((end) => end.rows_good).join(' and ')} rows), API p99 ${p99.toFixed(1)} ms ` +
      `(idle ${quantile(idle, 0.99).toFixed(1)} ms), slowest of ${answers.length} answers ${slowest.toFixed(1)} ms, ` +
      `memory of the API +${more.api.toFixed(0)} MB, of the worker +${more.worker.toFixed(0)} MB`,
  );
  const of = (figure: string, value: number, unit: string, goal: string) => ({
    name,
    figure,
    value,
    unit,
    goal,
  });
  return [
    versusFigure(
      of('API p99 while two files are read', p99, 'ms', '≤ 2 × idle'),
      quantile(idle, 0.99),
      (ratio) => ratio <= 2,
    ),
    plainFigure(of('slowest answer of the API meanwhile', slowest, 'ms', '≤ 250'), slowest <= 250),
    plainFigure(
      of('two files stored', seconds, 's', ''),
      ends.every((end) => end.rows_good === rows),
    ),
    plainFigure(of('memory of the API', more.api, 'MB', '≤ +50'), more.api <= 50),
    plainFigure(of('memory of the worker', more.worker, 'MB', '≤ +250'), more.worker <= 250),
  ];
}

async function untilCallable(place: UploadPlace, { file, rows, log }: Given): Promise<readonly Figure[]> {
  const [key] = place.apiKeys;
  const sent = await send(place, key, file);
  const began = performance.now();
  const { import_id } = await untilStored(place, key, sent);
  const storedMs = performance.now() - began;
  const batch = { import_id, name: 'Prueba', pack: 'demo', policy: 'demo' };
  const made = batchSchema.parse(
    await request(place, key, '/api/v1/batches', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    }),
  );
  const answeredMs = performance.now() - began;
  const [firstMs, callableMs] = await Promise.all([
    untilFirst(place, made.id).then(() => performance.now() - began),
    untilAll(place, key, made.id).then(() => performance.now() - began),
  ]);
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  log(
    `  ${rows} rows once: stored ${seconds(storedMs)} s after the transfer, its batch answered after ${seconds(answeredMs)} s, ` +
      `the first person waits for a line after ${seconds(firstMs)} s, all are callable after ${seconds(callableMs)} s`,
  );
  const of = { name, unit: 's' };
  return [
    plainFigure(
      { ...of, figure: 'first person of 100,000 rows callable', value: firstMs / 1_000, goal: '≤ 10' },
      firstMs <= 10_000,
    ),
    plainFigure(
      {
        ...of,
        figure: 'the batch of 100,000 rows answered',
        value: (answeredMs - storedMs) / 1_000,
        goal: '',
      },
      true,
    ),
    plainFigure(
      { ...of, figure: 'everybody of 100,000 rows callable', value: callableMs / 1_000, goal: '≤ 45' },
      callableMs <= 45_000,
    ),
  ];
}

/** A contact's workflow has asked for a line: it can be called. */
async function untilFirst({ world }: UploadPlace, batchId: string): Promise<void> {
  const asked = () =>
    world.owner
      .selectFrom('core.line_request')
      .select('id')
      .where('batch_id', '=', batchId)
      .limit(1)
      .executeTakeFirst();
  while ((await asked()) === undefined) await sleep(lookEveryMs);
}

async function untilAll(place: UploadPlace, key: string, batchId: string): Promise<void> {
  for (;;) {
    // Not the batch itself: its numbers are counted for each look.
    const { imports } = peopleSchema.parse(
      await request(place, key, `/api/v1/batches/${batchId}/people`, {}),
    );
    if (imports.every(({ state }) => state === 'ended')) return;
    await sleep(lookEveryMs);
  }
}

async function send(place: UploadPlace, key: string, file: string): Promise<Answer> {
  const form = new FormData();
  form.append('file', await openAsBlob(file), 'deudores.xlsx');
  const init = { method: 'POST', headers: { prefer: 'respond-async' }, body: form };
  return answerSchema.parse(await request(place, key, '/api/v1/imports', init));
}

async function untilStored(place: UploadPlace, key: string, sent: Answer): Promise<Answer> {
  let answer = sent;
  while (answer.state === 'waiting' || answer.state === 'reading') {
    await sleep(lookEveryMs);
    answer = answerSchema.parse(await request(place, key, `/api/v1/imports/${sent.import_id}`, {}));
  }
  if (answer.state !== 'stored') throw new Error(`an import is ${answer.state}`);
  return answer;
}

async function request(place: UploadPlace, key: string, path: string, init: RequestInit): Promise<unknown> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${key}`);
  const response = await fetch(`${place.apiUrl}${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
