import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { contactWorkflowId, rehearsalWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { REHEARSAL_TASK_QUEUE, TASK_QUEUE } from '../../../domain/temporal/rules/task-queues.ts';
import { debtorsForm } from '../../support/api.ts';
import { workBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { rows } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

/** A whole stack on a busy machine: only a bound. */
const boundMs = 300_000;

let stack: OwnProcesses;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  stack = await startOwnProcesses();
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection, namespace: stack.env['TEMPORAL_NAMESPACE'] ?? '' });
}, boundMs);
afterAll(async () => {
  await connection.close();
  await stack.close();
});

async function post(path: string, init: RequestInit): Promise<Readonly<Record<string, unknown>>> {
  const headers = {
    authorization: `Bearer ${stack.apiKey}`,
    ...Object.fromEntries(new Headers(init.headers)),
  };
  const response = await fetch(`${stack.apiUrl}${path}`, { method: 'POST', ...init, headers });
  const body: unknown = await response.json();
  expect(response.ok, JSON.stringify(body)).toBe(true);
  return Object.fromEntries(Object.entries(Object(body)));
}

async function queuesOf(type: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const { taskQueue } of client.workflow.list({ query: `WorkflowType = '${type}'` }))
    found.add(taskQueue);
  return found;
}

describe('rehearsals in the worker of production', () => {
  it(
    'live on a queue of their own with their contacts, and what is live is on the other',
    async () => {
      const { import_id } = await post('/api/v1/imports', {
        body: debtorsForm(4, 'ensayo'),
        headers: { 'idempotency-key': 'ensayo' },
      });
      const json = JSON.stringify({ import_id, pack: 'demo', policy: 'demo', seed: 'a' });
      const { id } = await post('/api/v1/rehearsals', {
        body: json,
        headers: { 'content-type': 'application/json', 'idempotency-key': 'ensayo-1' },
      });
      const handle = client.workflow.getHandle(rehearsalWorkflowId(String(id)));
      expect(await handle.result()).toMatchObject({ contacts: 4 });
      expect((await handle.describe()).taskQueue).toBe(REHEARSAL_TASK_QUEUE);
      await until('its contacts are listed', async () => (await queuesOf('contact')).size > 0);
      expect(await queuesOf('contact')).toEqual(new Set([REHEARSAL_TASK_QUEUE]));

      await workBatch(stack, 'vivo', 3);
      const [live] = await rows(
        stack.databaseUrl,
        `select a.slug as account, b.slug as batch, k.ordinal as number from core.contact k
           join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id
          where a.kind <> 'rehearsal' limit 1`,
      );
      const workflowId = contactWorkflowId({
        accountSlug: String(live?.['account']),
        batchSlug: String(live?.['batch']),
        number: Number(live?.['number']),
      });
      expect((await client.workflow.getHandle(workflowId).describe()).taskQueue).toBe(TASK_QUEUE);
      expect(await queuesOf('batch')).toEqual(new Set([TASK_QUEUE]));
    },
    boundMs,
  );
});
