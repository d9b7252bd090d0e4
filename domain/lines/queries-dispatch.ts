import { type CompiledQuery, type Selectable, sql } from 'kysely';
import { together, type Trx } from '../../db/client.ts';
import { resumeCovered, type Suspended, suspendOverBudget, suspendUnpaid } from './queries-credit.ts';
import { type Granted, lockTurns, writeGrants } from './queries-grants.ts';
import { releaseLease } from './queries-lines.ts';
import type { Schema } from '../../db/schema/schema.ts';
import {
  nextDue,
  planTurns,
  type PolicyRef,
  readQueue,
  type Turn,
  type Turns,
  type WaitingAccount,
} from './queries-turns.ts';

export type Grant = Granted;

export interface Dispatched {
  readonly granted: readonly Grant[];
  /** Requests that wait for credit, or for a larger budget of their batch, from now on. */
  readonly suspended: readonly Suspended[];
  /** Grants that nobody dialled in time and that went back. */
  readonly expired: number;
  readonly held: number;
  readonly capacity: number;
  /** The round's own instant. */
  readonly at: Date;
  /** When calls per second allow the next grant, by the same clock; null when something else is the limit. */
  readonly nextGrantAt: Date | null;
  /** When the next request becomes eligible, by the same clock; null when a line would not wait for it anyway. */
  readonly nextDueAt: Date | null;
}

export interface DispatchOptions {
  readonly poolId: string;
  /** A rehearsal's instant; null: the database's clock, read when the pool's lock is had. */
  readonly at: Date | null;
  /** A grant that is not dialled within this goes back. */
  readonly grantMs: number;
  /**
   * A rehearsal's request, to the exclusion of all others; null in live pools. Contacts of a rehearsal each live at
   * their own instant: neither another's request or unused grant nor calls per second can be judged by it.
   */
  readonly onlyRequestId: string | null;
  /** Of the batch that a request belongs to: the worst case of one call, in seconds. */
  readonly worstCaseSeconds: (policy: PolicyRef) => Promise<number>;
}

/** A round whose instant is known. */
type Round = DispatchOptions & { readonly at: Date };

/** Most grants in one transaction: a crash undoes all of them. */
const grantsPerRound = 50;
/** Candidates read beyond the free lines: some may be withdrawn in this very moment. */
const spareCandidates = 5;

/**
 * One round for one pool, in one transaction: takes back grants that were not dialled, then gives free lines to the
 * account with the least held for its weight, line and hold together. The pool's row is locked, so two dispatchers
 * take turns and capacity is never exceeded; but not its key, which every new request and settled call refers to.
 */
export async function dispatchRound(trx: Trx, request: DispatchOptions): Promise<Dispatched> {
  const { pool, ...found } = await lockPool(trx, request);
  const isLive = request.onlyRequestId === null;
  const expired =
    isLive && found.seen.hasExpired ? await takeBackExpired(trx, { ...request, at: found.seen.at }) : 0;
  // Looked at again, at a later instant: a line is not granted before the one that had it gave it back.
  const seen = expired > 0 ? await look(trx, request) : found.seen;
  const round: Round = { ...request, at: seen.at };
  if (seen.hasSuspended) await resumeCovered(trx, round);
  const busy = new Set(seen.busy);
  const free = freeNumbers(pool.capacity, busy);
  const pace = paceOf(Number(pool.calls_per_second));
  const dueMs = isLive ? pool.next_grant_at.getTime() : 0;
  const lines = dueMs > round.at.getTime() ? 0 : Math.min(free.length, isLive ? pace.burst : grantsPerRound);
  const { turns, unpaid, overBudget } = lines === 0 ? noTurns : await takeTurns(trx, round, lines);
  // From this grant on, not from when it could have been: a pool that was idle would grant too many at once.
  // Rounded up: an instant has whole milliseconds, and with its fraction cut off a second has one batch too many.
  const nextMs = turns.length === 0 ? dueMs : round.at.getTime() + Math.ceil(turns.length * pace.spacingMs);
  const granted =
    turns.length === 0
      ? []
      : await writeGrants(trx, {
          poolId: round.poolId,
          at: round.at,
          expiresAt: new Date(round.at.getTime() + round.grantMs),
          nextGrantAt: isLive ? new Date(nextMs) : null,
          fence: pool.fence,
          lineNumbers: free,
          turns,
        });
  const suspended: Suspended[] = [];
  for (const turn of unpaid) suspended.push(...(await suspendUnpaid(trx, round, turn)));
  for (const turn of overBudget) suspended.push(...(await suspendOverBudget(trx, round, turn)));
  const isLimitedByRate = isLive && free.length > granted.length && nextMs > round.at.getTime();
  return {
    granted,
    suspended,
    expired,
    held: busy.size + granted.length,
    capacity: pool.capacity,
    at: round.at,
    nextGrantAt: isLimitedByRate ? new Date(nextMs) : null,
    // Only a round that found nobody for its lines goes to sleep on them.
    nextDueAt: lines > 0 && isLive && granted.length === 0 ? await nextDue(trx, round) : null,
  };
}

