import fc from 'fast-check';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount, type Trx } from '../../../db/client.ts';
import { readReport, type Report } from '../../../domain/reports/reports.ts';
import type { ReportName } from '../../../domain/reports/rules/report.ts';
import { rebuild, recountAll, recountSome } from '../../../domain/summaries/recount.ts';
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
  words,
} from '../../support/report-steps.ts';
import { newAccount, usd } from '../../support/world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await createApiWorld({ capacity: 400 });
});
afterAll(() => api.close());

/** Over two days, with a clock that goes back in New York (7 November 2027, 06:00 UTC). */
const begin = Date.parse('2027-11-06T20:00:00Z');
/** The last of a quarter, and so of some hours. */
const instant = (quarters: number): Date => new Date(begin + quarters * 900_000 + 899_999);
const days = { from: '2027-11-05', to: '2027-11-09' };

type Step =
  | { readonly kind: 'dial'; readonly callee: number; readonly quarters: number; readonly phone: number }
  | { readonly kind: 'learn'; readonly call: number; readonly word: Word; readonly held: boolean }
  | { readonly kind: 'refuse'; readonly callee: number; readonly quarters: number }
  | { readonly kind: 'recount'; readonly all: boolean };

const callees = 4;
const quarters = fc.nat(120);
const callee = fc.nat(2 * callees - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('dial'), callee, quarters, phone: fc.nat(1) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('learn'),
      call: fc.nat(50),
      word: fc.constantFrom(...words),
      held: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse'), callee, quarters }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('recount'), all: fc.boolean() }) },
);

/** An account with its people, and what was done in it so far. */
interface Book {
  readonly accountId: string;
  readonly people: readonly Callee[];
  readonly calls: MadeAttempt[];
}

const names: readonly ReportName[] = ['overview', 'hours', 'waves', 'funnel', 'refusals', 'phones', 'voice'];

const figures = ({ tables }: Report) => tables.map(({ key, rows }) => ({ key, rows }));

/** Whatever has been recounted and whatever has not: the sums say what the rows say. */
async function expectSame(accountId: string): Promise<void> {
  const read = (name: ReportName, wanted: object, exact: boolean): Promise<Report> =>
    readReport(api.world.app, accountId, name, { ...wanted, exact });
  for (const name of names) {
    const [sums, exact] = [await read(name, days, false), await read(name, days, true)];
    expect(figures(sums), name).toEqual(figures(exact));
  }
  const only = { ...days, useCase: 'notification', zone: 'Asia/Kathmandu' };
  expect(figures(await read('voice', only, false))).toEqual(figures(await read('voice', only, true)));
}

async function take(book: Book, one: Step): Promise<void> {
  const { accountId, people, calls } = book;
  const { app } = api.world;
  if (one.kind === 'recount') {
    if (one.all) await recountAll(app, accountId);
    else await recountSome(app, accountId, { quietMs: 0 });
    return;
  }
  if (one.kind === 'learn') {
    const call = calls[one.call % Math.max(1, calls.length)];
    if (call === undefined) return;
    await apart(accountId, one.held, (trx) => learn(trx, accountId, call, one.word));
    return;
  }
  const person = people[one.callee];
  if (person === undefined) throw new Error('nobody to call');
  const at = instant(one.quarters);
  if (one.kind === 'refuse')
    return inAccount(app, accountId, (trx) => refuseTurn(trx, accountId, person, at));
  const number = calls.filter(({ contactId }) => contactId === person.contactId).length + 1;
  const lease = await takeLine(api.world, accountId, person, number);
  await inAccount(app, accountId, (trx) =>
    attempt(trx, { world: api.world, accountId, callee: person, lease, number, at, phone: one.phone }),
  );
  calls.push({ ...person, attemptId: lease, providerCallId: `call_${lease}` });
}

/** In a transaction that, when it is held, is recounted around and read past before it commits. */
async function apart(accountId: string, held: boolean, work: (trx: Trx) => Promise<void>): Promise<void> {
  await inAccount(api.world.app, accountId, async (trx) => {
    await work(trx);
    if (!held) return;
    await recountAll(api.world.app, accountId);
    await expectSame(accountId);
  });
}

