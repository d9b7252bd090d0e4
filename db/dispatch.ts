import { sql } from 'kysely';
import { databaseNow, type Trx } from './client.ts';
import { availableMicros, chargeMicros, hold, tariffAt } from './ledger.ts';
import { releaseLease } from './lines.ts';

export interface Grant {
  readonly requestId: string;
  readonly leaseId: string;
  readonly accountId: string;
  readonly workflowId: string;
}

export interface Dispatched {
  readonly granted: readonly Grant[];
  /** Requests that wait for credit from now on. */
  readonly suspended: readonly Omit<Grant, 'leaseId'>[];
  /** Grants that nobody dialled in time and that went back. */
  readonly expired: number;
  readonly held: number;
  readonly capacity: number;
  /** When calls per second allow the next grant; null when something else is the limit. */
  readonly nextGrantAt: Date | null;
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
  readonly worstCaseSeconds: (policy: { readonly key: string; readonly version: number }) => Promise<number>;
}

/** Most grants in one transaction: a crash undoes all of them. */
const grantsPerRound = 50;

/**
 * One round for one pool, in one transaction: takes back grants that were not dialled, then gives free lines to the
 * account with the least held for its weight, line and hold together. The pool's row is locked, so two dispatchers
 * take turns and capacity is never exceeded; but not its key, which every new request and settled call refers to.
 */
export async function dispatchRound(trx: Trx, request: DispatchOptions): Promise<Dispatched> {
  const pool = await trx
    .selectFrom('core.line_pool')
    .selectAll()
    .where('pool_id', '=', request.poolId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  // Not before the lock: a line that was released while this round waited must not seem to be granted before that.
  const options = { ...request, at: request.at ?? (await databaseNow(trx)) };
  const expired = options.onlyRequestId === null ? await takeBackExpired(trx, options) : 0;
  await resumeCovered(trx, options);
  const busy = await busyLines(trx, options.poolId);
  const free = freeNumbers(pool.capacity, busy);
  const granted: Grant[] = [];
  const suspended: Omit<Grant, 'leaseId'>[] = [];
  const spacingMs = 1000 / Number(pool.calls_per_second);
  let fence = pool.fence;
  let nextGrantMs = options.onlyRequestId === null ? pool.next_grant_at.getTime() : 0;
  while (free.length > 0 && granted.length < grantsPerRound && nextGrantMs <= options.at.getTime()) {
    const next = await nextInTurn(trx, options);
    if (next === undefined) break;
    const holdId = await holdWorstCase(trx, next, options);
    if (holdId === undefined) {
      suspended.push(...(await suspendAccount(trx, options, next)));
      continue;
    }
    const lineNo = free.shift();
    if (lineNo === undefined) break;
    fence += 1n;
    const leaseId = await lease(trx, { ...options, request: next, holdId, lineNo, fence });
    granted.push({
      requestId: next.id,
      leaseId,
      accountId: next.accountId,
      workflowId: next.workflowId,
    });
    // From this grant on, not from when it could have been: a pool that was idle would grant two at once.
    if (options.onlyRequestId === null) nextGrantMs = Math.max(nextGrantMs, options.at.getTime()) + spacingMs;
  }
  if (granted.length > 0) {
    await trx
      .updateTable('core.line_pool')
      .set({ fence, ...(options.onlyRequestId === null ? { next_grant_at: new Date(nextGrantMs) } : {}) })
      .where('pool_id', '=', options.poolId)
      .execute();
  }
  const limitedByRate = free.length > 0 && nextGrantMs > options.at.getTime();
  return {
    granted,
    suspended,
    expired,
    held: busy.size + granted.length,
    capacity: pool.capacity,
    nextGrantAt: limitedByRate ? new Date(nextGrantMs) : null,
  };
}

/** A round whose instant is known. */
type Round = DispatchOptions & { readonly at: Date };

interface Candidate {
  readonly id: string;
  readonly accountId: string;
  readonly workflowId: string;
  readonly contactId: string;
  readonly policy: { readonly key: string; readonly version: number };
}

/**
 * Whose turn it is: of the accounts that wait and are below their own cap, the one with the least lines held for its
 * weight (of equals, the one that got a line longest ago); of its requests, retries and reschedules first.
 */
async function nextInTurn(trx: Trx, { poolId, at, onlyRequestId }: Round): Promise<Candidate | undefined> {
  const { rows } = await sql<{
    id: string;
    account_id: string;
    workflow_id: string;
    contact_id: string;
    policy_key: string;
    policy_version: number;
  }>`
    with waiting as materialized (
      select distinct r.account_id
        from core.line_request r join core.batch b on b.id = r.batch_id and b.state = 'running'
       where r.pool_id = ${poolId} and r.state = 'waiting' and r.eligible_at <= ${at} and r.deadline_at > ${at}
         and (${onlyRequestId}::text is null or r.id = ${onlyRequestId})
    ), turn as (
      select w.account_id
        from waiting w
        join catalogue.account a on a.id = w.account_id
       cross join lateral (
         select count(*) filter (where l.pool_id = ${poolId}) as held, count(*) as held_in_all
           from core.line_lease l
          where l.account_id = w.account_id and l.released_at is null
       ) h
       cross join lateral (
         select max(l.granted_at) as last from core.line_lease l
          where l.account_id = w.account_id and l.released_at is null
       ) g
       where a.max_lines is null or h.held_in_all < a.max_lines
       order by h.held / a.weight, g.last nulls first, w.account_id
       limit 1
    )
    select r.id, r.account_id, r.workflow_id, r.contact_id, b.policy_key, b.policy_version
      from core.line_request r
      join turn t on t.account_id = r.account_id
      join core.batch b on b.id = r.batch_id and b.state = 'running'
     where r.pool_id = ${poolId} and r.state = 'waiting' and r.eligible_at <= ${at} and r.deadline_at > ${at}
       and (${onlyRequestId}::text is null or r.id = ${onlyRequestId})
     order by r.priority, r.eligible_at, r.id
     limit 1
       for no key update of r skip locked`.execute(trx);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    accountId: row.account_id,
    workflowId: row.workflow_id,
    contactId: row.contact_id,
    policy: { key: row.policy_key, version: row.policy_version },
  };
}

