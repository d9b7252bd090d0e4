import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { runServers } from './servers.ts';
import { injectTimeSkipping, type SkippingOptions } from './time-skipping.ts';

export { fastForwardBy, skipFreely, timeSkippingOf, untilFirstStop } from './time-skipping.ts';

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly connection: Connection;
  /** Ordinary: what it starts lives in real time. */
  readonly client: Client;
  /** For `Worker.create`. */
  readonly nativeConnection: NativeConnection;
  /** A client whose workflows live in virtual time: timers fire at once whenever nothing is in flight. */
  startSkipping(options?: SkippingOptions): Promise<Client>;
  close(): Promise<void>;
}

/** The run's Temporal server. Call it once per test file, and close it at its end, after the workers. */
export async function testTemporal(): Promise<TestTemporal> {
  quietRuntime();
  const { temporalAddress: address, temporalNamespace: namespace } = await runServers();
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  const skipping: Connection[] = [];
  return {
    address,
    namespace,
    connection,
    client: new Client({ connection, namespace }),
    nativeConnection,
    async startSkipping(options = {}) {
      // A connection of its own: the wrap must not reach workflows that are meant to live in real time.
      const wrapped = await Connection.connect({ address });
      skipping.push(wrapped);
      injectTimeSkipping(wrapped.workflowService, options);
      return new Client({ connection: wrapped, namespace });
    },
    async close() {
      await Promise.all([connection, ...skipping].map((open) => open.close()));
      await nativeConnection.close();
    },
  };
}

let isRuntimeInstalled = false;

/** Once per process: a second `Runtime.install` throws. Warnings only, or a run's log is all worker chatter. */
function quietRuntime(): void {
  if (isRuntimeInstalled) return;
  isRuntimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    // Vitest ends its forks by signal; a runtime that waits for them would keep the fork.
    shutdownSignals: [],
  });
}

const bundles = new Map<string, Promise<WorkflowBundleOption>>();

/** Bundled once in a run: it takes three seconds of a processor, in each of fifty test files. */
export function workflowBundle(workflowsPath: string): Promise<WorkflowBundleOption> {
  const known = bundles.get(workflowsPath);
  if (known !== undefined) return known;
  const bundle = bundleOfRun(workflowsPath);
  bundles.set(workflowsPath, bundle);
  return bundle;
}

async function bundleOfRun(workflowsPath: string): Promise<WorkflowBundleOption> {
  const { bundleDir } = await runServers();
  const name = createHash('sha256').update(workflowsPath).digest('hex');
  const codePath = join(bundleDir, `${name}.js`);
  if (bundleDir !== '' && existsSync(codePath)) return { codePath };
  const made = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  if (bundleDir === '') return made;
  // Two files may make the same one at once: each renames a whole file.
  const ownPath = `${codePath}.${process.pid}`;
  await writeFile(ownPath, made.code);
  await rename(ownPath, codePath);
  return { codePath };
}

/** Replays a recorded execution against the bundle, and gives its history; rejects when the code no longer does what that says. */
export async function replayExecution(
  handle: Pick<WorkflowHandle, 'workflowId' | 'fetchHistory'>,
  bundle: WorkflowBundleOption,
): Promise<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>> {
  const history = await handle.fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, handle.workflowId);
  return history;
}
