import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { createDatabase, inAccount, last, together } from '../../../db/client.ts';
import { createBatch, createWorld, newAccount, type World } from '../../support/world.ts';

let world: World;
let other: string;
beforeAll(async () => {
  world = await createWorld({ rehearsal: false });
  other = await newAccount(world.app, world.poolId, 0n);
  for (const accountId of [world.accountId, other]) {
    await createBatch(world, { accountId, mode: 'live', policy: 'demo', pack: 'demo', people: [{}] });
  }
});
afterAll(() => world.close());

const accountsSeen = async (db: World['app'] | Parameters<Parameters<typeof inAccount>[2]>[0]) =>
  (await db.selectFrom('core.batch').select('account_id').distinct().execute()).map(
    ({ account_id }) => account_id,
  );

test('a statement whose answer has another shape since a migration fails once, and not for ever', async () => {
  const database = createDatabase({ url: world.url, maxConnections: 1 });
  const names = () => sql`select name from public.shaped`.execute(database);
  try {
    await sql`create table public.shaped (name text)`.execute(database);
    for (let use = 0; use < 4; use += 1) await names();
    await sql`alter table public.shaped alter column name type varchar(20)`.execute(database);
    await expect(names()).rejects.toThrow('cached plan');
    await expect(names()).resolves.toMatchObject({ rows: [] });
  } finally {
    await database.destroy();
  }
});