const noTurns: Turns = { turns: [], unpaid: [], overBudget: [] };

/**
 * How many grants may be made at once, and how long each then counts, so that no second has more than calls per
 * second allow: a batch that falls at the end of a second may exceed an even pace by `burst` - 1, which the spacing
 * takes off. One at a time below 40 a second.
 */
function paceOf(callsPerSecond: number): { readonly burst: number; readonly spacingMs: number } {
  const burst = Math.min(grantsPerRound, Math.max(1, Math.floor(callsPerSecond / 20)));
  return { burst, spacingMs: 1000 / (callsPerSecond - burst + 1) };
}

type Pool = Pick<
  Selectable<Schema['core.line_pool']>,
  'capacity' | 'calls_per_second' | 'next_grant_at' | 'fence'
>;

interface Look {
  readonly at: Date;
  readonly busy: readonly number[];
  readonly hasExpired: boolean;
  readonly hasSuspended: boolean;
}

interface LookRow {
  readonly at: Date;
  readonly busy: number[] | null;
  readonly expired: boolean;
  readonly suspended: boolean;
}

/**
 * The pool, locked, and what a round starts from, in one round trip. A statement of its own behind the lock's: a line that
 * was released while this round waited must not seem to be granted before that.
 */
async function lockPool(
  trx: Trx,
  options: DispatchOptions,
): Promise<{ readonly pool: Pool; readonly seen: Look }> {
  const lock = trx
    .selectFrom('core.line_pool')
    .select(['capacity', 'calls_per_second', 'next_grant_at', 'fence'])
    .where('pool_id', '=', options.poolId)
    .forNoKeyUpdate();
  const [[pool], rows] = await together(trx, lock.compile(), lookQuery(trx, options));
  if (pool === undefined) throw new Error(`there is no pool ${options.poolId}`);
  return { pool, seen: lookOf(rows) };
}

async function look(trx: Trx, options: DispatchOptions): Promise<Look> {
  const { rows } = await trx.executeQuery(lookQuery(trx, options));
  return lookOf(rows);
}

function lookQuery(trx: Trx, { poolId, at }: DispatchOptions): CompiledQuery<LookRow> {
  return sql<LookRow>`
    with clock as materialized (
      -- Rounded up: an instant here has whole milliseconds, and with its fraction cut off a line would be granted before
      -- the release that it waited for.
      select coalesce(${at}::timestamptz,
                      date_trunc('milliseconds', clock_timestamp() + interval '999 microseconds')) as at)
    select clock.at,
           (select array_agg(line_no) from core.line_lease where pool_id = ${poolId} and released_at is null) as busy,
           exists (select from core.line_lease where pool_id = ${poolId} and released_at is null
                      and attempt_id is null and expires_at <= clock.at) as expired,
           exists (select from core.line_request where pool_id = ${poolId} and state = 'suspended') as suspended
      from clock`.compile(trx);
}

