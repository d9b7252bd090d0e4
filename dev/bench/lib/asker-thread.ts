/** The thread of `ask`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { asked } from './asker.ts';

const { url, forMs, everyMs } = asked.parse(workerData);
const untilMs = performance.now() + forMs;
const times: number[] = [];
while (performance.now() < untilMs) {
  const startedMs = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  times.push(performance.now() - startedMs);
  await sleep(everyMs);
}
parentPort?.postMessage(times);
