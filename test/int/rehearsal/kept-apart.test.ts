import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import pg from 'pg';
import { auditInTransaction } from '../../../audit/run.ts';
import { inAccount } from '../../../db/client.ts';
import type { AccountKind } from '../../../db/schema/columns.ts';
import { hasBatches } from '../../../dev/stack/demo.ts';
import { topUp } from '../../../domain/billing/queries-ledger.ts';
import { ensurePool } from '../../../domain/lines/queries-pools.ts';
import { clearMessage } from '../../../domain/messages/clear-message.ts';
import { openMessages } from '../../../domain/messages/queries.ts';
import { writeOutbox } from '../../../domain/shared/queries-outbox.ts';
import { readOpenCalls } from '../../../maintenance/restore/calls.ts';
import { readOpenContacts } from '../../../maintenance/restore/contacts.ts';
import { pauseBatches } from '../../../maintenance/restore/copy-in.ts';
import { readDatabase } from '../../../observability/database-gauges.ts';
import { ask, dialOne } from '../../support/api.ts';
import { createDebtor, createMessageWorld, type MessageWorld, sendInput } from '../../support/messages.ts';
import { newAccount, usd } from '../../support/world.ts';

let world: MessageWorld;
beforeAll(async () => {
  world = await createMessageWorld();
});
afterAll(() => world.close());

/** Everything that is read across accounts: each figure of the metrics, and what the audit looked at, invariant by invariant. */
async function seen(): Promise<ReadonlyMap<string, number>> {
  const { owner, system, url } = world.api.world;
  const figures = new Map<string, number>();
  for (const { name, labels, value } of await readDatabase(system)) {
    // Ages grow while the test runs.
    if (!name.endsWith('_seconds')) figures.set(`${name} ${JSON.stringify(labels)}`, value);
  }
  const swept = await system
    .transaction()
    .execute((trx) => openMessages(trx, 0, 1_000, 'sending or unknown'));
  figures.set('sweeper: messages', swept.length);
  figures.set('restore: calls', (await readOpenCalls(owner)).length);
  figures.set('restore: contacts', (await readOpenContacts(owner)).length);
  figures.set('demo: batches', (await hasBatches(url)) ? 1 : 0);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  figures.set('restore: batches', await pauseBatches(client, 'now'));
  await client.query('rollback');
  await client.query('begin');
  const { accounts, invariants } = await auditInTransaction(client, undefined);
  await client.end();
  figures.set('audit: accounts', accounts);
  for (const { name, checked } of invariants) figures.set(`audit: ${name}`, checked);
  return figures;
}

/** Judged for a rehearsal's account too: its books and agreements add up, and its rows are its own. No figure of anybody. */
const ofEveryAccount = new Set([
  // A rehearsal's hours are counted again too.
  'tandas_report_touches {}',
  ...[
    'agreement_adds_up',
    'balances_equal_transactions',
    'held_equals_pending_holds',
    'hold_is_in_the_ledger',
    'message_charge_is_in_the_ledger',
    'message_hold_resolved',
    'message_sent_once',
    'no_hold_into_debt',
    'rows_stay_in_their_account',
    'transactions_sum_to_zero',
    'rehearsals_ring_nobody',
  ].map((name) => `audit: ${name}`),
]);

function changed(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).toSorted();
}

it("a rehearsal's rows are in no figure, no list and no report of customers, the same rows of a customer are", async () => {
  const { api } = world;
  const before = await seen();
  // Calls that run, a message that is being sent, money of two units, of which some is held: on lines that ring nobody.
  const poolId = await ensurePool(api.world.owner, {
    key: 'kept-apart',
    simulated: true,
    rehearsal: true,
    fromNumber: '+566000000000',
    agentId: 'agent_rehearsal',
    capacity: 10,
    callsPerSecond: 1_000,
  });
  const accountId = await newAccount(api.world.app, poolId, 100n * usd);
  await inAccount(api.world.app, accountId, (trx) =>
    topUp(trx, { accountId, unit: 'SEC', amountMicros: 1n, reference: 'kept-apart' }),
  );
  await dialOne({ ...api.world, poolId }, accountId);
  const own: MessageWorld = {
    ...world,
    accountId,
    inside: (work) => inAccount(api.world.app, accountId, work),
  };
  const debtor = await createDebtor(own);
  const cleared = await clearMessage(api.world.app, sendInput(own, debtor), true);
  expect(cleared).toMatchObject({ kind: 'cleared' });
  // A rehearsal has neither: its grants and ends are answers of activities.
  await api.world.owner.deleteFrom('operation.outbox').where('account_id', '=', accountId).execute();
  await api.world.owner.deleteFrom('operation.event').where('account_id', '=', accountId).execute();
  const as = async (kind: AccountKind) => {
    await api.world.owner
      .updateTable('catalogue.account')
      .set({ kind })
      .where('id', '=', accountId)
      .execute();
    return changed(before, await seen()).filter((name) => !ofEveryAccount.has(name));
  };
  const counted = await as('customer');
  expect(counted).toEqual(
    expect.arrayContaining([
      'audit: accounts',
      'audit: attempt_fits_together',
      'audit: person_daily_limit',
      'demo: batches',
      'restore: batches',
      'restore: calls',
      'restore: contacts',
      'sweeper: messages',
      'tandas_calls_open {}',
      'tandas_holds_micros {"unit":"USD"}',
      'tandas_holds_open {"unit":"USD"}',
      'tandas_ledger_sum_micros {"unit":"SEC"}',
      'tandas_messages_unknown {}',
    ]),
  );
  expect(await as('rehearsal')).toEqual([]);
  const { body } = await ask(api.app, 'GET', '/api/v1/contacts', { as: api.one });
  expect(JSON.stringify(body)).not.toContain(debtor.contactId);
});

it("no row of the outbox is a rehearsal's, whoever writes it, and what else it wrote is not there either", async () => {
  const { app, owner, system, poolId } = world.api.world;
  const accountId = await newAccount(app, poolId, 0n);
  await owner
    .updateTable('catalogue.account')
    .set({ kind: 'rehearsal' })
    .where('id', '=', accountId)
    .execute();
  const batchId = randomUUID();
  const start = (id: string) => ({ accountId: id, to: { batchId }, kind: 'start' }) as const;
  const words = 'of a rehearsal, or of an account that this transaction cannot see';
  const own = inAccount(app, accountId, (trx) => writeOutbox(trx, [start(accountId)]));
  await expect(own).rejects.toThrow(`1 of 1 outbox rows are ${words}`);
  // As a dispatcher does: rows of several accounts at once.
  const mixed = system
    .transaction()
    .execute((trx) => writeOutbox(trx, [start(world.accountId), start(accountId)]));
  await expect(mixed).rejects.toThrow(`1 of 2 outbox rows are ${words}`);
  const rows = await owner
    .selectFrom('operation.outbox')
    .select('id')
    .where('batch_id', '=', batchId)
    .execute();
  expect(rows).toEqual([]);
});
