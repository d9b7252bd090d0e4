import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inAccount } from '../../../db/client.ts';
import { rehearsalVoice } from '../../../domain/rehearsal/voice.ts';
import { ensurePool, REHEARSAL_POOL } from '../../../domain/lines/queries-pools.ts';
import { viewRehearsal } from '../../../domain/rehearsal/state.ts';
import { startRehearsal } from '../../../domain/rehearsal/rehearsals.ts';
import { listRuns } from '../../../domain/contacts/queries-runs.ts';
import { contactWorkflowId, rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { collectionWaves } from '../../../domain/policy/rules/policy.ts';
import { reportMarkdown } from '../../../domain/rehearsal/report/markdown.ts';
import { reportWorkbook } from '../../../domain/rehearsal/report/workbook.ts';
import type { RehearsalReport } from '../../../domain/rehearsal/report/types.ts';
import { importDemo } from '../../support/demo-import.ts';
import { replayExecution, workflowBundle } from '../../support/temporal.ts';
import { bundlePath, createWorld, newAccount, usd, withWorker, type World } from '../../support/world.ts';

let world: World;
let accountId: string;
let importId: string;
beforeAll(async () => {
  world = await createWorld();
  await ensurePool(world.owner, {
    key: REHEARSAL_POOL,
    simulated: true,
    rehearsal: true,
    fromNumber: '+566000000000',
    agentId: 'agent_rehearsal',
    capacity: 200,
    callsPerSecond: 100_000,
  });
  accountId = await newAccount(world.app, world.poolId, 10n * usd);
  importId = await importDemo(world, accountId, 12);
});
afterAll(() => world.close());

interface Lived {
  readonly id: string;
  readonly report: RehearsalReport;
}

async function live(seed: string, policy?: string): Promise<Lived> {
  const deps = { app: world.app, skipping: world.skipping, taskQueue: world.taskQueue };
  return withWorker(world, { simulatedVoice: rehearsalVoice(world.app) }, async () => {
    const id = await startRehearsal(
      deps,
      { accountId, actor: 'test' },
      {
        importId,
        pack: 'cl-collection-waves',
        policy,
        negotiation: undefined,
        pool: undefined,
        seed,
        start: '2027-03-08',
      },
    );
    await world.temporal.client.workflow.getHandle(rehearsalWorkflowId(id)).result();
    const view = await viewRehearsal({ app: world.app, temporal: world.temporal.client }, accountId, id);
    if (view.report === null) throw new Error(`no report: ${view.failure ?? view.state}`);
    return { id, report: view.report };
  });
}

/** Everything of the account that a rehearsal must not touch. */
async function accountAsItIs(): Promise<unknown> {
  return inAccount(world.app, accountId, async (trx) => ({
    ledger: await trx.selectFrom('core.ledger_account').selectAll().orderBy('unit').execute(),
    moved: (await trx.selectFrom('core.ledger_transaction').select('id').execute()).length,
    people: await trx.selectFrom('core.person').selectAll().orderBy('id').execute(),
    attempts: await trx.selectFrom('operation.attempt').select('id').execute(),
    events: await trx.selectFrom('operation.event').select('id').execute(),
  }));
}

describe('a rehearsal', () => {
  let first: Lived;
  let before: unknown;
  beforeAll(async () => {
    before = await accountAsItIs();
    first = await live('7');
  });

  it('lives every contact to its end, in the hours of the pack', () => {
    const { report } = first;
    expect(report.contacts).toBe(12);
    expect(report.outcomes['still_open']).toBeUndefined();
    expect(report.calls).toBeGreaterThan(12);
    expect(report.calendar[0]).toMatchObject({ day: '2027-03-08', wave: '09:00' });
    for (const { wave } of report.calendar) expect(['09:00', '12:00', '15:00', 'acordada']).toContain(wave);
  });

  it('of the same seed is the same story, and of another seed another', async () => {
    expect((await live('7')).report).toEqual(first.report);
    expect((await live('8')).report.stories).not.toEqual(first.report.stories);
  });

  it('counts and charges nothing in the account that asked for it', async () => {
    expect(await accountAsItIs()).toEqual(before);
  });

  it('reports the figures of its own rows', async () => {
    const { rehearsal_account_id: own } = await inAccount(world.app, accountId, (trx) =>
      trx
        .selectFrom('operation.rehearsal')
        .select('rehearsal_account_id')
        .$narrowType<{ rehearsal_account_id: string }>()
        .where('id', '=', first.id)
        .executeTakeFirstOrThrow(),
    );
    const rows = await inAccount(world.app, own, (trx) =>
      trx.selectFrom('operation.call').select(['charged_micros']).execute(),
    );
    const { report } = first;
    expect(report.calls).toBe(rows.length);
    const charged = rows.reduce((sum, row) => sum + (row.charged_micros ?? 0n), 0n);
    expect(report.charged['USD']).toBeCloseTo(Number(charged) / 1e6, 6);
    expect(report.calendar.reduce((sum, cell) => sum + cell.calls, 0)).toBe(report.calls);
    expect(report.stories.reduce((sum, story) => sum + story.attempts, 0)).toBe(report.calls);
  });

  it('tells each person by the row of the file, with RUT, phones and debt, and has held every call against the rules', async () => {
    const { stories, checks, calls } = first.report;
    const rows = await inAccount(world.app, accountId, (trx) =>
      trx
        .selectFrom('core.import_row')
        .select(['sheet_row', 'national_id', 'name', 'phones', 'amount_micros'])
        .where('import_id', '=', importId)
        .orderBy('ordinal')
        .execute(),
    );
    expect(stories.length).toBe(12);
    for (const story of stories) {
      const own = rows.filter(({ national_id: rut }) => rut === story.national_id);
      const owed = own.reduce((sum, row) => sum + (row.amount_micros ?? 0n), 0n);
      expect(own[0]).toMatchObject({ sheet_row: story.row, name: story.name });
      expect(story.phones).toEqual([...new Set(own.flatMap(({ phones }) => phones))]);
      expect(story.debt).toEqual([{ amount: String(owed / 1_000_000n), unit: 'CLP' }]);
    }
    // A title and a header stand above the first person.
    expect(stories[0]?.row).toBe(4);
    expect(checks.length).toBeGreaterThanOrEqual(4);
    for (const check of checks) expect(check).toMatchObject({ calls, breaches: [] });
  });

  it('as a workbook has days, numbers and filters, and a header that stays', async () => {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load((await reportWorkbook(first.report)).buffer);
    const sheet = workbook.getWorksheet('Contactos');
    const head = (sheet?.getRow(1).values ?? []) as readonly unknown[];
    const cell = (title: string) => sheet?.getRow(2).getCell(head.indexOf(title)).value;
    expect(cell('fila')).toBe(first.report.stories[0]?.row);
    expect(cell('rut')).toBe(first.report.stories[0]?.national_id);
    expect(cell('deuda')).toBe(Number(first.report.stories[0]?.debt[0]?.amount));
    expect(cell('primera')).toBeInstanceOf(Date);
    for (const { views, autoFilter, name } of workbook.worksheets) {
      expect(views[0], name).toMatchObject({ state: 'frozen', ySplit: 1 });
      expect(autoFilter, name).toBeTruthy();
    }
  });

  it('is lived by the contacts of production: each history replays', async () => {
    const row = await inAccount(world.app, accountId, (trx) =>
      trx
        .selectFrom('operation.rehearsal')
        .select(['rehearsal_account_id', 'batch_id'])
        .$narrowType<{ rehearsal_account_id: string }>()
        .where('id', '=', first.id)
        .executeTakeFirstOrThrow(),
    );
    const { rehearsal_account_id: own, batch_id: batchId } = row;
    const contacts = await inAccount(world.app, own, (trx) => listRuns(trx, batchId));
    expect(contacts).toHaveLength(12);
    const bundle = await workflowBundle(bundlePath);
    const ids = contacts.map((one) => contactWorkflowId(one));
    for (const workflowId of [...ids, rehearsalWorkflowId(first.id)]) {
      await replayExecution(world.temporal.client.workflow.getHandle(workflowId), bundle);
    }
  });

  it("calls no more different people on one local day than the day's group has places", async () => {
    const small = { ...collectionWaves, key: 'small-group', groupSize: 4 };
    await world.owner
      .insertInto('catalogue.policy_version')
      .values({ key: small.key, version: 1, definition: JSON.stringify(small) })
      .execute();
    const { report } = await live('9', small.key);
    const perDay = new Map<string, Set<number>>();
    for (const { row, events } of report.stories) {
      for (const { at, words } of events) {
        if (!words.startsWith('teléfono')) continue;
        const day = at.slice(0, 10);
        perDay.set(day, (perDay.get(day) ?? new Set<number>()).add(row));
      }
    }
    expect(Math.max(...[...perDay.values()].map(({ size }) => size))).toBeLessThanOrEqual(4);
    expect(report.outcomes['still_open']).toBeUndefined();
  });

  it('is refused by a server that does not skip time, in words that name the setting, and nothing is left running', async () => {
    // An ordinary client asks for no skipping: what comes back is what such a server answers.
    const deps = { app: world.app, skipping: world.temporal.client, taskQueue: world.taskQueue };
    const caller = { accountId, actor: 'test' };
    const request = {
      importId,
      pack: 'cl-collection-waves',
      policy: undefined,
      negotiation: undefined,
      pool: undefined,
      seed: '1',
      start: '2027-03-08',
    };
    const refused: unknown = await startRehearsal(deps, caller, request).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'time_skipping_off',
      es: expect.stringContaining('WorkflowTimeSkippingEnabled'),
    });
    const running = `TaskQueue = "${world.taskQueue}" AND WorkflowType = "rehearsal" AND ExecutionStatus = "Running"`;
    await expect
      .poll(async () => (await world.temporal.client.workflow.count(running)).count, { timeout: 30_000 })
      .toBe(0);
  });

  it('tells its story in words', () => {
    const page = reportMarkdown(first.report);
    expect(page).toContain('## Calendario');
    expect(page).toMatch(/08-03 09:00 teléfono 1: /);
    expect(page).toMatch(/cierre: /);
  });
});
