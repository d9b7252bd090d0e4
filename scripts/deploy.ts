import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { listBuilds, makeCurrent } from '../domain/temporal/deployments.ts';
import { OperationRefused } from '../domain/shared/refused.ts';
import { replayAll } from './replay/replay-all.ts';
import { liveHistories } from './replay/sources.ts';
import { connectToTemporal } from './temporal.ts';

/**
 * `npm run deploy -- --build B [--limit N]`: gives the running contacts to the workers that were started with
 * TANDAS_BUILD_ID=B, after the histories of all of them, or of N, have been replayed against this code. `npm run deploy --
 * --list`: the builds whose workers the server knows. `--build B --skip-replay` is for going back to a build that ran before.
 */
const { values } = parseArgs({
  options: {
    build: { type: 'string' },
    list: { type: 'boolean', default: false },
    limit: { type: 'string', default: 'Infinity' },
    'skip-replay': { type: 'boolean', default: false },
  },
});
const running = 'ExecutionStatus = "Running"';
const lanes = 4;

if (values.list === (values.build !== undefined)) {
  console.error('Give --build B (the TANDAS_BUILD_ID of the new workers) or --list.');
  process.exit(2);
}
const limit = Number(values.limit);
if (!(limit >= 1)) {
  console.error(`--limit is how many histories to replay, and not "${values.limit}".`);
  process.exit(2);
}
Runtime.install({ logger: new DefaultLogger('ERROR') });
const { client, connection } = await connectToTemporal();
try {
  if (values.build !== undefined && (values['skip-replay'] || (await replays()))) await deploy(values.build);
  await showBuilds();
} finally {
  await connection.close();
}

/** The gate: a contact whose history differs would stand still under the new code. */
async function replays(): Promise<boolean> {
  const workflowsPath = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const { count } = await client.workflow.count(running);
  const { replayed, differs } = await replayAll(liveHistories(client, running, limit), bundle, lanes);
  // Not the same number on a live server: workflows end and begin meanwhile.
  console.log(
    `${replayed} running workflows replayed against this code (${count} ran before), ${differs.length} differ.`,
  );
  for (const { workflowId, command } of differs) console.log(`differs  ${workflowId}: ${command}`);
  if (differs.length === 0) return true;
  console.error('Nothing was changed. `npm run replay` tells more about each.');
  process.exitCode = 1;
  return false;
}

async function deploy(buildId: string): Promise<void> {
  try {
    await makeCurrent(client, buildId);
    console.log(
      `${buildId} is current: it takes new contacts, and the running ones from their next event on.`,
    );
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error;
    console.error(`${error.es} (${error.message})`);
    process.exitCode = 1;
  }
}

async function showBuilds(): Promise<void> {
  const builds = await listBuilds(client);
  if (builds.length === 0) console.log('No worker runs with TANDAS_BUILD_ID.');
  for (const { buildId, status } of builds) console.log(`${status.padEnd(10)} ${buildId}`);
}
