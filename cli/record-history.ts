import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { LOGIC_VERSION } from '../domain/contacts/rules/logic-version.ts';
import { positive } from './command.ts';
import { connectToTemporal } from './temporal.ts';

const recordedTypes = ['contact', 'batch', 'import', 'rehearsal'];

export const usage = 'Usage: npm run record-history -- [--query Q] [--limit N] [--out FOLDER]';

/**
 * Keeps histories of a live server, for the replay suite. A recorded history is never edited, and not removed while such
 * runs may live. One history a shape (the order of its event types), so that sixty equal lives are one file.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      query: { type: 'string', default: '' },
      limit: { type: 'string', default: '16' },
      out: { type: 'string' },
    },
  });
  const limit = positive('limit', values.limit);
  const { client, connection } = await connectToTemporal();
  try {
    for (const type of recordedTypes) {
      const folder =
        values.out ?? fileURLToPath(new URL(`../test/replay/histories/${type}`, import.meta.url));
      await record({ client, type, query: values.query, folder: join(folder, `v${LOGIC_VERSION}`) }, limit);
    }
  } finally {
    await connection.close();
  }
}

interface Recording {
  readonly client: Client;
  readonly type: string;
  /** Of the caller; '' for all. */
  readonly query: string;
  readonly folder: string;
}

/** Of contacts a quarter is from rehearsals, whose contacts are children: live ones are what a deploy must not break. */
async function record(recording: Recording, limit: number): Promise<void> {
  await mkdir(recording.folder, { recursive: true });
  const shapes = new Set<string>();
  if (recording.type === 'contact') {
    await recordOf(recording, 'ParentWorkflowId IS NULL', { shapes, most: Math.ceil((limit * 3) / 4) });
  }
  await recordOf(recording, '', { shapes, most: limit });
}

interface Kept {
  /** Of what is kept already. */
  readonly shapes: Set<string>;
  /** Together with what is kept already. */
  readonly most: number;
}

async function recordOf(
  { client, type, query, folder }: Recording,
  condition: string,
  { shapes, most }: Kept,
): Promise<void> {
  const wanted = [`WorkflowType = "${type}"`, condition, query]
    .filter((one) => one !== '')
    // In brackets: an OR of the caller's would reach workflows of another type.
    .map((one) => `(${one})`)
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
