import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../../db/client.ts';
import { type ImportAddress, objectKey } from '../../../domain/imports/imports.ts';
import { cancelImport, runImport } from '../../../domain/imports/run-import.ts';
import { storePortion } from '../../../domain/imports/store-portion.ts';
import { untilBlocked } from '../../support/blocked.ts';
import { createOwnStore, debtorsCsv, type OwnStore, receiveFile } from '../../support/imports.ts';
import { until } from '../../support/live-world.ts';
import { createWorld, newAccount, type World } from '../../support/world.ts';

let world: World;
let pool: pg.Pool;
let store: OwnStore;
beforeAll(async () => {
  world = await createWorld();
  pool = createPool({ url: world.url, role: 'tandas_app', maxConnections: 4 });
  store = await createOwnStore();
});
afterAll(async () => {
  await pool.end();
  await store.close();
  await world.close();
});

const never = new AbortController().signal;
const run = (address: ImportAddress, signal = never) =>
  runImport({ app: world.app, pool, store }, address, signal);

let people = 0;
/** So many good rows; each file is another one. */
function file(rows: number): string {
  people += rows;
  return debtorsCsv(rows, people - rows);
}

async function receive(accountId: string, text: string, again = false) {
  const path = join(store.folder, randomUUID());
  await writeFile(path, text);
  return receiveFile(world.app, store, { accountId, path, again });
}

async function imported(text: string, accountId?: string): Promise<ImportAddress> {
  const owner = accountId ?? (await newAccount(world.app, world.poolId, 0n));
  return { accountId: owner, importId: (await receive(owner, text)).importId };
}

async function rowOf({ importId }: ImportAddress) {
  return world.owner
    .selectFrom('core.import')
    .select(['state', 'rows_stored', 'rows_good', 'rows_read', 'contacts', 'failure', 'bytes', 'bytes_read'])
    .where('id', '=', importId)
    .executeTakeFirstOrThrow();
}

/** Ordinals, and the transaction that stored each of them. */
async function stored({ importId }: ImportAddress) {
  const { rows } = await sql<{ ordinal: number; by: string }>`
    select ordinal, xmin::text as by from core.import_row where import_id = ${importId} order by ordinal`.execute(
    world.owner,
  );
  return rows;
}

describe('files of an account that wait', () => {
  it('are twenty at most; the next one is refused and leaves nothing, and other accounts send as ever', async () => {
    const accountId = await newAccount(world.app, world.poolId, 0n);
    const first = await imported(file(1), accountId);
    for (let more = 1; more < 20; more += 1) await imported(file(1), accountId);
    const one = file(1);
    await expect(receive(accountId, one)).rejects.toMatchObject({ code: 'too_many_imports' });
    const rows = await world.owner
      .selectFrom('core.import')
      .select('id')
      .where('account_id', '=', accountId)
      .execute();
    expect(rows).toHaveLength(20);
    await imported(file(1));
    expect(await run(first)).toBe('stored');
    expect(await receive(accountId, one)).toMatchObject({ isNew: true });
    // The same bytes are an import that is there: nothing new waits.
    expect(await receive(accountId, one)).toMatchObject({ isNew: false });
  });
});

describe('an account that sends one large file after the other', () => {
  it('has its rows of some minutes, also of files that it cancelled, and then waits; another one does not', async () => {
    const accountId = await newAccount(world.app, world.poolId, 0n);
    const before = await imported(file(1), accountId);
    const next = await imported(file(1), accountId);
    const read = (rows: number, minutesAgo: number) =>
      sql`update core.import set state = 'cancelled', rows_read = ${rows}, ended_at = now(),
                 claimed_at = now() - ${minutesAgo} * interval '1 minute'
           where id = ${before.importId}`.execute(world.owner);
    await read(400_000, 2);
    expect(await run(next)).toBe('busy');
    expect(await run(await imported(file(1)))).toBe('stored');
    await read(399_999, 2);
    expect(await run(next)).toBe('stored');
    await read(400_000, 4);
    expect(await run(await imported(file(1), accountId))).toBe('stored');
  });
});

