import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { replayAll } from '../maintenance/replay/replay-all.ts';
import { liveHistories, storedHistories } from '../maintenance/replay/sources.ts';
import { CommandError, positive } from './command.ts';
import { connectToTemporal } from './temporal.ts';

export const usage = `Usage: npm run replay -- --query Q | --folder F [--limit N] [--parallel N] [--workflows FILE] [--json]`;

type Result = Awaited<ReturnType<typeof replayAll>>;

/** Would this code live the lives that are on record? Exit code 1 when any differs, or none was found. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      query: { type: 'string' },
      folder: { type: 'string' },
      limit: { type: 'string' },
      parallel: { type: 'string', default: '4' },
      workflows: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if ((values.query === undefined) === (values.folder === undefined)) {
    throw new CommandError(
      `Give --query (of a live server, e.g. --query 'WorkflowType = "contact" AND ExecutionStatus = "Running"') or --folder.`,
    );
  }
  // All of them: a history that was passed over in silence is the one that differs.
  const limit = values.limit === undefined ? Infinity : positive('limit', values.limit);
  const lanes = positive('parallel', values.parallel);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const startedMs = performance.now();
  const workflowsPath = values.workflows ?? fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const result =
    values.folder === undefined
      ? await replayLive(values.query ?? '', limit, (histories) => replayAll(histories, bundle, lanes))
      : await replayAll(storedHistories(values.folder, limit), bundle, lanes);
  if (values.json) showJson(result);
  else show(result, (performance.now() - startedMs) / 1_000);
  if (result.differs.length > 0 || result.replayed === 0) process.exitCode = 1;
}

async function replayLive(
  query: string,
  limit: number,
  replay: (histories: ReturnType<typeof liveHistories>) => Promise<Result>,
): Promise<Result> {
  const { client, connection } = await connectToTemporal();
  try {
    return await replay(liveHistories(client, query, limit));
  } finally {
    await connection.close();
  }
}

function showJson({ replayed, differs }: Result): void {
  console.log(JSON.stringify({ replayed, same: replayed - differs.length, differs }, null, 2));
}

function show({ replayed, differs }: Result, seconds: number): void {
  for (const { workflowId, runId, eventId, event, command } of differs) {
    console.log(`differs  ${workflowId} (run ${runId})`);
    console.log(`         event ${eventId ?? '?'} ${event ?? ''}: ${command}`);
  }
  if (replayed === 0) console.log('No history was found: nothing is proven.');
  console.log(`${replayed} replayed, ${differs.length} differ, in ${seconds.toFixed(1)} s`);
}