async function holdWorstCase(trx: Trx, request: Candidate, options: Round): Promise<string | undefined> {
  const tariff = await tariffAt(trx, request.accountId, options.at);
  const seconds = await options.worstCaseSeconds(request.policy);
  return hold(trx, {
    ...tariff,
    accountId: request.accountId,
    requestId: request.id,
    amountMicros: chargeMicros(tariff, seconds),
  });
}

/**
 * Suspended requests that can be paid again, no more of them than the credit covers: one that would be suspended again
 * would be told so again, in each round. Looked at in each round and not only at a top-up: a top-up that commits while
 * this pool's round is suspending would otherwise miss what it should resume.
 */
async function resumeCovered(trx: Trx, { poolId, at, worstCaseSeconds }: Round): Promise<void> {
  const { rows: groups } = await sql<{ account_id: string; key: string; version: number; waiting: bigint }>`
    select r.account_id, b.policy_key as key, b.policy_version as version,
           count(*) filter (where r.state = 'waiting' and r.eligible_at <= ${at}) as waiting
      from core.line_request r join core.batch b on b.id = r.batch_id and b.state = 'running'
     where r.pool_id = ${poolId} and r.state in ('waiting', 'suspended') and r.deadline_at > ${at}
     group by r.account_id, b.policy_key, b.policy_version
    having bool_or(r.state = 'suspended')`.execute(trx);
  for (const { account_id: accountId, key, version, waiting } of groups) {
    const tariff = await tariffAt(trx, accountId, at);
    const amountMicros = chargeMicros(tariff, await worstCaseSeconds({ key, version }));
    const available = await availableMicros(trx, accountId, tariff.unit);
    const covered = amountMicros === 0n ? grantsPerRound : Number(available / amountMicros) - Number(waiting);
    if (covered <= 0) continue;
    await sql`
      update core.line_request set state = 'waiting'
       where state = 'suspended' and id in (
         select r.id from core.line_request r join core.batch b on b.id = r.batch_id and b.state = 'running'
          where r.pool_id = ${poolId} and r.account_id = ${accountId} and r.state = 'suspended'
            and r.deadline_at > ${at} and b.policy_key = ${key} and b.policy_version = ${version}
          order by r.priority, r.eligible_at, r.id limit ${covered})`.execute(trx);
  }
}

/**
 * Everything of the account that is due and costs as much: one of them would fail after the other, each with its own
 * signal. What another policy makes cheaper may still be paid, and keeps its turn.
 */
async function suspendAccount(
  trx: Trx,
  { poolId, at }: Round,
  { accountId, policy }: Candidate,
): Promise<readonly Omit<Grant, 'leaseId'>[]> {
  const { rows } = await sql<{ id: string; workflow_id: string }>`
    update core.line_request r set state = 'suspended'
      from core.batch b
     where b.id = r.batch_id and b.policy_key = ${policy.key} and b.policy_version = ${policy.version}
       and r.pool_id = ${poolId} and r.account_id = ${accountId} and r.state = 'waiting' and r.eligible_at <= ${at}
    returning r.id, r.workflow_id`.execute(trx);
  return rows.map((row) => ({ requestId: row.id, accountId, workflowId: row.workflow_id }));
}

interface LeaseInput extends Round {
  readonly request: Candidate;
  readonly holdId: string;
  readonly lineNo: number;
  readonly fence: bigint;
}

async function lease(trx: Trx, input: LeaseInput): Promise<string> {
  const { id } = await trx
    .insertInto('core.line_lease')
    .values({
      account_id: input.request.accountId,
      pool_id: input.poolId,
      line_no: input.lineNo,
      fence: input.fence,
      request_id: input.request.id,
      contact_id: input.request.contactId,
      hold_id: input.holdId,
      granted_at: input.at,
      expires_at: new Date(input.at.getTime() + input.grantMs),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('core.line_request')
    .set({ state: 'granted' })
    .where('id', '=', input.request.id)
    .execute();
  return id;
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
  return stale.length;
}

async function busyLines(trx: Trx, poolId: string): Promise<ReadonlySet<number>> {
  const rows = await trx
    .selectFrom('core.line_lease')
    .select('line_no')
    .where('pool_id', '=', poolId)
    .where('released_at', 'is', null)
    .execute();
  return new Set(rows.map((row) => row.line_no));
}

function freeNumbers(capacity: number, busy: ReadonlySet<number>): number[] {
  return Array.from({ length: capacity }, (_, index) => index + 1).filter((number) => !busy.has(number));
}
