import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Database } from '../../db/client.ts';
import { checkCall, type CheckDeps } from '../../domain/calls/check-call.ts';
import type { ProviderCall } from '../../domain/calls/voice-port.ts';
import { adopt, type Stray } from './adopt.ts';

export interface CallDeps extends CheckDeps {
  /** As a user who sees all rows. */
  readonly owner: Database;
  /** The provider's calls, newest first. */
  readonly listCalls: () => AsyncIterable<readonly ProviderCall[]>;
  readonly tell: (words: string) => void;
}

export interface ReconciledCalls {
  /** Calls of the copy that had no end in it and have one now. */
  readonly settled: number;
  /** Calls that the copy did not know. */
  readonly adopted: number;
  /** Provider's ids of calls whose contact the copy does not know either. */
  readonly unexplained: readonly string[];
}

const pauseMs = 1_000;
/** Longer than the longest call: whatever still runs then is the sweeper's. */
const boundMs = 20 * 60_000;

/**
 * Asks the provider about every call without an end, and for every call that it made and the copy does not know. Waits
 * for calls that run. May be repeated; needs the provider and the database, and neither Temporal nor a worker.
 */
export async function reconcileCalls(deps: CallDeps, since: Date): Promise<ReconciledCalls> {
  const startedAt = new Date();
  const untilMs = startedAt.getTime() + boundMs;
  const unexplained = new Set<string>();
  let settled = 0;
  let adopted = 0;
  for (;;) {
    const known = await settleOpen(deps);
    settled += known.settled;
    await correctReleases(deps.owner, startedAt);
    const strays = await findStrays(deps, since);
    for (const stray of strays.over) {
      const what = await adopt(deps.owner, stray);
      if (what === 'unexplained') unexplained.add(stray.providerCallId);
      if (what === 'adopted') {
        adopted += 1;
        await checkCall(deps, stray);
      }
    }
    for (const id of strays.nobodys) unexplained.add(id);
    if (known.running + strays.running === 0 || Date.now() > untilMs) break;
    deps.tell(`${known.running + strays.running} calls still run`);
    await sleep(pauseMs);
  }
  return { settled, adopted, unexplained: [...unexplained] };
}

/** Calls that the database holds open, or whose end its contact was not told. No rehearsal's: no provider knows of it. */
export async function readOpenCalls(
  owner: Database,
): Promise<readonly { readonly attempt_id: string; readonly account_id: string }[]> {
  const { rows } = await sql<{ attempt_id: string; account_id: string }>`
    select c.attempt_id, c.account_id from operation.call c join catalogue.account a on a.id = c.account_id
     where a.kind <> 'rehearsal' and (c.state in ('placing', 'placed', 'unknown')
        or (c.state = 'ended' and c.signalled_at is null))`.execute(owner);
  return rows;
}

/** One look at each of them. */
async function settleOpen(deps: CallDeps): Promise<{ readonly settled: number; readonly running: number }> {
  const rows = await readOpenCalls(deps.owner);
  let settled = 0;
  let running = 0;
  for (const { attempt_id: attemptId, account_id: accountId } of rows) {
    const checked = await checkCall(deps, { accountId, attemptId });
    // One that the provider does not have is proven absent later: the sweeper's, and nobody is on the phone.
    if (checked === 'running') running += 1;
    else if (checked !== 'not_found') settled += 1;
  }
  return { settled, running };
}

/** A line of a call that ended before the restore was not held until now: calls that came after it had it. */
async function correctReleases(owner: Database, startedAt: Date): Promise<void> {
  await sql`
    update core.line_lease l set released_at = c.ended_at
      from operation.call c
     where c.attempt_id = l.attempt_id and c.state = 'ended' and l.released_at >= ${startedAt}
       and c.ended_at between l.granted_at and ${startedAt}`.execute(owner);
}

interface Strays {
  readonly over: readonly Stray[];
  readonly running: number;
  /** Calls that carry no attempt of ours. */
  readonly nobodys: readonly string[];
}

/** Stops at the first page that holds nothing new and begins before the copy. */
async function findStrays(deps: CallDeps, since: Date): Promise<Strays> {
  const over: Stray[] = [];
  const nobodys: string[] = [];
  let running = 0;
  for await (const page of deps.listCalls()) {
    const known = await knownAttempts(deps.owner, page);
    let isNews = false;
    for (const call of page) {
      if (call.attemptId !== undefined && known.has(call.attemptId)) continue;
      isNews = true;
      const { attemptId, accountId, contactId } = call;
      if (attemptId === undefined || accountId === undefined || contactId === undefined) {
        nobodys.push(call.providerCallId);
      } else if (isOver(call)) {
        over.push({ ...call, attemptId, accountId, contactId });
      } else {
        running += 1;
      }
    }
    const isOld = page.some(({ startedAtMs }) => startedAtMs !== undefined && startedAtMs < since.getTime());
    if (isOld && !isNews) break;
  }
  // The oldest first: attempts are numbered as they happened.
  over.sort((a, b) => (a.startedAtMs ?? a.endedAtMs ?? 0) - (b.startedAtMs ?? b.endedAtMs ?? 0));
  return { over, running, nobodys };
}

async function knownAttempts(owner: Database, page: readonly ProviderCall[]): Promise<ReadonlySet<string>> {
  const ids = page.flatMap(({ attemptId }) => (attemptId === undefined ? [] : [attemptId]));
  const { rows } = await sql<{ id: string }>`
    select id::text from operation.attempt where id::text = any (${ids}::text[])`.execute(owner);
  return new Set(rows.map(({ id }) => id));
}

function isOver({ status }: ProviderCall): boolean {
  return status === 'ended' || status === 'not_connected' || status === 'error';
}