describe('a transaction of an account', () => {
  it('sees its own rows, from its first statement to its last, whatever its connection did before', async () => {
    for (let turn = 0; turn < 12; turn += 1) {
      const accountId = turn % 2 === 0 ? world.accountId : other;
      await inAccount(world.app, accountId, async (trx) => {
        expect(await accountsSeen(trx)).toEqual([accountId]);
        expect(await accountsSeen(trx)).toEqual([accountId]);
      });
    }
    expect(await accountsSeen(world.app)).toEqual([]);
  });

  it('does not lend its account to another one that is begun inside it', async () => {
    await inAccount(world.app, world.accountId, async (trx) => {
      const inside = await world.app.transaction().execute((inner) => accountsSeen(inner));
      expect(inside).toEqual([]);
      const nested = await inAccount(world.app, other, (inner) => accountsSeen(inner));
      expect(nested).toEqual([other]);
      expect(await accountsSeen(trx)).toEqual([world.accountId]);
    });
  });

  it('is undone whole when its work fails, and the connection is as before', async () => {
    const work = inAccount(world.app, world.accountId, async (trx) => {
      await trx.updateTable('core.batch').set({ name: 'cambiada' }).execute();
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    const names = await inAccount(world.app, world.accountId, (trx) =>
      trx.selectFrom('core.batch').select('name').execute(),
    );
    expect(names.map(({ name }) => name)).not.toContain('cambiada');
  });

  it('of something that is no id is refused before anything is sent', async () => {
    const hostile = "x'; drop table core.batch; --";
    await expect(inAccount(world.app, hostile, (trx) => accountsSeen(trx))).rejects.toThrow('is a UUID');
  });
});

describe('two statements together', () => {
  it('run one after the other: the second sees what the first wrote', async () => {
    await inAccount(world.app, world.accountId, async (trx) => {
      const write = trx.updateTable('core.batch').set({ name: 'junta' }).returning('id');
      const read = trx.selectFrom('core.batch').select('name');
      const [written, rows] = await together(trx, write.compile(), read.compile());
      expect(written).toHaveLength(1);
      expect(rows).toEqual([{ name: 'junta' }]);
    });
  });

  it('fail with the error of the first', async () => {
    const work = inAccount(world.app, world.accountId, (trx) =>
      together(trx, sql`select 1 / 0`.compile(trx), sql`select 1`.compile(trx)),
    );
    await expect(work).rejects.toThrow('division by zero');
  });
});

describe('the last statement of a transaction', () => {
  const nameAs = (name: string) =>
    inAccount(world.app, world.accountId, (trx) =>
      last(trx, () => trx.updateTable('core.batch').set({ name }).execute()),
    );
  const nameOf = async () =>
    (
      await inAccount(world.app, world.accountId, (trx) =>
        trx.selectFrom('core.batch').select('name').executeTakeFirstOrThrow(),
      )
    ).name;

  it('is committed when its answer is there: nobody has to come back for its locks', async () => {
    const seen = await inAccount(world.app, world.accountId, async (trx) => {
      await last(trx, () => trx.updateTable('core.batch').set({ name: 'última' }).execute());
      return nameOf();
    });
    expect(seen).toBe('última');
  });

  it('takes what came before it along when it fails, and the connection is as before', async () => {
    await nameAs('antes');
    const work = inAccount(world.app, world.accountId, async (trx) => {
      await trx.updateTable('core.batch').set({ name: 'cambiada' }).execute();
      await last(trx, () => sql`select 1 / 0`.execute(trx));
    });
    await expect(work).rejects.toThrow('division by zero');
    expect(await nameOf()).toBe('antes');
  });

  it('tells what the commit says, when that is what fails', async () => {
    await sql`create table public.pointed (id int primary key,
      other int references public.pointed deferrable initially deferred)`.execute(world.owner);
    const work = world.owner
      .transaction()
      .execute((trx) => last(trx, () => sql`insert into public.pointed values (1, 2)`.execute(trx)));
    await expect(work).rejects.toThrow('foreign key');
    const { rows } = await sql`select id from public.pointed`.execute(world.owner);
    expect(rows).toEqual([]);
  });

  it('has nothing behind it: what would stand without its transaction is refused', async () => {
    await nameAs('antes');
    const work = inAccount(world.app, world.accountId, async (trx) => {
      await last(trx, () => accountsSeen(trx));
      await trx.updateTable('core.batch').set({ name: 'después' }).execute();
    });
    await expect(work).rejects.toThrow('behind the last one');
    expect(await nameOf()).toBe('antes');
  });

  it('is any statement of the next transaction on that connection no more', async () => {
    const database = createDatabase({ url: world.url, role: 'tandas_app', maxConnections: 1 });
    try {
      await inAccount(database, world.accountId, (trx) => last(trx, () => accountsSeen(trx)));
      const undone = inAccount(database, world.accountId, async (trx) => {
        await trx.updateTable('core.batch').set({ name: 'otra' }).execute();
        throw new Error('no');
      });
      await expect(undone).rejects.toThrow('no');
      expect(await nameOf()).toBe('antes');
    } finally {
      await database.destroy();
    }
  });
});

it('a prepared statement goes on after a migration that adds a column, and one with a star gets it', async () => {
  const named = () => sql`select id, name from public.grown where id = ${1}`.execute(world.owner);
  const starred = () => sql`select * from public.grown where id = ${1}`.execute(world.owner);
  await sql`create table public.grown (id int primary key, name text not null)`.execute(world.owner);
  await sql`insert into public.grown values (1, 'una')`.execute(world.owner);
  // One after the other, so that one connection of the pool serves all of them.
  for (let turn = 0; turn < 8; turn += 1) {
    await named();
    await starred();
  }
  const { rows: prepared } = await sql<{ statement: string }>`
    select statement from pg_prepared_statements where statement like '%public.grown%'`.execute(world.owner);
  expect(prepared.map(({ statement }) => statement)).toEqual([
    'select id, name from public.grown where id = $1',
  ]);
  await sql`alter table public.grown add column age int not null default 7`.execute(world.owner);
  for (let turn = 0; turn < 4; turn += 1) {
    expect((await named()).rows).toEqual([{ id: 1, name: 'una' }]);
    expect((await starred()).rows).toEqual([{ id: 1, name: 'una', age: 7 }]);
  }
});
