import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { chargeMicros, type Tariff } from '../billing/queries-ledger.ts';

export interface PolicyRef {
  readonly key: string;
  readonly version: number;
}

/** A request whose turn it may be. */
export interface Candidate {
  readonly id: string;
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly policy: PolicyRef;
  readonly priority: number;
  readonly eligibleAt: Date;
  /** What its call costs at most. */
  readonly amountMicros: bigint;
}

/** An account that waits, as the queue finds it. */
export interface WaitingAccount {
  readonly accountId: string;
  readonly weight: number;
  readonly maxLines: number | null;
  /** Lines that it holds in this pool, and in all. */
  readonly held: number;
  readonly heldInAll: number;
  /** When it got the newest of the lines that it holds; null when it holds none. */
  readonly lastAtMs: number | null;
  readonly tariff: Tariff;
  readonly availableMicros: bigint;
  /** What is left of the budget of each batch that has one; 0n when that is in another unit than the tariff. */
  readonly budgets: ReadonlyMap<string, bigint>;
  /** In the order of their turns. */
  readonly candidates: readonly Candidate[];
}

export interface QueueOptions {
  readonly poolId: string;
  readonly at: Date;
  /** See `DispatchOptions`. */
  readonly onlyRequestId: string | null;
  readonly worstCaseSeconds: (policy: PolicyRef) => Promise<number>;
}

interface DueRow {
  readonly id: string;
  readonly account_id: string;
  readonly batch_id: string;
  readonly contact_id: string;
  readonly policy_key: string;
  readonly policy_version: number;
  readonly priority: number;
  readonly eligible_at: Date;
  readonly weight: string;
  readonly max_lines: number | null;
  readonly held: bigint;
  readonly held_in_all: bigint;
  readonly last: Date | null;
  readonly plan: Tariff['plan'] | null;
  readonly unit: Tariff['unit'];
  readonly rate_micros_per_minute: bigint;
  readonly available: bigint;
  readonly budget_unit: Tariff['unit'] | null;
  readonly budget_left: bigint | null;
}

/**
 * The first `limit` requests of each account, with what their turn depends on. By batch and priority, so that the
 * index gives the first ones and nobody reads those behind them.
 */
export async function readQueue(
  trx: Trx,
  options: QueueOptions,
  limit: number,
): Promise<readonly WaitingAccount[]> {
  const { poolId, at, onlyRequestId } = options;
  // By name, here and below: a statement with a star is not prepared, and this one takes longer to plan than to run.
  const columns = sql`r.id, r.account_id, b.id as batch_id, r.contact_id, b.policy_key, b.policy_version, r.priority, r.eligible_at`;
  const due =
    onlyRequestId === null
      ? sql`
          select ${columns}
            from core.batch b
           cross join (values (0), (1)) as p (priority)
           cross join lateral (
             select q.id, q.account_id, q.contact_id, q.priority, q.eligible_at
               from core.line_request q
              where q.batch_id = b.id and q.state = 'waiting' and q.priority = p.priority
                and q.eligible_at <= ${at} and q.deadline_at > ${at}
              order by q.eligible_at, q.id limit ${limit}) r
           where b.pool_id = ${poolId} and b.state = 'running'`
      : sql`
          select ${columns}
            from core.line_request r join core.batch b on b.id = r.batch_id and b.state = 'running'
           where r.id = ${onlyRequestId} and r.pool_id = ${poolId} and r.state = 'waiting'
             and r.eligible_at <= ${at} and r.deadline_at > ${at}`;
  const { rows } = await sql<DueRow>`
    with due as materialized (${due}),
    account as materialized (
      select a.id as account_id, a.weight, a.max_lines, h.held, h.held_in_all, h.last,
             t.plan, t.unit, t.rate_micros_per_minute,
             -- Less than any call costs, also one of a plan that takes nothing.
             case when a.suspended_for is null then coalesce(l.available_micros, 0) else -1 end as available
        from (select distinct account_id from due) d
        join catalogue.account a on a.id = d.account_id
       cross join lateral (
         select count(*) filter (where l.pool_id = ${poolId}) as held, count(*) as held_in_all,
                max(l.granted_at) as last
           from core.line_lease l
          where l.account_id = a.id and l.released_at is null) h
        left join lateral (
         select t.plan, t.unit, t.rate_micros_per_minute from catalogue.tariff t
          where t.account_id = a.id and t.effective_from <= ${at}
          order by t.effective_from desc limit 1) t on true
        left join core.ledger_account l on l.account_id = a.id and l.unit = t.unit)
    select due.id, due.account_id, due.batch_id, due.contact_id, due.policy_key, due.policy_version, due.priority,
           due.eligible_at, account.weight, account.max_lines, account.held, account.held_in_all, account.last,
           account.plan, account.unit, account.rate_micros_per_minute, account.available,
           g.unit as budget_unit, g.limit_micros - g.held_micros - g.spent_micros as budget_left
      from due join account on account.account_id = due.account_id
      left join core.batch_budget g on g.batch_id = due.batch_id`.execute(trx);
  const waiting: WaitingAccount[] = [];
  for (const mine of Map.groupBy(rows, ({ account_id }) => account_id).values()) {
    const [first] = mine;
    if (first !== undefined) waiting.push(await waitingAccount(mine, first, options));
  }
  return waiting;
}

