import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atOneInstant, inAccount } from '../../../db/client.ts';
import { erasePerson } from '../../../domain/privacy/erase.ts';
import { readReport } from '../../../domain/reports/reports.ts';
import type { ReportName } from '../../../domain/reports/rules/report.ts';
import { recountAll, recountSome } from '../../../domain/summaries/recount.ts';
import { recountRound } from '../../../relay/report-summaries.ts';
import { type ApiWorld, createApiWorld } from '../../support/api.ts';
import {
  attempt,
  type Callee,
  createCallees,
  learn,
  type MadeAttempt,
  refuseTurn,
  takeLine,
  type Word,
} from '../../support/report-steps.ts';
import { newAccount, usd } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld({ capacity: 200 });
});
afterAll(() => api.close());

const days = { from: '2027-03-01', to: '2027-03-31' };
const at = (hour: number, day = 8): Date => new Date(Date.UTC(2027, 2, day, hour, 5));

/** An account with one person in each of two batches. */
async function book(): Promise<{ readonly accountId: string; readonly callee: Callee }> {
  const accountId = await newAccount(api.world.app, api.world.poolId, 100n * usd);
  const [callee] = await createCallees(api.world, accountId, 1);
  if (callee === undefined) throw new Error('nobody');
  return { accountId, callee };
}

async function dial(
  { accountId, callee }: { readonly accountId: string; readonly callee: Callee },
  number: number,
  when: Date,
): Promise<MadeAttempt> {
  const lease = await takeLine(api.world, accountId, callee, number);
  await inAccount(api.world.app, accountId, (trx) =>
    attempt(trx, { world: api.world, accountId, callee, lease, number, at: when, phone: 0 }),
  );
  return { ...callee, attemptId: lease, providerCallId: `call_${lease}` };
}

const hear = (accountId: string, call: MadeAttempt, word: Word): Promise<void> =>
  inAccount(api.world.app, accountId, (trx) => learn(trx, accountId, call, word));

/** Figures of one table, by the words of its first column. */
async function figuresOf(accountId: string, name: ReportName, key: string, exact = false) {
  const { tables } = await readReport(api.world.app, accountId, name, { ...days, exact });
  const table = tables.find((one) => one.key === key);
  if (table === undefined) throw new Error(`no table ${key}`);
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map((column, index) => [column.key, row[index]])),
  );
}

/** People by step of the funnel, after all that was touched has been counted. */
async function funnel(accountId: string) {
  await recountAll(api.world.app, accountId);
  const steps = await figuresOf(accountId, 'funnel', 'steps');
  expect(steps).toEqual(await figuresOf(accountId, 'funnel', 'steps', true));
  return Object.fromEntries(steps.map((row) => [row['step'], row['contacts']]));
}

const touches = (accountId: string): Promise<number> =>
  inAccount(api.world.app, accountId, async (trx) => {
    const rows = await trx.selectFrom('operation.report_touch').select('hour_at').execute();
    return rows.length;
  });

describe('people of the funnel', () => {
  it('are counted once when an earlier call turns out to have been answered as well', async () => {
    const one = await book();
    const { accountId } = one;
    const [first, second] = [await dial(one, 1, at(12)), await dial(one, 2, at(15))];
    await hear(accountId, second, 'talked');
    expect(await funnel(accountId)).toMatchObject({ called: 1, answered: 1 });
    await hear(accountId, first, 'talked');
    expect(await funnel(accountId)).toMatchObject({ called: 1, answered: 1 });
  });

  it('were called first by the next call when the first one was never placed', async () => {
    const one = await book();
    const { accountId } = one;
    const [first] = [await dial(one, 1, at(12)), await dial(one, 2, at(15))];
    expect(await funnel(accountId)).toMatchObject({ called: 1 });
    await hear(accountId, first, 'rejected');
    expect(await funnel(accountId)).toMatchObject({ called: 1 });
    const [totals] = await figuresOf(accountId, 'overview', 'totals');
    expect(totals).toMatchObject({ calls: 1, rejected: 1 });
  });

  it('said who they are once, in whichever call that is heard of last', async () => {
    const one = await book();
    const { accountId } = one;
    const [first, second] = [await dial(one, 1, at(12)), await dial(one, 2, at(15))];
    for (const call of [first, second]) await hear(accountId, call, 'talked');
    await hear(accountId, second, 'identity');
    expect(await funnel(accountId)).toMatchObject({ identified: 1 });
    await hear(accountId, first, 'identity');
    expect(await funnel(accountId)).toMatchObject({ identified: 1 });
    expect(await figuresOf(accountId, 'voice', 'totals')).toMatchObject([{ answered: 2, identified: 2 }]);
  });
});

