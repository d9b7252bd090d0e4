import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { listBuilds, makeCurrent } from '../domain/temporal/deployments.ts';
import { replayAll } from '../maintenance/replay/replay-all.ts';
import { liveHistories } from '../maintenance/replay/sources.ts';
import { CommandError, positive } from './command.ts';
import { connectToTemporal } from './temporal.ts';

const running = 'ExecutionStatus = "Running"';
const lanes = 4;

export const usage = `Usage: npm run deploy -- --build B [--limit N]       gives the running contacts to the workers of TANDAS_BUILD_ID=B, after
                                                   the histories of all of them, or of N, were replayed against this code
       npm run deploy -- --build B --skip-replay   goes back to a build that ran before
       npm run deploy -- --list                    the builds whose workers the server knows`;

/** Makes a build current, or lists builds. Exit code 1 when a history differs, and nothing was changed then. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      build: { type: 'string' },
      list: { type: 'boolean', default: false },
      limit: { type: 'string' },
      'skip-replay': { type: 'boolean', default: false },
    },
  });
  if (values.list === (values.build !== undefined)) {
    throw new CommandError('Give --build B (the TANDAS_BUILD_ID of the new workers) or --list.');
  }
  const limit = values.limit === undefined ? Infinity : positive('limit', values.limit);
  const { client, connection } = await connectToTemporal();
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  try {
    if (values.build !== undefined && (values['skip-replay'] || (await replays(client, limit)))) {
      await makeCurrent(client, values.build);
      console.log(
        `${values.build} is current: it takes new contacts, and the running ones from their next event on.`,
      );
    }
    await showBuilds(client);
  } finally {
    await connection.close();
  }
}

/** The gate: a contact whose history differs would stand still under the new code. */
async function replays(client: Client, limit: number): Promise<boolean> {
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

async function showBuilds(client: Client): Promise<void> {
  const builds = await listBuilds(client);
  if (builds.length === 0) console.log('No worker runs with TANDAS_BUILD_ID.');
  for (const { buildId, status } of builds) console.log(`${status.padEnd(10)} ${buildId}`);
}
