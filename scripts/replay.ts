import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import { replayAll } from './replay/replay-all.ts';
import { liveHistories, storedHistories } from './replay/sources.ts';
import { connectToTemporal } from './temporal.ts';

/**
 * `npm run replay -- --query Q | --folder F [--limit N] [--parallel N] [--workflows FILE] [--json]`: would this code live the
 * lives that are on record? Before a deploy, against the server that it goes to; exit code 1 when any differs.
 */
const { values } = parseArgs({
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
  console.error(
    `Give --query (of a live server, e.g. --query 'WorkflowType = "contact" AND ExecutionStatus = "Running"') or --folder.`,
  );
  process.exit(2);
}
Runtime.install({ logger: new DefaultLogger('ERROR') });
const startedMs = performance.now();
const workflowsPath = values.workflows ?? fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
// All of them: a history that was passed over in silence is the one that differs.
const limit = values.limit === undefined ? Infinity : positive('limit', values.limit);
const lanes = positive('parallel', values.parallel);
const result =
  values.folder === undefined
    ? await replayLive(values.query ?? '')
    : await replayAll(storedHistories(values.folder, limit), bundle, lanes);
report();
process.exitCode = result.differs.length > 0 || result.replayed === 0 ? 1 : 0;

async function replayLive(query: string): ReturnType<typeof replayAll> {
  const { client, connection } = await connectToTemporal();
  try {
    return await replayAll(liveHistories(client, query, limit), bundle, lanes);
  } finally {
    await connection.close();
  }
}

function report(): void {
  const { replayed, differs } = result;
  if (values.json) {
    console.log(JSON.stringify({ replayed, same: replayed - differs.length, differs }, null, 2));
    return;
  }
  for (const { workflowId, runId, eventId, event, command } of differs) {
    console.log(`differs  ${workflowId} (run ${runId})`);
    console.log(`         event ${eventId ?? '?'} ${event ?? ''}: ${command}`);
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  if (replayed === 0) console.log('No history was found: nothing is proven.');
  console.log(`${replayed} replayed, ${differs.length} differ, in ${seconds} s`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} is "${text}": it should be a whole number above 0`);
  process.exit(2);
}
