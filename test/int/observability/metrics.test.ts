import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import pg from 'pg';
import { TASK_QUEUE } from '../../../domain/temporal/rules/task-queues.ts';
import { workBatch } from '../../support/batches.ts';
import { readExposition, type Scraped, selectorsOf } from '../../support/exposition.ts';
import { until } from '../../support/live-world.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

const boundMs = 300_000;
let stack: OwnProcesses;
let rules: z.infer<typeof rulesSchema>['groups'][number]['rules'];
beforeAll(async () => {
  rules = rulesSchema
    .parse(parse(await readFile(file('observability/alerts.yaml'), 'utf8')))
    .groups.flatMap((group) => group.rules);
  stack = await startOwnProcesses();
  await workBatch(stack, 'metrics', 6);
  await misbehave();
}, boundMs);
afterAll(() => stack.close());

/** A workflow that no code of ours knows, and webhooks that nobody signed. */
async function misbehave(): Promise<void> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection, namespace: stack.env['TEMPORAL_NAMESPACE'] ?? '' });
  const handle = await client.workflow.start('nobodyKnowsThis', {
    workflowId: randomUUID(),
    taskQueue: TASK_QUEUE,
  });
  for (let index = 0; index < 2; index += 1) {
    const url = `${stack.apiUrl}/api/v1/webhooks/retell/${stack.accountId}`;
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
  }
  await until('the workflow task has failed', async () =>
    (await scrape()).some(({ name }) => name === 'temporal_workflow_task_execution_failed_total'),
  );
  await handle.terminate();
  await connection.close();
}

async function pageOf(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain');
  return response.text();
}

async function scrape(): Promise<readonly Scraped[]> {
  const pages = await Promise.all([pageOf(stack.workerWatchUrl), pageOf(stack.apiWatchUrl)]);
  return pages.flatMap(readExposition);
}

function valueOf(
  samples: readonly Scraped[],
  name: string,
  labels: Scraped['labels'] = {},
): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )?.value;
}

describe('the scraped processes', () => {
  it('show every metric, with every label, that a rule of observability/alerts.yaml reads', async () => {
    const samples = await scrape();
    const selectors = rules.flatMap(({ alert, expr }) =>
      // `up` is Prometheus' own.
      selectorsOf(expr).flatMap(({ name, labels }) => (name === 'up' ? [] : [{ alert, name, labels }])),
    );
    expect(selectors.length).toBeGreaterThan(rules.length - 1);
    // Nothing has failed at the provider, and it would show if it had.
    const rare = (labels: Scraped['labels']): boolean => labels['result'] === 'failed';
    const unknown = selectors.filter(
      ({ name, labels }) => valueOf(samples, name, rare(labels) ? {} : labels) === undefined,
    );
    expect(unknown).toEqual([]);
  });

  it('count what happened, and the database in balance', async () => {
    const samples = await scrape();
    expect(valueOf(samples, 'tandas_dials_total', { result: 'placed' })).toBeGreaterThanOrEqual(6);
    expect(valueOf(samples, 'tandas_lines_capacity', { pool: 'retell' })).toBe(10);
    expect(valueOf(samples, 'tandas_ledger_sum_micros', { unit: 'USD' })).toBe(0);
    expect(valueOf(samples, 'tandas_ledger_accounts_unbalanced', { unit: 'USD' })).toBe(0);
    expect(valueOf(samples, 'tandas_holds_forgotten_micros', { unit: 'USD' })).toBe(0);
    for (const source of ['database', 'temporal']) {
      expect(valueOf(samples, 'tandas_scrape_source_up', { source })).toBe(1);
    }
    const post = { method: 'POST', route: '/api/v1/imports' };
    expect(valueOf(samples, 'tandas_http_request_duration_seconds_count', { ...post, status: '201' })).toBe(
      1,
    );
    const hook = { route: '/api/v1/webhooks/retell/:account', status: '401' };
    expect(valueOf(samples, 'tandas_http_request_duration_seconds_count', hook)).toBe(2);
  });

  it('name no person, phone, contact or path, whatever anybody asks for', async () => {
    for (const path of ['/no/such/path', `/api/v1/contacts/${randomUUID()}`, `/api/v1/x-${randomUUID()}`]) {
      await fetch(`${stack.apiUrl}${path}`);
    }
    const pages = await Promise.all([pageOf(stack.workerWatchUrl), pageOf(stack.apiWatchUrl)]);
    const text = pages.join('\n');
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/);
    expect(text).not.toMatch(/\+56|Persona Inventada|no\/such/);
    const routes = new Set((await scrape()).map(({ labels }) => labels['route']));
    expect(routes).toContain('none');
  });

  it('tell of a balance that somebody changed by hand, and of a hold that belongs to nothing', async () => {
    const owner = new pg.Client({ connectionString: stack.databaseUrl });
    await owner.connect();
    // The database refuses it by itself: this is what the gauge would say of one that does not.
    await owner.query('alter table core.ledger_account drop constraint ledger_account_sums_to_zero');
    const change = (micros: number) =>
      owner.query(
        `update core.ledger_account set held_micros = held_micros + $1 where account_id = $2 and unit = 'USD'`,
        [micros, stack.accountId],
      );
    await change(7);
    const name = 'tandas_ledger_sum_micros';
    await until('it shows', async () => valueOf(await scrape(), name, { unit: 'USD' }) === 7);
    const samples = await scrape();
    expect(valueOf(samples, 'tandas_ledger_accounts_unbalanced', { unit: 'USD' })).toBe(1);
    expect(valueOf(samples, 'tandas_holds_forgotten_micros', { unit: 'USD' })).toBe(7);
    await change(-7);
    await owner.end();
  });

  it('stay on the page while the database is away, and say so', async () => {
    await stack.stop('postgres');
    await until(
      'it shows',
      async () => valueOf(await scrape(), 'tandas_scrape_source_up', { source: 'database' }) === 0,
    );
    expect(valueOf(await scrape(), 'tandas_scrape_source_up', { source: 'temporal' })).toBe(1);
    await stack.start('postgres');
  });
});

it('every alert has its section in the runbook', async () => {
  const runbook = await readFile(file('docs/runbook.md'), 'utf8');
  const anchors = new Set(
    [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
  const missing = rules.filter(({ annotations: { runbook: link } }) => {
    const [path, anchor = ''] = link.split('#');
    return path !== 'docs/runbook.md' || !anchors.has(anchor);
  });
  expect(missing.map(({ alert, annotations }) => `${alert}: ${annotations.runbook}`)).toEqual([]);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});
