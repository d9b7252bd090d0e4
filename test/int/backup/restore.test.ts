import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateToLatest } from '../../../db/migrate.ts';
import { ensureDatabase } from '../../../dev/stack/postgres.ts';
import { runAudit } from '../../../audit/run.ts';
import { debtorsForm } from '../../support/api.ts';
import { startBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { callsInFlight, command, count, rows } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const people = 24;
/** Two stacks, one after the other, on a busy machine: only a bound. */
const boundMs = 400_000;

interface Loss {
  readonly said: readonly string[];
  /** Contacts that seem to have closed while nothing ran. */
  readonly closedLater: number;
}

const personWithSession = `
  with person as (
    insert into identity."user" (id, name, email, "emailVerified") values ('u1', 'Ana', 'ana@ejemplo.cl', true) returning id
  )
  insert into identity.session (id, "expiresAt", token, "updatedAt", "userId")
  select 's1', now() + interval '1 hour', 'opens', now(), id from person`;

const leasesOfLines = `
  select l.line_no, l.id, l.granted_at::text, l.released_at::text, l.expires_at::text, l.release_reason, l.request_id,
         c.state, c.started_at::text, c.ended_at::text
    from core.line_lease l left join operation.call c on c.attempt_id = l.attempt_id
   order by l.line_no, l.granted_at`;

/**
 * Works a batch, copies its database while calls run, lets it go on so that the provider has calls that the copy does not
 * know, and loses the database: a new server, elsewhere, gets the copy.
 */
async function loseAndRestore(stack: OwnProcesses, temporal: 'survived' | 'lost'): Promise<Loss> {
  await startBatch(stack, debtorsForm(people, `restore-${temporal}`));
  await until('calls run', async () => (await count(stack.databaseUrl, callsInFlight)) >= 3);
  await rows(stack.databaseUrl, personWithSession);
  const folder = join(await mkdtemp(join(tmpdir(), 'tandas-copy-')), 'copy');
  await command(stack, 'backup', folder);
  const before = stack.fake.calls().length;
  await until('the provider has calls that the copy does not know', async () =>
    Promise.resolve(stack.fake.calls().length >= before + 4),
  );
  await stack.stop('worker');
  await stack.stop('api');
  const [lost] = await rows<{ at: string }>(stack.databaseUrl, 'select now()::text as at');
  await stack.loseDatabase();
  if (temporal === 'lost') await stack.loseTemporal();
  const said = [await command(stack, 'restore', folder)];
  // Whoever signed in before the copy signs in again: what opens something is in no copy.
  expect(await count(stack.databaseUrl, 'identity."user"')).toBe(1);
  expect(await count(stack.databaseUrl, 'identity.session')).toBe(0);
  // As it was said: what an operator copies must be a command.
  const next = /npm run reconcile -- (.+)$/m.exec(said[0] ?? '')?.[1] ?? '';
  await rm(folder, { recursive: true, force: true });
  said.push(await command(stack, 'reconcile', ...next.split(' ')));
  said.push(await command(stack, 'reconcile', 'contacts'));
  const closedLater = await count(stack.databaseUrl, `core.contact where closed_at > '${lost?.at ?? ''}'`);
  await Promise.all([stack.start('worker'), stack.start('api')]);
  said.push(await command(stack, 'reconcile', 'resume'));
  return { said, closedLater };
}

describe.each(['survived', 'lost'] as const)(
  'a copy taken mid-batch, restored elsewhere; Temporal %s',
  (temporal) => {
    let stack: OwnProcesses;
    let loss: Loss;
    beforeAll(async () => {
      stack = await startOwnProcesses({
        fake: { timeScale: 0.05, ringMs: { min: 4_000, max: 10_000 }, talkMs: { min: 20_000, max: 60_000 } },
      });
      loss = await loseAndRestore(stack, temporal);
    }, boundMs);
    afterAll(async () => {
      if (process.env['TANDAS_TEST_LOGS'] !== undefined) console.log(await stack.logs());
      await stack.close();
    });

    it(
      `settles what it knew and adopts what it did not, and the batch comes to its end: Temporal ${temporal}`,
      async () => {
        const [, calls = ''] = loss.said;
        const [, settled = '0', adopted = '0', unexplained = ''] =
          /(\d+) calls of the copy settled, (\d+) adopted that came after it, (\d+) unexplained/.exec(
            calls,
          ) ?? [];
        expect(Number(settled)).toBeGreaterThan(0);
        expect(Number(adopted)).toBeGreaterThanOrEqual(4);
        expect(unexplained).toBe('0');
        expect(loss.closedLater).toBe(0);
        // Three dials of before and after the restore together, and the law's day is over for this person.
        const open = `core.contact k
           where k.state not in ('closed', 'paused', 'negotiating')
             and (select count(*) from operation.attempt a where a.person_id = k.person_id) < 3`;
        await until(
          'every contact is at its end',
          async () => (await count(stack.databaseUrl, open)) === 0,
          boundMs,
        );
        await until('no call runs', async () => (await count(stack.databaseUrl, callsInFlight)) === 0);
      },
      boundMs,
    );

    it(`audits clean against the provider's own record, with nobody dialled twice: Temporal ${temporal}`, async () => {
      await stack.fake.idle();
      const audit = await runAudit({
        databaseUrl: stack.databaseUrl,
        voice: { url: stack.fake.baseUrl(), apiKey: stack.voiceKey },
        looks: 10,
      });
      const breached = audit.invariants.filter(({ breachCount }) => breachCount > 0);
      // Which call held a line, and since when it was said: from the breach alone nobody can tell.
      const leases = breached.length === 0 ? [] : await rows(stack.databaseUrl, leasesOfLines);
      expect(breached, leases.map((lease) => JSON.stringify(lease)).join('\n')).toEqual([]);
      const dialled = audit.invariants.find(({ name }) => name === 'dialled_at_most_once');
      expect(dialled).toMatchObject({ compared: true, breachCount: 0 });
      expect(dialled?.checked).toBeGreaterThan(people / 2);
    });
  },
);

/** A database of this release without accounts; the copy says that an earlier one made it. */
async function withLaterSchema(stack: OwnProcesses, folder: string): Promise<OwnProcesses> {
  const file = join(folder, 'manifest.json');
  const manifest = await readFile(file, 'utf8');
  await writeFile(
    file,
    manifest.replace(/"lastMigration": *"[^"]*"/, '"lastMigration":"20261121T1800_earlier"'),
  );
  const url = new URL(stack.databaseUrl);
  url.pathname = '/postgres';
  await ensureDatabase(url.href, 'newer');
  url.pathname = '/newer';
  await migrateToLatest(url.href);
  return { ...stack, databaseUrl: url.href, env: { ...stack.env, DATABASE_URL: url.href } };
}

describe('a copy', () => {
  it('that is damaged or unfinished is refused, and one into a database in use as well', async () => {
    const stack = await startOwnProcesses();
    const dir = await mkdtemp(join(tmpdir(), 'tandas-copy-'));
    try {
      const folder = join(dir, 'copy');
      await command(stack, 'backup', folder);
      await expect(command(stack, 'backup', folder)).rejects.toThrow(/is not empty/);
      await expect(command(stack, 'restore', folder)).rejects.toThrow(/holds accounts/);
      await expect(command(await withLaterSchema(stack, folder), 'restore', folder)).rejects.toThrow(
        /later than the copy's 20261121T1800_earlier/,
      );
      const file = join(folder, 'catalogue.account.copy.gz');
      await writeFile(file, (await readFile(file)).subarray(1));
      await expect(command(stack, 'restore', folder)).rejects.toThrow(/damaged/);
      await rm(join(folder, 'manifest.json'));
      await expect(command(stack, 'restore', folder)).rejects.toThrow(/no finished copy/);
      const asApp = {
        ...stack,
        env: { ...stack.env, DATABASE_URL: `${stack.databaseUrl}?options=-c%20role=tandas_app` },
      };
      await expect(command(asApp, 'backup', join(dir, 'thin'))).rejects.toThrow(
        /row-level security|permission denied/,
      );
    } finally {
      await stack.close();
      await rm(dir, { recursive: true, force: true });
    }
  });
});