describe('an import whose worker dies', () => {
  it('goes on behind the last portion, and stores every row once', async () => {
    const address = await imported(file(30_000));
    const dies = new AbortController();
    // The second portion waits behind this lock: the worker dies with the first one stored.
    let dying: Promise<unknown> | undefined;
    await world.owner.transaction().execute(async (trx) => {
      dying = run(address, dies.signal).catch((error: unknown) => error);
      await until('the first portion is stored', async () => (await rowOf(address)).rows_stored >= 2_000);
      await sql`select from core.import where id = ${address.importId} for update`.execute(trx);
      await untilBlocked(world);
      dies.abort(new Error('killed'));
    });
    expect(await dying).toBeInstanceOf(Error);
    const before = await stored(address);
    expect(before.length).toBeGreaterThanOrEqual(2_000);
    const soFar = await rowOf(address);
    expect(soFar.state).toBe('reading');
    expect(soFar.bytes_read).toBeGreaterThan(0n);
    expect(soFar.bytes_read).toBeLessThan(soFar.bytes);
    // The portion that waited goes in behind the killed one's back, perhaps before the next reader's own: then it comes again.
    await until('it goes on', async () => (await run(address)) === 'stored');
    const after = await stored(address);
    expect(after.map(({ ordinal }) => ordinal)).toEqual(
      Array.from({ length: 30_000 }, (_, index) => index + 1),
    );
    expect(after.slice(0, before.length)).toEqual(before);
    expect(await rowOf(address)).toMatchObject({ rows_good: 30_000, rows_stored: 30_000, contacts: 30_000 });
    const { bytes, bytes_read: read } = await rowOf(address);
    expect(read).toBe(bytes);
  });

  it('a worker that was only taken for dead writes nothing twice', async () => {
    const address = await imported(file(5_000));
    const ends = await Promise.all([run(address), run(address)]);
    expect(ends).toContain('stored');
    expect(['stored', 'busy']).toContain(ends.find((end) => end !== 'stored') ?? 'stored');
    expect((await stored(address)).length).toBe(5_000);
    const late = { first: 1, last: 2_000, lines: new Uint8Array(), rowsChecked: 2_000, share: 0.5 };
    await expect(storePortion(pool, address, late)).rejects.toThrow('is not at row 1');
    expect((await rowOf(address)).state).toBe('stored');
  });
});

describe('the same bytes', () => {
  it('are one import, however many send them at once, until it has failed', async () => {
    const accountId = await newAccount(world.app, world.poolId, 0n);
    const text = file(3);
    const all = await Promise.all(Array.from({ length: 8 }, () => receive(accountId, text)));
    expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(all.map(({ importId }) => importId)).size).toBe(1);
    expect(await receive(accountId, text, true)).toMatchObject({ importId: all[0]?.importId, isNew: false });
    const address = { accountId, importId: all[0]?.importId ?? '' };
    await store.remove(objectKey(address));
    expect(await run(address)).toBe('failed');
    expect((await rowOf(address)).failure).toMatchObject({ code: 'file_lost' });
    expect((await receive(accountId, text)).isNew).toBe(true);
  });

  it('are imported anew where that is meant and nothing of them is under way', async () => {
    const text = file(2);
    const first = await imported(text);
    await run(first);
    expect(await receive(first.accountId, text)).toMatchObject({ importId: first.importId, isNew: false });
    expect((await receive(first.accountId, text, true)).isNew).toBe(true);
  });
});

describe('places', () => {
  it('a second file of an account waits; another account does not', async () => {
    const first = await imported(file(10));
    await world.owner
      .updateTable('core.import')
      .set({ state: 'reading', claimed_at: new Date() })
      .where('id', '=', first.importId)
      .execute();
    const second = await imported(file(10), first.accountId);
    expect(await run(second)).toBe('busy');
    expect(await run(await imported(file(10)))).toBe('stored');
    expect(await run(first)).toBe('stored');
    expect(await run(second)).toBe('stored');
  });
});

