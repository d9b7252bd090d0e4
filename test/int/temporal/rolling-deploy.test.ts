import { tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { nodeService, projectScripts } from '../../../dev/stack/app-services.ts';
import { freePorts } from '../../../dev/stack/ports.ts';
import { Service } from '../../../dev/stack/service.ts';
import { listBuilds, makeCurrent } from '../../../domain/temporal/deployments.ts';
import { runAudit } from '../../../audit/run.ts';
import { debtorsForm } from '../../support/api.ts';
import { type ContactAddress, contactWorkflowId } from '../../../domain/temporal/rules/ids.ts';
import { startBatch } from '../../support/batches.ts';
import { until } from '../../support/live-world.ts';
import { callsInFlight, command, count, rows, untilWorked } from '../../support/own-batch.ts';
import { type OwnProcesses, startOwnProcesses } from '../../support/own-processes.ts';

const people = 16;
/** A whole batch on a busy machine: only a bound. */
const boundMs = 300_000;

describe('a rolling deploy of worker and API while calls run', () => {
  let stack: OwnProcesses;
  let newer: Service;
  let newerApi: Service;
  let newerApiUrl: string;
  let connection: Connection;
  let client: Client;
  let logDir: string;
  beforeAll(async () => {
    stack = await startOwnProcesses({
      env: { TANDAS_BUILD_ID: 'one' },
      fake: { timeScale: 0.05, ringMs: { min: 4_000, max: 10_000 }, talkMs: { min: 20_000, max: 60_000 } },
    });
    connection = await Connection.connect({ address: inject('temporalAddress') });
    client = new Client({ connection, namespace: stack.env['TEMPORAL_NAMESPACE'] ?? '' });
    logDir = await mkdtemp(join(tmpdir(), 'tandas-newer-'));
    const [watchPort = 0, apiPort = 0] = await freePorts(2);
    const env = { ...stack.env, TANDAS_BUILD_ID: 'two' };
    newer = new Service(
      nodeService({
        name: 'worker',
        script: projectScripts.worker,
        env: { ...env, METRICS_PORT: String(watchPort) },
        logDir,
        stopWithinMs: 30_000,
      }),
    );
    newerApi = new Service(
      nodeService({
        name: 'api',
        script: projectScripts.api,
        env: { ...env, API_PORT: String(apiPort) },
        logDir,
        stopWithinMs: 15_000,
      }),
    );
    newerApiUrl = `http://127.0.0.1:${apiPort}`;
  }, boundMs);
  afterAll(async () => {
    await Promise.all([newer.stop(), newerApi.stop()]);
    await connection.close();
    await stack.close();
    await rm(logDir, { recursive: true, force: true });
  });

  it('is refused while no worker of that build is there, and changes nothing', async () => {
    await until('the server knows the first build', async () => (await listBuilds(client)).length > 0);
    await expect(makeCurrent(client, 'three', 0)).rejects.toMatchObject({ code: 'no_worker_of_build' });
    expect(await listBuilds(client)).toEqual([{ buildId: 'one', isCurrent: false, status: 'inactive' }]);
  });

  it(
    'moves running contacts to the new build once their histories have replayed, and the old worker may go',
    async () => {
      await makeCurrent(client, 'one');
      await startBatch(stack, debtorsForm(people, 'despliegue'));
      await until('calls run', async () => (await count(stack.databaseUrl, callsInFlight)) >= 3);
      await Promise.all([newer.start({ restart: false }), newerApi.start({ restart: false })]);
      // Both APIs answer from the same rows; from here on the provider's news go to the new one, and then only to it.
      const [batchOfOlder, batchOfNewer] = await Promise.all(
        [stack.apiUrl, newerApiUrl].map((url) => batchesOf(url, stack.apiKey)),
      );
      expect(batchOfNewer).toEqual(batchOfOlder);
      expect(batchOfNewer).toHaveLength(1);
      const webhooks = `${newerApiUrl}/api/v1/webhooks/retell/{account_id}`;
      stack.fake.setWebhookUrl(webhooks);
      stack.fake.setFunctionUrl(`${webhooks}/functions`);
      const said = await command(stack, 'deploy', '--build', 'two');
      expect(said).toMatch(
        /[1-9]\d* running workflows replayed against this code \(\d+ ran before\), 0 differ\./,
      );
      expect(said).toContain('two is current');
      await Promise.all([stack.stop('worker'), stack.stop('api')]);
      expect(await count(stack.databaseUrl, `core.contact where state <> 'closed'`)).toBeGreaterThan(0);
      await untilWorked(stack, boundMs);
      expect(await listBuilds(client)).toContainEqual({ buildId: 'two', isCurrent: true, status: 'current' });
      // Nobody was left behind, and lives that began under the old build ended under the new one.
      const builds = await buildsOf(client, stack);
      expect(builds).toHaveLength(people);
      expect(builds.filter((build) => build === 'two').length).toBeGreaterThan(people / 2);
    },
    boundMs,
  );

  it('leaves nobody called twice, no line and no hold', async () => {
    await stack.fake.idle();
    const { invariants } = await runAudit({
      databaseUrl: stack.databaseUrl,
      voice: { url: stack.fake.baseUrl(), apiKey: stack.voiceKey },
      looks: 10,
    });
    expect(invariants.filter(({ breachCount }) => breachCount > 0)).toEqual([]);
  });
});

/** Ids of the batches that an API knows. */
async function batchesOf(apiUrl: string, apiKey: string): Promise<readonly string[]> {
  const response = await fetch(`${apiUrl}/api/v1/batches`, {
    headers: { Authorization: `Bearer ${apiKey}` },
  });
  const page = z.object({ batches: z.array(z.object({ id: z.string() })) }).parse(await response.json());
  return page.batches.map(({ id }) => id);
}

/** The build that took each contact's last workflow task. */
async function buildsOf(client: Client, stack: OwnProcesses): Promise<readonly string[]> {
  const contacts = await rows<ContactAddress>(
    stack.databaseUrl,
    `select a.slug as "accountSlug", b.slug as "batchSlug", k.ordinal as number from core.contact k
       join core.batch b on b.id = k.batch_id join catalogue.account a on a.id = k.account_id`,
  );
  return Promise.all(
    contacts.map(async (address) => {
      const { raw } = await client.workflow.getHandle(contactWorkflowId(address)).describe();
      return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? '';
    }),
  );
}
