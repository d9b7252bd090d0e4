import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { OperationRefused, refuse } from '../shared/refused.ts';

/** All workers of the product are versions of this one deployment. */
export const DEPLOYMENT_NAME = 'tandas';

export interface Build {
  readonly buildId: string;
  /** Takes new contacts, and the running ones from their next event on. */
  readonly isCurrent: boolean;
  /** 'draining': activities of it still run. 'drained': its workers may be stopped. */
  readonly status: string;
}

const statusWords = ['unspecified', 'inactive', 'current', 'ramping', 'draining', 'drained', 'created'];
const notFound = 5;
const failedPrecondition = 9;

/** The builds whose workers the server knows; none where workers run without TANDAS_BUILD_ID. */
export async function listBuilds(client: Client): Promise<readonly Build[]> {
  const { namespace } = client.options;
  const found = await client.workflowService
    .describeWorkerDeployment({ namespace, deploymentName: DEPLOYMENT_NAME })
    .catch((error: unknown) => {
      if (isCode(error, notFound)) return undefined;
      throw error;
    });
  const current = found?.workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
  return (found?.workerDeploymentInfo?.versionSummaries ?? []).map(({ deploymentVersion, status }) => {
    const buildId = deploymentVersion?.buildId ?? '';
    return { buildId, isCurrent: buildId === current, status: statusWords[status ?? 0] ?? 'unspecified' };
  });
}

const longestWaitMs = 60_000;
const lookEveryMs = 500;

/**
 * Gives new contacts and the next event of every running one to the workers of this build. Refused while none of its
 * workers polls: the server would keep every task for a worker that may never come.
 */
export async function makeCurrent(client: Client, buildId: string, waitMs = longestWaitMs): Promise<void> {
  const untilMs = Date.now() + waitMs;
  for (;;) {
    const builds = await listBuilds(client);
    if (builds.some((build) => build.buildId === buildId)) break;
    if (Date.now() >= untilMs) throw noWorker(buildId, builds);
    await sleep(lookEveryMs);
  }
  const { namespace } = client.options;
  for (;;) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace,
        deploymentName: DEPLOYMENT_NAME,
        buildId,
        identity: 'tandas deploy',
      });
      return;
    } catch (error) {
      // Its workers take one queue after the other: a build that the server knows may lack the last of them for a moment.
      if (!isCode(error, failedPrecondition) || Date.now() >= untilMs) throw error;
      await sleep(lookEveryMs);
    }
  }
}

function noWorker(buildId: string, builds: readonly Build[]): OperationRefused {
  const known = builds.map((build) => build.buildId).join(', ');
  return refuse('no_worker_of_build', { buildId, known: known === '' ? '—' : known });
}

function isCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
