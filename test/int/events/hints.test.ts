import { raise } from '../../../domain/alerts/queries.ts';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { numberOnce, pruneHints } from '../../../domain/shared/queries-feed.ts';
import { HINT_TYPES, type Hint } from '../../../domain/shared/rules/hints.ts';
import type { Loop } from '../../../relay/loop.ts';
import { ask, debtorsForm, dialOne, textOf } from '../../support/api.ts';
import { startNumbering } from '../../support/event-stream.ts';
import { talkAndStop, writeRehearsal } from '../../support/every-table.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';
import { newAccount, usd } from '../../support/world.ts';

let messages: MessageWorld;
let numbering: Loop;
beforeAll(async () => {
  messages = await createMessageWorld();
  numbering = startNumbering(messages.api);
  // Whoever begins to number says so: until then nobody hears.
  await vi.waitFor(async () => {
    if (!(await typesOf(messages.accountId)).includes('reset')) throw new Error('nobody numbers yet');
  }, 10_000);
});
afterAll(async () => {
  await numbering.stop();
  await messages.close();
});

/** The same hint comes once a second. */
const eventually = <T>(work: () => T) => expect.poll(work, { timeout: 10_000 });

const hintsOf = (accountId: string) =>
  messages.api.world.owner
    .selectFrom('operation.hint')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('seq')
    .execute();

const typesOf = async (accountId: string): Promise<readonly string[]> =>
  (await hintsOf(accountId)).map(({ type }) => type);

const told = async (accountId: string, type: string): Promise<readonly string[]> =>
  (await hintsOf(accountId)).flatMap((hint) => (hint.type === type ? [hint.subject] : []));