/** The same figures by another road: all rows, counted here, with another library's clock. */
async function expectTrue(accountId: string): Promise<void> {
  const { rows, refusals } = await inAccount(api.world.app, accountId, async (trx) => ({
    rows: await trx
      .selectFrom('operation.attempt as a')
      .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
      .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
      .select([
        'a.id',
        'a.contact_id',
        'a.attempted_at',
        'a.zone',
        'p.position',
        'c.state',
        'c.human',
        'c.sentiment',
      ])
      .select(['c.charged_micros', 'c.billable_seconds', 'c.provider_cost_micros'])
      .select((eb) =>
        eb
          .exists(
            eb
              .selectFrom('operation.function_call as f')
              .select('f.id')
              .whereRef('f.attempt_id', '=', 'a.id'),
          )
          .as('confirmed'),
      )
      .execute(),
    refusals: await trx.selectFrom('operation.refusal').select('id').execute(),
  }));
  const made = rows.filter(({ state }) => state !== 'rejected');
  const talked = made.filter(({ human }) => human === true);
  const people = (some: typeof rows): number => new Set(some.map(({ contact_id: id }) => id)).size;
  const report = async (name: ReportName) =>
    new Map(
      (await readReport(api.world.app, accountId, name, days)).tables.map(
        ({ key, columns, rows: values }) => [
          key,
          values.map((row) => Object.fromEntries(columns.map((column, index) => [column.key, row[index]]))),
        ],
      ),
    );
  const [totals] = (await report('overview')).get('totals') ?? [];
  expect(totals).toMatchObject({
    calls: made.length,
    answered: talked.length,
    rejected: rows.length - made.length,
    positive: made.filter(({ sentiment }) => sentiment === 'positive').length,
    billable_seconds: rows.reduce((sum, row) => sum + (row.billable_seconds ?? 0), 0),
  });
  const clock = made.map((row) => DateTime.fromJSDate(row.attempted_at, { zone: row.zone }));
  const grid = Object.groupBy(clock, (at) => `${at.weekday} ${String(at.hour).padStart(2, '0')}`);
  const counted = ((await report('hours')).get('grid') ?? []).map((row) => [
    `${row['weekday']} ${row['hour']}`,
    row['calls'],
  ]);
  expect(Object.fromEntries(counted)).toEqual(
    Object.fromEntries(Object.entries(grid).map(([key, some]) => [key, some?.length])),
  );
  const steps = ((await report('funnel')).get('steps') ?? []).map((row) => [row['step'], row['contacts']]);
  expect(Object.fromEntries(steps)).toMatchObject({
    called: people(made),
    answered: people(talked),
    identified: people(talked.filter(({ confirmed }) => confirmed === true)),
  });
  const phones = (await report('phones')).get('phones') ?? [];
  for (const [phone, position] of [
    ['main', 0],
    ['other', 1],
  ] as const)
    expect(phones.find((row) => row['phone'] === phone)?.['calls'] ?? 0, phone).toBe(
      made.filter((row) => row.position === position).length,
    );
  const rules = (await report('refusals')).get('rules') ?? [];
  expect(rules.reduce((sum, row) => sum + Number(row['refusals']), 0)).toBe(refusals.length);
  const micros = rows.reduce((sum, row) => sum + (row.charged_micros ?? 0n), 0n);
  const charged = ((await report('costs')).get('costs') ?? []).filter((row) => row['cost'] === 'calls');
  expect(charged.map((row) => Number(row['amount']))).toEqual(
    micros === 0n ? [] : [Number(micros) / 1_000_000],
  );
}

describe('sums of calls', () => {
  it('say what the rows say, in whatever order calls are made, heard of, and recounted', async () => {
    const { app, poolId } = api.world;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 45 }), async (steps) => {
        const accountId = await newAccount(app, poolId, 1_000n * usd);
        const people = await createCallees(api.world, accountId, callees);
        const book: Book = { accountId, people, calls: [] };
        for (const one of steps) {
          await take(book, one);
          await expectSame(accountId);
        }
        await expectTrue(accountId);
        await recountAll(app, accountId);
        await expectSame(accountId);
        await expectTrue(accountId);
        // From nothing, and from what a hand has broken.
        await inAccount(app, accountId, async (trx) => {
          await trx.deleteFrom('operation.report_nth').execute();
          await trx.deleteFrom('operation.report_hour').where('hour', '<', 12).execute();
        });
        await rebuild(app, accountId);
        await expectSame(accountId);
        await expectTrue(accountId);
      }),
      // Made smaller, a failure would be tried for minutes.
      { numRuns: 5, endOnFailure: true },
    );
  }, 240_000);
});
