import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import type { History } from './difference.ts';

/** One execution, as it is on record. */
export interface Recorded {
  readonly workflowId: string;
  readonly history: History;
}

/** Histories of a live server, running workflows too. Stops at `limit`. */
export async function* liveHistories(client: Client, query: string, limit: number): AsyncIterable<Recorded> {
  let found = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (found >= limit) return;
    found += 1;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    yield { workflowId, history };
  }
}

/** Histories kept in a folder, as `npm run record-history` writes them: `*.json.gz`, or `*.json`. */
export async function* storedHistories(folder: string, limit: number): AsyncIterable<Recorded> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.json(\.gz)?$/.test(name));
  for (const name of names.sort().slice(0, limit)) {
    const bytes = await readFile(join(folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    yield { workflowId: name, history: historyFromJSON(JSON.parse(text)) };
  }
}