describe('sums', () => {
  it('lose what erasing takes: how a call sounded', async () => {
    const one = await book();
    const { accountId } = one;
    await hear(accountId, await dial(one, 1, at(12)), 'analysed');
    await recountAll(api.world.app, accountId);
    expect(await figuresOf(accountId, 'voice', 'totals')).toMatchObject([{ positive: 1 }]);
    const { contactId, personId } = one.callee;
    await inAccount(api.world.app, accountId, async (trx) => {
      await sql`update core.contact set state = 'closed', outcome = 'answered', closed_at = now() where id = ${contactId}`.execute(
        trx,
      );
      await erasePerson(trx, api.secrets, { accountId, actor: 'test' }, { personId, reason: 'prueba' });
    });
    expect(await figuresOf(accountId, 'voice', 'totals')).toMatchObject([{ positive: 0, answered: 1 }]);
    await recountAll(api.world.app, accountId);
    expect(await figuresOf(accountId, 'voice', 'totals')).toMatchObject([{ positive: 0, answered: 1 }]);
  });

  it('keep which phone it was when the person has them in another order later', async () => {
    const one = await book();
    const { accountId } = one;
    await dial(one, 1, at(12));
    await inAccount(api.world.app, accountId, (trx) =>
      sql`update core.phone set position = 1 - position where person_id = ${one.callee.personId}`.execute(
        trx,
      ),
    );
    expect(await figuresOf(accountId, 'phones', 'phones')).toMatchObject([{ phone: 'main', calls: 1 }]);
  });

  it('are not touched by a look at the provider, nor by a sweeper', async () => {
    const one = await book();
    const { accountId } = one;
    await dial(one, 1, at(12));
    await recountAll(api.world.app, accountId);
    await api.world.owner.updateTable('operation.call').set({ check_at: new Date() }).execute();
    await api.world.owner
      .updateTable('operation.call')
      .set({ state: 'unknown' })
      .where('state', '=', 'placing')
      .execute();
    expect(await touches(accountId)).toBe(0);
  });

  it('are of their account alone', async () => {
    const [mine, other] = [await book(), await book()];
    await dial(mine, 1, at(12));
    await recountAll(api.world.app, other.accountId);
    expect(await touches(mine.accountId)).toBe(1);
    expect(await figuresOf(other.accountId, 'overview', 'days')).toEqual([]);
    await recountAll(api.world.app, mine.accountId);
    const seen = await inAccount(api.world.app, other.accountId, (trx) =>
      trx.selectFrom('operation.report_hour').select('calls').execute(),
    );
    expect(seen).toEqual([]);
  });
});

describe('a report', () => {
  it('is of one instant, however many statements it asks, and writes nothing', async () => {
    const { accountId, callee } = await book();
    const { app } = api.world;
    const seen = await atOneInstant(app, accountId, async (trx) => {
      const refusals = async (): Promise<number> =>
        (await trx.selectFrom('operation.refusal').select('id').execute()).length;
      const before = await refusals();
      await inAccount(app, accountId, (other) => refuseTurn(other, accountId, callee, at(12)));
      return [before, await refusals()];
    });
    expect(seen).toEqual([0, 0]);
    const writing = atOneInstant(app, accountId, (trx) => refuseTurn(trx, accountId, callee, at(13)));
    await expect(writing).rejects.toThrow('read-only transaction');
    expect(await figuresOf(accountId, 'refusals', 'rules')).toMatchObject([{ refusals: 1 }]);
  });
});

