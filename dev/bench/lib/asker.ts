import { Worker } from 'node:worker_threads';
import { z } from 'zod';

export const asked = z.object({ url: z.string(), forMs: z.number(), everyMs: z.number() });
type Asked = z.infer<typeof asked>;

/**
 * Asks an address again and again for some time, and says how long each answer took, in ms. In a thread of its own: a process that is
 * busy hears its answers late.
 */
export function ask(what: Asked): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./asker-thread.ts', import.meta.url), { workerData: what });
    thread.once('message', (times) => resolve(z.array(z.number()).parse(times)));
    thread.once('error', reject);
  });
}
