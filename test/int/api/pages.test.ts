import { CompiledQuery, type KyselyPlugin, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database, Trx } from '../../../db/client.ts';
import { listForecasts } from '../../../domain/rehearsal/queries-forecasts.ts';
import { listBatchImports } from '../../../domain/batches/queries-imports.ts';
import { listBatches } from '../../../domain/batches/queries-list.ts';
import { listContacts } from '../../../domain/contacts/queries-list.ts';
import { listRemarkedRows } from '../../../domain/imports/queries-remarks.ts';
import { listImports } from '../../../domain/imports/queries-runs.ts';
import { listDeliveries } from '../../../domain/integrations/queries-deliveries.ts';
import { listMessages } from '../../../domain/messages/queries-read.ts';
import { listAgreements } from '../../../domain/negotiation/queries-read.ts';
import { listPayments } from '../../../domain/payments/queries-read.ts';
import { listTasks } from '../../../domain/tasks/queries-list.ts';
import { dialOne } from '../../support/api.ts';
import { listRequests } from '../../../domain/privacy/queries.ts';
import { promiseAndPay, talkAndStop } from '../../support/every-table.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

/** Of each list; a plan is chosen by what a table holds. */
const rowsEach = Number(process.env['PAGES_ROWS'] ?? '10000');
const limit = 50;

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
  await promiseAndPay(world);
  await talkAndStop(world, await dialOne(world.api.world, world.accountId));
  await multiply(world.api.world.owner, world.accountId);
});
afterAll(() => world.close());

/** What is another one in each copy of a row; three of them are of one instant. */
const own = "'id', md5(n::text)::uuid";
const at = "now() - interval '9 days' + (n / 3) * interval '1 second'";
const copies: readonly (readonly [table: string, differs: string])[] = [
  ['core.import', `${own}, 'sha256', md5(n::text), 'created_at', ${at}`],
  ['core.person', `${own}, 'identity_key', 'x' || n`],
  ['core.batch', `${own}, 'slug', 'p' || n, 'import_id', null, 'created_at', ${at}`],
  ['core.batch_import', `'import_id', md5(n::text)::uuid`],
  ['core.contact', `${own}, 'person_id', md5(n::text)::uuid, 'ordinal', 1000 + n`],
  ['core.payment', `${own}, 'external_id', 'x' || n, 'created_at', ${at}`],
  ['core.agreement', `${own}, 'contact_id', md5(n::text)::uuid, 'made_at', ${at}`],
  ['operation.message', `${own}, 'idempotency_key', 'x' || n, 'at', ${at}`],
  ['operation.message_state', `'message_id', md5(n::text)::uuid, 'provider_message_id', null`],
  ['operation.task', `${own}, 'dedupe_key', 'x' || n, 'opened_at', ${at}`],
  [
    'core.privacy_request',
    `${own}, 'own_id', 'x' || n, 'received_at', ${at}, 'due_at', ${at} + interval '30 days'`,
  ],
  ['operation.event', own],
  ['operation.webhook_delivery', `${own}, 'event_id', md5(n::text)::uuid, 'created_at', ${at}`],
  ['core.import_remarked_row', `${own}, 'ordinal', n`],
  ['operation.forecast', `${own}, 'created_at', ${at}`],
];