describe('whoever recounts', () => {
  it('dies after it has taken the touches: nothing is lost, and the next one counts them', async () => {
    const one = await book();
    const { accountId } = one;
    const { owner, app } = api.world;
    await hear(accountId, await dial(one, 1, at(12)), 'talked');
    const before = await touches(accountId);
    expect(before).toBeGreaterThan(0);
    // It takes the touches, and waits for the table: there it dies, as a worker that is killed.
    const died = await owner.transaction().execute(async (trx) => {
      await sql`lock table operation.report_hour in access exclusive mode`.execute(trx);
      const dying = recountAll(app, accountId).then(
        () => 'lived',
        () => 'died',
      );
      for (;;) {
        // On a connection of its own: a transaction sees who waits as of its first look.
        const { rows } = await sql`
          select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like '%report_hour%'
             and pid <> pg_backend_pid()`.execute(owner);
        if (rows.length > 0) break;
      }
      return dying;
    });
    expect(died).toBe('died');
    expect(await touches(accountId)).toBe(before);
    expect(await figuresOf(accountId, 'overview', 'totals')).toMatchObject([{ calls: 1, answered: 1 }]);
    expect(await recountAll(app, accountId)).toBe(1);
    expect(await figuresOf(accountId, 'overview', 'totals')).toMatchObject([{ calls: 1, answered: 1 }]);
  });

  it('leaves an hour that was touched a moment ago, and an account that somebody else counts', async () => {
    const one = await book();
    const { accountId } = one;
    const { app } = api.world;
    await dial(one, 1, at(12));
    expect(await recountSome(app, accountId, { quietMs: 60_000 })).toMatchObject({ hours: 0 });
    await inAccount(app, accountId, async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('report ' || core.current_account()::text, 0))`.execute(
        trx,
      );
      expect(await recountSome(app, accountId, { quietMs: 0 })).toMatchObject({ hours: 0 });
    });
    expect(await touches(accountId)).toBe(1);
    expect(await recountSome(app, accountId, { quietMs: 0 })).toMatchObject({ hours: 1 });
  });

  it('comes to an account with one hour while another has a hundred, and to the last of these though the first go on', async () => {
    const [many, few] = [await book(), await book()];
    const { app, system } = api.world;
    const refuse = ({ accountId, callee }: typeof many, hours: number): Promise<void> =>
      inAccount(app, accountId, async (trx) => {
        for (let hour = 0; hour < hours; hour += 1)
          await refuseTurn(trx, accountId, callee, at(hour % 24, 2 + Math.floor(hour / 24)));
      });
    await refuse(many, 100);
    await refuse(few, 1);
    const places = new Map();
    const round = () => recountRound({ app, system, places, quietForMs: 0 });
    expect(await round()).toBe(true);
    expect(await touches(few.accountId)).toBe(0);
    expect(await touches(many.accountId)).toBe(60);
    // Hours that have been counted are touched again before each round.
    await refuse(many, 40);
    await round();
    await refuse(many, 40);
    await round();
    expect(await touches(many.accountId)).toBe(80);
    while (await round());
    await round();
    expect(await touches(many.accountId)).toBe(0);
    const rules = await figuresOf(many.accountId, 'refusals', 'rules');
    expect(rules).toMatchObject([{ reason: 'cool_down', refusals: 180 }]);
  });

  it('goes on to the other accounts when one cannot be counted, and says so', async () => {
    const { app, system, owner } = api.world;
    const books = [await book(), await book(), await book()].toSorted((one, other) =>
      one.accountId < other.accountId ? -1 : 1,
    );
    for (const one of books) await dial(one, 1, at(12));
    const [first] = books;
    if (first === undefined) throw new Error('no account');
    // Its sums go into a table that takes none of its rows.
    await sql`alter table operation.report_nth add constraint planted check (account_id <> ${sql.lit(first.accountId)})`.execute(
      owner,
    );
    const round = recountRound({ app, system, places: new Map(), quietForMs: 0 });
    await expect(round).rejects.toThrow('1 accounts were not counted');
    await sql`alter table operation.report_nth drop constraint planted`.execute(owner);
    expect(await Promise.all(books.map(({ accountId }) => touches(accountId)))).toEqual([1, 0, 0]);
  });
});
