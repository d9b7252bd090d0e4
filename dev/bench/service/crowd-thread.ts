/** The thread of `gather`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { openStream } from '../../../test/support/event-stream.ts';
import { crowdSchema, type CrowdSeen } from './crowd.ts';

const crowd = crowdSchema.parse(workerData);
const times: number[] = [];
const refused: Record<string, number> = {};

const streams = await Promise.all(
  crowd.cookies.map((cookie) =>
    openStream(`${crowd.apiUrl}/api/v1/events?account=${crowd.accountId}`, { cookie }),
  ),
);
for (const { status } of streams) if (status !== 200) throw new Error(`a stream was answered with ${status}`);

const startedMs = performance.now();
await Promise.all(crowd.keys.map((key, place) => askOn(key, place)));
for (const stream of streams) stream.close();
await Promise.all(streams.map(({ ended }) => ended));
const seen: CrowdSeen = {
  times,
  refused,
  streams: streams.map(({ messages }) => messages.map(({ id }) => id)),
};
parentPort?.postMessage(seen);

/** Keys begin one after the other within their pause: twenty at one instant, ten times a second, is no customer. */
async function askOn(key: string, place: number): Promise<void> {
  const { apiUrl, paths, everyMs, forMs, keys } = crowd;
  let dueMs = startedMs + (place * everyMs) / keys.length;
  for (let turn = place; dueMs < startedMs + forMs; turn += 1) {
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const path = paths[turn % paths.length] ?? '';
    const response = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    times.push(performance.now() - dueMs);
    if (response.status !== 200) {
      const what = `${path} ${response.status}`;
      refused[what] = (refused[what] ?? 0) + 1;
    }
    dueMs += everyMs;
  }
}