function lookOf([row]: readonly LookRow[]): Look {
  if (row === undefined) throw new Error('a look at the pool gave no row');
  return { at: row.at, busy: row.busy ?? [], hasExpired: row.expired, hasSuspended: row.suspended };
}

/** Plans turns, locks what the plan needs, and plans again when that had changed meanwhile. */
async function takeTurns(trx: Trx, round: Round, lines: number): Promise<Turns> {
  let queue = await readQueue(trx, round, lines + spareCandidates);
  for (;;) {
    const plan = planTurns(queue, lines, round.at.getTime());
    if (plan.turns.length === 0) return plan;
    const ids = plan.turns.map(({ request }) => request.id);
    const payers = new Set(
      plan.turns.filter(({ request }) => request.amountMicros > 0n).map(({ account }) => account),
    );
    const { waiting, available, budgets } = await lockTurns(trx, plan.turns, [...payers]);
    const spent = (account: WaitingAccount): bigint =>
      plan.turns.reduce(
        (sum, turn) => (turn.account === account ? sum + turn.request.amountMicros : sum),
        0n,
      );
    const isPaid = [...payers].every((account) => spent(account) <= (available.get(account.accountId) ?? 0n));
    const isWithin = [...budgets].every(([batchId, left]) => costOf(plan.turns, batchId) <= left);
    if (isPaid && isWithin && ids.every((id) => waiting.has(id))) return plan;
    // Each time with a request less or with a balance that is locked now: it ends.
    const lost = new Set(ids.filter((id) => !waiting.has(id)));
    queue = queue.map((account) => ({
      ...account,
      availableMicros: available.get(account.accountId) ?? account.availableMicros,
      budgets: new Map(
        [...account.budgets].map(([batchId, left]) => [batchId, budgets.get(batchId) ?? left]),
      ),
      candidates: account.candidates.filter(({ id }) => !lost.has(id)),
    }));
  }
}

/** What those turns hold of one batch's budget. */
function costOf(turns: readonly Turn[], batchId: string): bigint {
  return turns.reduce(
    (sum, { request }) => (request.batchId === batchId ? sum + request.amountMicros : sum),
    0n,
  );
}

/** Only grants without an attempt: a line that has been dialled is freed by its call's end, never by time alone. */
async function takeBackExpired(trx: Trx, { poolId, at }: Round): Promise<number> {
  // Both rows or neither, and never waiting for one while holding the other: a contact that withdraws its request
  // locks them in the other order.
  const { rows: stale } = await sql<{ id: string; request_id: string }>`
    select l.id, l.request_id
      from core.line_lease l join core.line_request r on r.id = l.request_id
     where l.pool_id = ${poolId} and l.released_at is null and l.attempt_id is null and l.expires_at <= ${at}
       for no key update of r, l skip locked`.execute(trx);
  for (const { id, request_id } of stale) {
    await releaseLease(trx, id, 'not_dialled');
    await trx
      .updateTable('core.line_request')
      .set({ state: 'withdrawn' })
      .where('id', '=', request_id)
      .execute();
  }
  if (stale.length > 0)
    await refuseUndialled(
      trx,
      stale.map(({ request_id }) => request_id),
      at,
    );
  return stale.length;
}

/**
 * Their contacts may never take these grants: one that is busy with something else when Temporal comes back, or was asked for
 * another time meanwhile. A turn without a reason would be left. One that does dial on it is refused for the same reason.
 */
async function refuseUndialled(trx: Trx, requestIds: readonly string[], at: Date): Promise<void> {
  await sql`
    insert into operation.refusal (account_id, batch_id, contact_id, request_id, wave_key, reason, rule, at)
    select account_id, batch_id, contact_id, id, wave_key, 'line_lost', 'the line was granted, and nobody dialled on it in time',
           ${at}
      from core.line_request where id = any(${requestIds}::text[])
    on conflict (request_id, reason) do nothing`.execute(trx);
}

function freeNumbers(capacity: number, busy: ReadonlySet<number>): number[] {
  return Array.from({ length: capacity }, (_, index) => index + 1).filter((number) => !busy.has(number));
}