describe('hints', () => {
  it('say of what has changed that it has, by the id that opens it', async () => {
    const { api, accountId } = messages;
    const { app, one } = api;
    const form = debtorsForm(2, 'hints');
    const imported = await ask(app, 'POST', '/api/v1/imports', { as: one, form, key: 'hints' });
    const importId = textOf(imported.body, 'import_id');
    await eventually(() => told(accountId, 'import.progress')).toContain(importId);
    const json = { import_id: importId, name: 'Propia', pack: 'demo', policy: 'demo' };
    const batchId = textOf((await ask(app, 'POST', '/api/v1/batches', { as: one, json })).body, 'id');
    await eventually(() => told(accountId, 'batch.changed')).toContain(batchId);
    const call = await dialOne(api.world, accountId);
    await eventually(() => told(accountId, 'contact.changed')).toContain(call.batch.batchId);
    await eventually(() => told(accountId, 'balance.changed')).toContain(accountId);
    await talkAndStop(messages, call);
    const tasks = await messages.inside((trx) => trx.selectFrom('operation.task').select('id').execute());
    for (const { id } of tasks) await eventually(() => told(accountId, 'task.changed')).toContain(id);
    await writeRehearsal(messages, importId);
    const rehearsal = await messages.inside((trx) =>
      trx.selectFrom('operation.rehearsal').selectAll().executeTakeFirstOrThrow(),
    );
    await eventually(() => told(accountId, 'rehearsal.progress')).toContain(rehearsal.id);
    const alertId = await messages.inside((trx) =>
      raise(trx, {
        accountId,
        kind: 'batch_finished',
        subject: batchId,
        lasts: false,
        detail: { contacts: 2 },
      }),
    );
    await eventually(() => told(accountId, 'alert.raised')).toContain(alertId);
    expect(new Set(await typesOf(accountId))).toEqual(new Set([...HINT_TYPES, 'reset']));
  });

  it('of a rehearsal tell whose it is that it moves, and nobody anything else', async () => {
    const { api, accountId } = messages;
    const { owner } = api.world;
    const rehearsing = await newAccount(api.world.app, api.world.poolId, 5n * usd);
    const { contactId, batch } = await dialOne(api.world, rehearsing);
    await eventually(() => typesOf(rehearsing)).toContain('contact.changed');
    await owner
      .updateTable('catalogue.account')
      .set({ kind: 'rehearsal' })
      .where('id', '=', rehearsing)
      .execute();
    await owner.deleteFrom('operation.hint').where('account_id', 'in', [accountId, rehearsing]).execute();
    const { id } = await owner
      .updateTable('operation.rehearsal')
      .set({ rehearsal_account_id: rehearsing })
      .where('account_id', '=', accountId)
      .returning('id')
      .executeTakeFirstOrThrow();
    await eventually(() => told(accountId, 'rehearsal.progress')).toContain(id);
    // What is told from here on is of the contact.
    await owner.deleteFrom('operation.hint').where('account_id', 'in', [accountId, rehearsing]).execute();
    await owner
      .updateTable('core.contact')
      .set({ state: 'negotiating', next_at: new Date() })
      .where('id', '=', contactId)
      .execute();
    await eventually(() => told(accountId, 'rehearsal.progress')).toContain(id);
    expect(await hintsOf(rehearsing)).toEqual([]);
    const subjects = (await hintsOf(accountId)).map(({ subject }) => subject);
    expect(subjects).not.toContain(batch.batchId);
    expect(subjects).not.toContain(rehearsing);
  });

  it('of a hundred changes of a batch are few, at most one a second, and the last change is not without one', async () => {
    const { api, accountId } = messages;
    const { owner } = api.world;
    const { batch, contactId } = await dialOne(api.world, accountId);
    const change = (times: number) =>
      owner
        .updateTable('core.contact')
        .set({ next_at: new Date(Date.UTC(2027, 0, 1 + times)) })
        .where('id', '=', contactId)
        .execute();
    // Of a call that runs its events tell.
    await owner
      .updateTable('core.contact')
      .set({ state: 'negotiating' })
      .where('id', '=', contactId)
      .execute();
    const clock = async (): Promise<Date> =>
      (await owner.selectNoFrom(sql<Date>`clock_timestamp()`.as('now')).executeTakeFirstOrThrow()).now;
    const began = await clock();
    for (let times = 0; times < 99; times += 1) {
      await change(times);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Before the last one: its hint may be told before a clock that is asked behind it.
    const now = await clock();
    await change(99);
    await expect
      .poll(
        async () => {
          const all = await hintsOf(accountId);
          return all.some(
            ({ subject, type, created_at: at }) =>
              subject === batch.batchId && type === 'contact.changed' && at >= now,
          );
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    const times = (await hintsOf(accountId)).flatMap(({ type, subject, created_at: at }) =>
      type === 'contact.changed' && subject === batch.batchId ? [at.getTime()] : [],
    );
    const seconds = ((await clock()).getTime() - began.getTime()) / 1_000;
    expect(times.filter((at) => at >= began.getTime()).length).toBeLessThanOrEqual(seconds + 2);
    // An update that changes nothing that anybody sees is no news.
    const other = await owner
      .selectFrom('core.contact')
      .select(['id', 'batch_id'])
      .where('account_id', '=', accountId)
      .where('batch_id', '!=', batch.batchId)
      .executeTakeFirstOrThrow();
    const ofOther = async (): Promise<number> =>
      (await hintsOf(accountId)).filter(({ subject }) => subject === other.batch_id).length;
    const before = await ofOther();
    await owner
      .updateTable('core.contact')
      .set({ next_at: sql`next_at`, variables: JSON.stringify({ a: 'b' }) })
      .where('id', '=', other.id)
      .execute();
    const marker = await newAccount(api.world.app, api.world.poolId, usd);
    await eventually(() => typesOf(marker)).toContain('balance.changed');
    expect(await ofOther()).toBe(before);
  });

  it('whoever takes over tells everybody to look again, for what was announced meanwhile was heard by nobody', async () => {
    const { api } = messages;
    await numbering.stop();
    const accountId = await newAccount(api.world.app, api.world.poolId, 0n);
    await inAccount(api.world.app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: usd, reference: 'unheard' }),
    );
    numbering = startNumbering(api);
    await eventually(() => typesOf(accountId)).toEqual(['reset']);
    // One of several numbers: another one is there, and waits.
    const second = startNumbering(api);
    await inAccount(api.world.app, accountId, (trx) =>
      topUp(trx, { accountId, unit: 'USD', amountMicros: usd, reference: 'heard' }),
    );
    await eventually(() => typesOf(accountId)).toEqual(['reset', 'balance.changed']);
    // Its connection breaks, as when it freezes.
    await sql`
      select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_locks l on l.pid = a.pid
       where a.application_name like 'tandas-feed%' and a.datname = current_database()
         and l.locktype = 'advisory'`.execute(api.world.owner);
    await eventually(() => typesOf(accountId)).toEqual(['reset', 'balance.changed', 'reset']);
    await second.stop();
  });

  it('is kept for as long as anybody may ask for it', async () => {
    const { owner, system } = messages.api.world;
    const hint = (hours: number, seq: bigint) => ({
      account_id: messages.accountId,
      type: 'batch.changed',
      subject: randomUUID(),
      seq,
      created_at: new Date(Date.now() - hours * 3_600_000),
    });
    const [old, kept] = [hint(27, 1n), hint(25, 2n)];
    await owner.insertInto('operation.hint').values([old, kept]).execute();
    await system.transaction().execute(pruneHints);
    const left = await told(messages.accountId, 'batch.changed');
    expect(left).toContain(kept.subject);
    expect(left).not.toContain(old.subject);
  });

  it('two that number at once give no number twice, and none that is lower than one that was seen', async () => {
    const { system, owner } = messages.api.world;
    const hint = (): Hint => ({
      type: 'batch.changed',
      accountId: messages.accountId,
      subject: randomUUID(),
    });
    // A clock that stands: the end is far ahead of it.
    const end = BigInt(Date.now() + 3_600_000) * 1_000n;
    await owner.updateTable('operation.feed_end').set({ seq: end }).execute();
    const hints = Array.from({ length: 40 }, () => [hint(), hint()]);
    await Promise.all(
      hints.map((some) =>
        system.transaction().execute((trx) => numberOnce(trx, { hints: some, reset: false })),
      ),
    );
    const seqs = (await hintsOf(messages.accountId)).flatMap(({ seq }) => (seq > end ? [seq] : []));
    expect(seqs.length).toBeGreaterThanOrEqual(80);
    expect(seqs.at(-1)).toBe(end + BigInt(seqs.length));
  });
});
