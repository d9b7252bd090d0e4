import { Worker } from 'node:worker_threads';
import { z } from 'zod';

export const crowdSchema = z.object({
  apiUrl: z.string(),
  /** A browser's cookie each, of one person. */
  cookies: z.array(z.string()),
  accountId: z.string(),
  keys: z.array(z.string()),
  /** Asked one after the other by each key. */
  paths: z.array(z.string()),
  /** Each key asks so often. */
  everyMs: z.number(),
  forMs: z.number(),
});
export type Crowd = z.infer<typeof crowdSchema>;

export const seenSchema = z.object({
  /** Of each answer, from when it was due: an answer that is late makes the next one late too, and both count. */
  times: z.array(z.number()),
  /** Other answers than 200, by path and status. */
  refused: z.record(z.string(), z.number()),
  /** Numbers of the events of each stream, in the order they came. */
  streams: z.array(z.array(z.string())),
});
export type CrowdSeen = z.infer<typeof seenSchema>;

/** People who watch and keys that ask, in a thread of their own: what measures must not wait for what is measured. */
export function gather(crowd: Crowd): Promise<CrowdSeen> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./crowd-thread.ts', import.meta.url), { workerData: crowd });
    thread.once('message', (seen) => resolve(seenSchema.parse(seen)));
    thread.once('error', reject);
  });
}