/** When the next request of a running batch becomes eligible. By the index of turns too: one look a batch and priority. */
export async function nextDue(
  trx: Trx,
  { poolId, at }: Pick<QueueOptions, 'poolId' | 'at'>,
): Promise<Date | null> {
  const { rows } = await sql<{ next: Date | null }>`
    select min(r.eligible_at) as next
      from core.batch b
     cross join (values (0), (1)) as p (priority)
     cross join lateral (
       select q.eligible_at
         from core.line_request q
        where q.batch_id = b.id and q.state = 'waiting' and q.priority = p.priority and q.eligible_at > ${at}
        order by q.eligible_at limit 1) r
     where b.pool_id = ${poolId} and b.state = 'running'`.execute(trx);
  return rows[0]?.next ?? null;
}

async function waitingAccount(
  rows: readonly DueRow[],
  { account_id: accountId, plan, unit, ...row }: DueRow,
  { at, worstCaseSeconds }: QueueOptions,
): Promise<WaitingAccount> {
  // A call without a price is not made.
  if (plan === null) throw new Error(`account ${accountId} has no tariff at ${at.toISOString()}`);
  const tariff = { plan, unit, rateMicrosPerMinute: row.rate_micros_per_minute };
  const candidates: Candidate[] = [];
  for (const due of rows) {
    const policy = { key: due.policy_key, version: due.policy_version };
    candidates.push({
      id: due.id,
      accountId,
      batchId: due.batch_id,
      contactId: due.contact_id,
      policy,
      priority: due.priority,
      eligibleAt: due.eligible_at,
      amountMicros: chargeMicros(tariff, await worstCaseSeconds(policy)),
    });
  }
  return {
    accountId,
    weight: Number(row.weight),
    maxLines: row.max_lines,
    held: Number(row.held),
    heldInAll: Number(row.held_in_all),
    lastAtMs: row.last?.getTime() ?? null,
    tariff,
    availableMicros: row.available,
    budgets: budgetsOf(rows, unit),
    candidates: candidates.toSorted(byTurn),
  };
}

function budgetsOf(rows: readonly DueRow[], unit: Tariff['unit']): ReadonlyMap<string, bigint> {
  return new Map(
    rows.flatMap(({ batch_id: batchId, budget_left: left, budget_unit: budgetUnit }): [string, bigint][] =>
      left === null ? [] : [[batchId, budgetUnit === unit ? left : 0n]],
    ),
  );
}

/** Retries and reschedules first, then whoever has waited longest. */
function byTurn(one: Candidate, other: Candidate): number {
  if (one.priority !== other.priority) return one.priority - other.priority;
  const byTime = one.eligibleAt.getTime() - other.eligibleAt.getTime();
  if (byTime !== 0) return byTime;
  return one.id < other.id ? -1 : 1;
}

/** A request whose turn it is, with the account that pays. */
export interface Turn {
  readonly account: WaitingAccount;
  readonly request: Candidate;
}

export interface Turns {
  readonly turns: readonly Turn[];
  /** One for each account and policy that cannot be paid any more. */
  readonly unpaid: readonly Turn[];
  /** One for each batch whose budget covers no further call. */
  readonly overBudget: readonly Turn[];
}

/**
 * Whose turns they are, one line after the other: of the accounts that wait and are below their own cap, the one with
 * the least lines held for its weight; of equals, the one that got a line longest ago.
 */
export function planTurns(accounts: readonly WaitingAccount[], lines: number, atMs: number): Turns {
  const states = accounts.map((account) => ({
    account,
    rest: [...account.candidates],
    given: 0,
    lastAtMs: account.lastAtMs ?? Number.NEGATIVE_INFINITY,
    availableMicros: account.availableMicros,
    budgets: new Map(account.budgets),
  }));
  const turns: Turn[] = [];
  const unpaid: Turn[] = [];
  const overBudget: Turn[] = [];
  while (turns.length < lines) {
    let next: (typeof states)[number] | undefined;
    for (const state of states) {
      const { account, rest, given } = state;
      if (rest.length === 0) continue;
      if (account.maxLines !== null && account.heldInAll + given >= account.maxLines) continue;
      if (next === undefined || isBefore(state, next)) next = state;
    }
    if (next === undefined) break;
    const [request] = next.rest;
    if (request === undefined) break;
    const turn = { account: next.account, request };
    if (request.amountMicros > next.availableMicros) {
      unpaid.push(turn);
      // What another policy makes cheaper may still be paid, and keeps its turn.
      next.rest = next.rest.filter(({ policy }) => !isSame(policy, request.policy));
      continue;
    }
    const left = next.budgets.get(request.batchId);
    if (left !== undefined && request.amountMicros > 0n) {
      if (request.amountMicros > left) {
        overBudget.push(turn);
        next.rest = next.rest.filter(({ batchId }) => batchId !== request.batchId);
        continue;
      }
      next.budgets.set(request.batchId, left - request.amountMicros);
    }
    turns.push(turn);
    next.rest.shift();
    next.given += 1;
    next.lastAtMs = atMs;
    next.availableMicros -= request.amountMicros;
  }
  return { turns, unpaid, overBudget };
}

interface Standing {
  readonly account: WaitingAccount;
  readonly given: number;
  readonly lastAtMs: number;
}

function isBefore(one: Standing, other: Standing): boolean {
  const [share, otherShare] = [one, other].map(
    ({ account, given }) => (account.held + given) / account.weight,
  );
  if (share !== otherShare) return (share ?? 0) < (otherShare ?? 0);
  if (one.lastAtMs !== other.lastAtMs) return one.lastAtMs < other.lastAtMs;
  return one.account.accountId < other.account.accountId;
}

function isSame(one: PolicyRef, other: PolicyRef): boolean {
  return one.key === other.key && one.version === other.version;
}
