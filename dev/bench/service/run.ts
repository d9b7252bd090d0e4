import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { inAccount } from '../../../db/client.ts';
import { createApiKey } from '../../../domain/accounts/accounts.ts';
import { insertMember } from '../../../domain/accounts/queries-members.ts';
import { demoPolicy, type Policy } from '../../../domain/policy/rules/policy.ts';
import { createSignIn } from '../../../identity/sign-in.ts';
import { storePolicy } from '../../../test/support/live-world.ts';
import { createFakeRetell, type FakeRetell } from '../../fakes/retell/fake-retell.ts';
import { writeCsv } from '../lib/debtors.ts';
import { plainFigure, versusFigure } from '../lib/figures.ts';
import { quantile } from '../lib/pairs.ts';
import type { Benchmark } from '../lib/types.ts';
import { batchOfFile } from '../neighbour/batch.ts';
import { createUploadPlace, type UploadPlace } from '../upload/processes.ts';
import { type Crowd, gather } from './crowd.ts';

const name = 'service';
const lines = 20;
const people = 50;
const keys = 20;
const apiKey = 'key_of_the_benchmark';
const password = 'una contraseña larga';

/** One wave that lasts: everybody wants a line at once, and every free line has somebody to call. */
const oneWave: Policy = {
  ...demoPolicy,
  key: 'one-wave',
  version: 1,
  schedule: { mode: 'interval', firstAfterMs: 0, everyMs: 3_600_000, windowMs: 3_500_000 },
};

/** What a panel asks: lists, figures, one's own account. */
const paths = [
  '/api/v1/batches?limit=10',
  '/api/v1/contacts?limit=20',
  '/api/v1/account',
  '/api/v1/tasks?limit=20',
  '/api/v1/ledger?limit=20',
  '/api/v1/me',
];

/** A batch on its lines, without and with people who watch and keys that ask. */
export const benchmark: Benchmark = {
  name,
  about: '50 people with live events and 20 keys at 10 requests a second beside a batch on 20 lines',
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
      const crowd = await invite(place, windowMs);
      const file = join(folder, 'people.csv');
      await writeCsv(file, quick ? 300 : 1_200, `${seed} service`);
      await batchOfFile(place, { file, policy: oneWave.key, groupSize: 2_000 });
      while (fake.calls().length < lines) await sleep(100);
      const alone = await useOver(fake, sleep(windowMs));
      const gathered = gather(crowd);
      const beside = await useOver(fake, gathered);
      const seen = await gathered;
      const lost = await lostEvents(place, seen.streams);
      const p99 = quantile(seen.times, 0.99);
      const told = seen.streams.reduce((sum, { length }) => sum + length, 0);
      log(
        `  lines alone ${alone.toFixed(3)}, beside ${beside.toFixed(3)}; ${seen.times.length} answers, p50 ${quantile(seen.times, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, slowest ${Math.max(...seen.times).toFixed(0)} ms, refused ${JSON.stringify(seen.refused)}; ${told} events told, ${lost} lost`,
      );
      const use = {
        name,
        figure: 'line use with everybody there',
        unit: 'of line time',
        goal: '≥ 0.99 × without',
      };
      const times = { name, figure: 'API p99', unit: 'ms', goal: '≤ 250' };
      const gone = { name, figure: 'events lost', unit: 'events', goal: '0' };
      const not = { name, figure: 'answers other than 200', unit: 'answers', goal: '0' };
      const others = Object.values(seen.refused).reduce((sum, count) => sum + count, 0);
      return [
        versusFigure({ ...use, value: beside }, alone, (ratio) => ratio >= 0.99),
        plainFigure({ ...times, value: p99 }, p99 <= 250),
        plainFigure({ ...gone, value: lost }, lost === 0 && told > 0),
        plainFigure({ ...not, value: others }, others === 0),
      ];
    } finally {
      await place.close();
      await fake.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** People of the account, signed in as browsers are, and keys. */
async function invite(place: UploadPlace, forMs: number): Promise<Crowd> {
  const { world, apiUrl, secretsKey } = place;
  const { accountId } = world;
  const signIn = createSignIn({
    databaseUrl: world.url,
    secretsKey,
    baseUrl: apiUrl,
    onError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const cookies: string[] = [];
  try {
    for (let number = 0; number < people; number += 1) {
      const email = `persona-${number}@ejemplo.cl`;
      const person = `Persona ${number}`;
      const { userId } = await signIn.createPerson({ email, name: person, password });
      await inAccount(world.app, accountId, (trx) =>
        insertMember(trx, { accountId, userId, name: person, email, role: 'operator' }),
      );
      const answer = await fetch(`${apiUrl}/api/v1/auth/sign-in`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: apiUrl },
        body: JSON.stringify({ email, password }),
      });
      if (answer.status !== 200) throw new Error(`${email} was not signed in: ${await answer.text()}`);
      cookies.push(
        answer.headers
          .getSetCookie()
          .map((line) => line.split(';')[0])
          .join('; '),
      );
    }
  } finally {
    await signIn.close();
  }
  const asking = await Promise.all(
    Array.from({ length: keys }, (_, number) =>
      createApiKey(world.app, { accountId, label: `bench ${number}`, role: 'account' }),
    ),
  );
  return { apiUrl, accountId, cookies, keys: asking, paths, everyMs: 100, forMs };
}

/** Share of line time on calls while something lasts. */
async function useOver(fake: FakeRetell, lasting: Promise<unknown>): Promise<number> {
  const fromMs = Date.now();
  await lasting;
  const untilMs = Date.now();
  const busyMs = fake.calls().reduce((sum, { placedAtMs, call }) => {
    const endMs = Number(call['end_timestamp'] ?? untilMs);
    return sum + Math.max(0, Math.min(endMs, untilMs) - Math.max(placedAtMs, fromMs));
  }, 0);
  return busyMs / (lines * (untilMs - fromMs));
}

/** Of what was numbered between a stream's first and last event, what it was not told; and what it was told twice or out of order. */
async function lostEvents({ world }: UploadPlace, streams: readonly (readonly string[])[]): Promise<number> {
  const { rows } = await sql<{ seq: string }>`
    select seq::text from operation.event where account_id = ${world.accountId} and seq is not null
    union select seq::text from operation.hint where account_id = ${world.accountId}`.execute(world.owner);
  const numbered = rows.map(({ seq }) => BigInt(seq)).toSorted((one, other) => (one < other ? -1 : 1));
  return streams.reduce((lost, ids) => {
    const told = ids.map(BigInt);
    const [first, last] = [told[0], told.at(-1)];
    if (first === undefined || last === undefined) return lost + numbered.length;
    const due = numbered.filter((seq) => seq >= first && seq <= last);
    return (
      lost + due.filter((seq, place) => told[place] !== seq).length + Math.max(0, told.length - due.length)
    );
  }, 0);
}