describe('an import whose workflow was terminated', () => {
  it('keeps the place of its account for half an hour, and begins anew when its bytes come again', async () => {
    const text = file(4);
    const lost = await imported(text);
    const claimed = (minutesAgo: number) =>
      world.owner
        .updateTable('core.import')
        .set({ state: 'reading', claimed_at: new Date(Date.now() - minutesAgo * 60_000) })
        .where('id', '=', lost.importId)
        .execute();
    const starts = async () =>
      world.owner
        .selectFrom('operation.outbox')
        .select('kind')
        .where('import_id', '=', lost.importId)
        .execute();
    await claimed(29);
    const next = await imported(file(3), lost.accountId);
    expect(await run(next)).toBe('busy');
    await claimed(31);
    expect(await run(next)).toBe('stored');
    expect(await receive(lost.accountId, text)).toMatchObject({ importId: lost.importId, isUnderWay: true });
    expect(await starts()).toEqual([{ kind: 'start' }, { kind: 'start' }]);
    expect(await run(lost)).toBe('stored');
    await receive(lost.accountId, text);
    expect(await starts()).toHaveLength(2);
  });
});

describe('the end of an import', () => {
  it('takes its file along, whether it is stored, refused or cancelled', async () => {
    const good = await imported(file(2));
    const bad = await imported('nothing that anybody could read');
    const unwanted = await imported(file(2_500));
    const pathOf = (address: ImportAddress): string => join(store.folder, objectKey(address));
    for (const address of [good, bad, unwanted]) expect(existsSync(pathOf(address))).toBe(true);
    expect(await run(good)).toBe('stored');
    expect(await run(bad)).toBe('failed');
    expect(await cancelImport({ app: world.app, store }, unwanted, 'test')).toBe('cancelled');
    for (const address of [good, bad, unwanted]) expect(existsSync(pathOf(address))).toBe(false);
    expect(await run(unwanted)).toBe('cancelled');
    expect(await cancelImport({ app: world.app, store }, good, 'test')).toBe('stored');
    expect((await stored(good)).length).toBe(2);
  });

  it('cancelled in the middle, it leaves no row', async () => {
    const address = await imported(file(30_000));
    let reading: Promise<unknown> | undefined;
    await world.owner.transaction().execute(async (trx) => {
      reading = run(address).catch((error: unknown) => error);
      await until('the first portion is stored', async () => (await rowOf(address)).rows_stored >= 2_000);
      await sql`select from core.import where id = ${address.importId} for update`.execute(trx);
      await untilBlocked(world);
      const cancelling = cancelImport({ app: world.app, store }, address, 'test');
      await untilBlocked(world, 2);
      void cancelling;
    });
    await reading;
    await until('it is cancelled', async () => (await rowOf(address)).state === 'cancelled');
    expect(await stored(address)).toEqual([]);
  });
});

describe('a row that forbids to call its person', () => {
  it('takes their other rows away, those of earlier portions too, and the people behind close up', async () => {
    const [header, first, ...others] = file(2_100).split('\n');
    // The first person of the file has a credit note in its last row; somebody in the middle has died.
    const credit = first?.replace('104050', '-20000');
    const dead = others[1_000]?.replace(/Persona \d+/, 'Persona (FALLECIDA)').replace('104050', '5000');
    const address = await imported([header, first, ...others, credit, dead].join('\n'));
    expect(await run(address)).toBe('stored');
    expect(await rowOf(address)).toMatchObject({
      state: 'stored',
      rows_read: 2_102,
      rows_good: 2_098,
      rows_stored: 2_098,
      contacts: 2_098,
    });
    const { rows } = await sql<{ people: number; least: number; most: number; gone: number }>`
      select count(distinct person)::integer as people, min(person) as least, max(person) as most,
             count(*) filter (where identity_key in (${first?.split(';')[0]}, ${dead?.split(';')[0]}))::integer as gone
        from core.import_row where import_id = ${address.importId}`.execute(world.owner);
    expect(rows).toEqual([{ people: 2_098, least: 1, most: 2_098, gone: 0 }]);
    const { rows: told } = await sql<{ row: number; code: string }>`
      select (p ->> 'row')::integer as row, p ->> 'code' as code
        from core.import, jsonb_array_elements(problems) p where id = ${address.importId} order by 1`.execute(
      world.owner,
    );
    expect(told).toEqual([
      { row: 2, code: 'person_withdrawn' },
      { row: 1_003, code: 'person_withdrawn' },
      { row: 2_102, code: 'money_negative' },
      { row: 2_103, code: 'person_deceased' },
    ]);
  });
});