async function multiply(owner: Database, accountId: string): Promise<void> {
  await owner.connection().execute(async (db) => {
    await sql`
      with one as (
        insert into core.import (account_id, file_name, sha256, use_case, rows_read, rows_good, rows_refused, contacts, state, ended_at)
        values (${accountId}, 'x.csv', 'x', 'debt_collection', 0, 0, 0, 0, 'stored', now()) returning id, account_id),
      remarked as (
        insert into core.import_remarked_row (account_id, import_id, ordinal, severity, sheet, sheet_row, problems)
        select account_id, id, 0, 'refused', '', 1, '[]' from one)
      insert into core.batch_import (import_id, account_id, batch_id, people_total, people_taken, people_known, actor)
      select id, account_id, (select id from core.batch where account_id = ${accountId} limit 1), 1, 0, 0, 'test'
        from one`.execute(db);
    await sql`insert into operation.forecast (account_id, terms, created_by) values (${accountId}, '{}', 'test')`.execute(
      db,
    );
    // What a row refers to is no matter here, and its triggers are not.
    await sql`set session_replication_role = replica`.execute(db);
    for (const [table, differs] of copies) {
      await sql`
        insert into ${sql.table(table)}
        select copy.* from (select * from ${sql.table(table)} where account_id = ${accountId} limit 1) one,
               generate_series(1, ${rowsEach}::integer) n,
               lateral jsonb_populate_record(null::${sql.table(table)}, to_jsonb(one) || jsonb_build_object(${sql.raw(differs)})) copy`.execute(
        db,
      );
      await sql`analyze ${sql.table(table)}`.execute(db);
    }
    await sql`set session_replication_role = origin`.execute(db);
  });
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** Rows that the nodes of a plan have read from tables and indexes, shown or thrown away. */
function rowsRead(plan: Json): number {
  const below = Array.isArray(plan['Plans']) ? plan['Plans'].map(object) : [];
  const each = Number(plan['Actual Rows'] ?? 0) + Number(plan['Rows Removed by Filter'] ?? 0);
  const kind = String(plan['Node Type']);
  const isScan = kind.endsWith('Scan') && !/^(CTE|Subquery)/.test(kind);
  const read = isScan ? each * Number(plan['Actual Loops'] ?? 1) : 0;
  return below.reduce((sum, node) => sum + rowsRead(node), read);
}

/** The rows of a list, and how many the database has read for them. */
async function pageOf<Row>(list: (trx: Trx) => Promise<readonly Row[]>) {
  return world.inside(async (trx) => {
    const asked: CompiledQuery[] = [];
    const watching: KyselyPlugin = {
      transformQuery: ({ node, queryId }) => {
        asked.push(trx.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    const rows = await list(trx.withPlugin(watching));
    const query = asked.at(-1);
    if (query === undefined) throw new Error('nothing was asked');
    const explained = CompiledQuery.raw(`explain (analyze, format json, timing off) ${query.sql}`, [
      ...query.parameters,
    ]);
    const answer = await trx.executeQuery(explained);
    const [told] = Object.values(object(answer.rows[0]));
    const [first] = Array.isArray(told) ? told : [];
    const plan = object(object(first)['Plan']);
    return { rows, read: rowsRead(plan), plan: JSON.stringify(plan, null, 1) };
  });
}

type List = (trx: Trx, after: string | undefined) => Promise<readonly object[]>;
const idOf = (row: object | undefined): string =>
  String(Reflect.get(Object(row), 'id') ?? Reflect.get(Object(row), 'import_id'));

const lists: readonly (readonly [name: string, List])[] = [
  ['batches', (trx, after) => listBatches(trx, { after, limit })],
  ['contacts', (trx, after) => listContacts(trx, { after, limit })],
  ['imports', (trx, after) => listImports(trx, { after, limit })],
  ['forecasts', (trx, after) => listForecasts(trx, { after, limit })],
  ['payments', (trx, after) => listPayments(trx, { after, limit })],
  ['agreements', (trx, after) => listAgreements(trx, { after, limit })],
  ['agreements that are open', (trx, after) => listAgreements(trx, { after, limit, state: 'open' })],
  ['messages', (trx, after) => listMessages(trx, { after, limit })],
  ['deliveries', (trx, after) => listDeliveries(trx, { after, limit })],
  ['deliveries that wait', (trx, after) => listDeliveries(trx, { after, limit, state: 'pending' })],
  ['tasks', (trx, after) => listTasks(trx, { after, limit, state: undefined, contactId: undefined })],
  ['open tasks', (trx, after) => listTasks(trx, { after, limit, state: 'open', contactId: undefined })],
  [
    'privacy requests',
    (trx, after) => listRequests(trx, { after, limit, state: undefined, nationalId: undefined }),
  ],
  [
    'open privacy requests',
    (trx, after) => listRequests(trx, { after, limit, state: 'open', nationalId: undefined }),
  ],
  [
    'people of a batch',
    async (trx, after) =>
      listBatchImports(trx, await most(trx, 'core.batch_import', 'batch_id'), { after, limit }),
  ],
  [
    'rows of an import',
    async (trx, after) =>
      listRemarkedRows(trx, {
        importId: await most(trx, 'core.import_remarked_row', 'import_id'),
        severity: undefined,
        after,
        limit,
      }),
  ],
  [
    'contacts of a batch',
    async (trx, after) =>
      listContacts(trx, { batchId: await most(trx, 'core.contact', 'batch_id'), after, limit }),
  ],
];

/** What most rows of a table have. */
async function most(trx: Trx, table: string, column: string): Promise<string> {
  const of = sql.ref(column);
  const { rows } = await sql<{ value: string }>`
    select ${of} as value from ${sql.table(table)} group by ${of} order by count(*) desc limit 1`.execute(
    trx,
  );
  return rows[0]?.value ?? '';
}

describe('a page', () => {
  it.each(lists)('of %s, first or far behind, reads little more than it shows', async (name, list) => {
    const wrong: string[] = [];
    const first = await pageOf((trx) => list(trx, undefined));
    // In the middle of all of them: what stands before it would be read by whoever has no index for it.
    const middle = await world.inside(async (trx) => {
      let after: string | undefined;
      for (let pages = 0; pages < 3; pages += 1) after = idOf((await list(trx, after)).at(-1));
      return after;
    });
    const next = await pageOf((trx) => list(trx, middle));
    for (const [which, page] of [
      ['first', first],
      ['next', next],
    ] as const) {
      expect(page.rows, `${name}, ${which}`).toHaveLength(limit);
      // A row and what is joined to it; and the row of the cursor, for each of its values.
      if (page.read > limit * 3) wrong.push(`${which} reads ${page.read}: ${page.plan}`);
      if (process.env['PAGES_ROWS'] !== undefined) console.log(name, which, page.read);
    }
    expect(wrong).toEqual([]);
  });
});
