import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { createTestDatabase } from '../../../test/support/postgres.ts';
import { holdLine } from './callers.ts';
import { accounts, type Contact, retryAfterMs, type Size } from './load.ts';
import { type Outcome, Recorder } from './record.ts';

/**
 * What a group is. `pool`: one group, whose concurrency is the lines; whoever came first is first. `account`: a group
 * each with an equal part of the lines, fixed: fair, and idle where an account has nobody.
 */
export type Grouping = 'pool' | 'account';

const queue = 'calls';
/** Two processes, as one that dies must not take all lines with it; each with half of them, so that both fit. */
const processes = 2;

interface Job {
  readonly id: number;
  readonly call: number;
}

/**
 * pg-boss with `groupConcurrency`, a worker a line: each fetches again at once when its call is over, and every half
 * second (the shortest that it allows) when there was nothing. A call is a handler that waits; its end completes the job.
 */
export async function runPgBoss(
  size: Size,
  contacts: readonly Contact[],
  grouping: Grouping,
): Promise<Outcome> {
  const database = await createTestDatabase();
  const bosses = Array.from(
    { length: processes },
    () => new PgBoss({ connectionString: database.url, max: 20, schedule: false, supervise: false }),
  );
  try {
    for (const boss of bosses) {
      boss.on('error', () => undefined);
      await boss.start();
    }
    const [first] = bosses;
    if (first === undefined) throw new Error('no pg-boss');
    await first.createQueue(queue);
    const groupOf = ({ account }: Contact) => ({ id: grouping === 'pool' ? 'pool' : `account-${account}` });
    const job = (contact: Contact, call: number) => ({
      data: { id: contact.id, call } satisfies Job,
      group: groupOf(contact),
      priority: call,
      retryLimit: 0,
    });
    for (let from = 0; from < contacts.length; from += 5_000) {
      await first.insert(
        queue,
        contacts.slice(from, from + 5_000).map((contact) => job(contact, 0)),
      );
    }
    const recorder = new Recorder(size, performance.now(), () => performance.now());
    const groupConcurrency = grouping === 'pool' ? size.lines : size.lines / accounts;
    const localConcurrency = size.lines / processes;
    for (const boss of bosses) {
      const options = { localConcurrency, groupConcurrency, pollingIntervalSeconds: 0.5 };
      await boss.work<Job>(queue, options, async ([fetched]) => {
        const contact = contacts[fetched?.data.id ?? -1];
        const call = fetched?.data.call ?? 0;
        if (contact === undefined) return;
        recorder.granted();
        if (!(await holdLine(recorder, contact, call))) return;
        recorder.released();
        if (call + 1 < contact.callsMs.length) {
          const startAfter = new Date(Date.now() + retryAfterMs(size));
          const { data, ...options } = job(contact, call + 1);
          await boss.send(queue, data, { ...options, startAfter });
        }
      });
    }
    await sleep(recorder.endMs - performance.now());
    return recorder.outcome();
  } finally {
    await Promise.all(bosses.map(stop));
    await database.drop();
  }
}

/** Its workers have ended when it then finds no free connection for its last words: a moment later there is one. */
async function stop(boss: PgBoss): Promise<void> {
  for (let left = 5; ; left -= 1) {
    try {
      await boss.stop({ graceful: false });
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(2_000);
    }
  }
}
