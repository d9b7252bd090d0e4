import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { LOGIC_VERSION } from '../domain/contacts/rules/logic-version.ts';
import { connectToTemporal } from './temporal.ts';

/**
 * `npm run record-history -- [--query Q] [--limit N] [--out FOLDER]`: keeps histories of a live server, for the replay
 * suite. Run it at each release; a recorded history is never edited, and not removed while such runs may live.
 *
 * One history a shape (the order of its event types), so that sixty equal lives are one file.
 */
const { values } = parseArgs({
  options: {
    query: { type: 'string', default: '' },
    limit: { type: 'string', default: '16' },
    out: { type: 'string' },
  },
});

const recordedTypes = ['contact', 'batch', 'rehearsal'];
const limit = Number(values.limit);
const { client, connection } = await connectToTemporal();
try {
  for (const type of recordedTypes) {
    const folder = values.out ?? fileURLToPath(new URL(`../test/replay/histories/${type}`, import.meta.url));
    await record(type, join(folder, `v${LOGIC_VERSION}`));
  }
} finally {
  await connection.close();
}

/** Of contacts a quarter is from rehearsals, whose contacts are children: live ones are what a deploy must not break. */
async function record(type: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const shapes = new Set<string>();
  if (type === 'contact') {
    await recordOf(type, folder, 'ParentWorkflowId IS NULL', { shapes, most: Math.ceil((limit * 3) / 4) });
  }
  await recordOf(type, folder, '', { shapes, most: limit });
}

interface Kept {
  /** Of what is kept already. */
  readonly shapes: Set<string>;
  /** Together with what is kept already. */
  readonly most: number;
}

async function recordOf(
  type: string,
  folder: string,
  condition: string,
  { shapes, most }: Kept,
): Promise<void> {
  const wanted = [`WorkflowType = "${type}"`, condition, values.query]
    .filter((one) => one !== '')
    .join(' AND ');
  for await (const { workflowId, runId } of client.workflow.list({ query: wanted })) {
    if (shapes.size >= most) break;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const shape = (history.events ?? []).map((event) => event.eventType).join(',');
    if (shapes.has(shape)) continue;
    shapes.add(shape);
    const file = join(folder, `${type}-${String(shapes.size).padStart(2, '0')}.json.gz`);
    await writeFile(file, gzipSync(withoutMachines(historyToJSON(history))));
    console.log(`${file}: ${history.events?.length ?? 0} events`);
  }
}

/** Who ran it (process and host) says nothing about the workflow, and does not belong in a repository. */
function withoutMachines(json: string): string {
  return json.replace(/"identity":\s*"[^"]*"/g, '"identity": "worker"');
}
