import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createTestDatabase } from '../../../test/support/postgres.ts';
import { holdLine } from './callers.ts';
import { type Contact, realCallMs, retryAfterMs, type Size } from './load.ts';
import { type Outcome, Recorder } from './record.ts';

const workers = 6;
/** In life; scaled as the calls are. */
const pollMs = 15_000;

/**
 * Six workers that look every 15 s, in turn, as the source's do: for free lines, and at each of their calls for its
 * end. In its best form: jobs in an indexed table, taken in one statement with SKIP LOCKED, as many as lines are free.
 */
export async function runPolling(size: Size, contacts: readonly Contact[]): Promise<Outcome> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: workers * 2 });
  const everyMs = (pollMs * size.callMs) / realCallMs;
  try {
    await pool.query(`create table public.job (contact int not null, call int not null, due timestamptz not null,
                        state text not null default 'waiting', primary key (contact, call))`);
    await pool.query(`create index on public.job (due, contact) where state = 'waiting'`);
    await pool.query(`create index on public.job (state) where state = 'running'`);
    await pool.query(
      `insert into public.job select id, 0, now() - interval '1 hour' + id * interval '1 millisecond'
                        from unnest($1::int[]) as id`,
      [contacts.map(({ id }) => id)],
    );
    await pool.query('vacuum analyze public.job');
    const recorder = new Recorder(size, performance.now(), () => performance.now());
    const isOver = (): boolean => performance.now() >= recorder.endMs;
    const calls: Promise<void>[] = [];
    const follow = async (contact: Contact, call: number): Promise<void> => {
      const startedMs = performance.now();
      recorder.granted();
      if (!(await holdLine(recorder, contact, call))) return;
      // Seen at the next look at this call.
      const lateMs = everyMs - ((performance.now() - startedMs) % everyMs);
      recorder.released();
      await sleep(lateMs);
      await pool.query(`update public.job set state = 'done' where contact = $1 and call = $2`, [
        contact.id,
        call,
      ]);
      if (call + 1 < contact.callsMs.length) {
        const due = new Date(Date.now() + retryAfterMs(size));
        await pool.query('insert into public.job values ($1, $2, $3)', [contact.id, call + 1, due]);
      }
    };
    const work = async (worker: number): Promise<void> => {
      await sleep((everyMs * worker) / workers);
      while (!isOver()) {
        const { rows } = await pool.query<{ contact: number; call: number }>(
          `update public.job set state = 'running' where (contact, call) in (
             select contact, call from public.job where state = 'waiting' and due <= now() order by due, contact
              limit greatest(0, $1 - (select count(*) from public.job where state = 'running'))
                for update skip locked)
           returning contact, call`,
          [size.lines],
        );
        for (const { contact: id, call } of rows) {
          const contact = contacts[id];
          if (contact !== undefined) calls.push(follow(contact, call));
        }
        await sleep(everyMs);
      }
    };
    await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
    await Promise.all(calls);
    return recorder.outcome();
  } finally {
    await pool.end();
    await database.drop();
  }
}
