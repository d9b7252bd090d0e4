import { sql } from 'kysely';
import type { Database, Trx } from '../db/client.ts';

/** One figure of the database as it is now. */
export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** More rows than this are counted as this many: a queue of a million must not make the scrape that reports it slow. */
export const countedAtMost = 10_000;
/** A line or a call that is later than its own lease or deadline says by this long is leaked, not slow. */
const graceSeconds = 60;

/** Reads every figure in one short, read-only transaction as `tandas_system`. Rejects when it takes longer than 3 s. */
export async function readDatabase(system: Database): Promise<readonly Sample[]> {
  return system
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      await sql`set local statement_timeout = '3s'`.execute(trx);
      const parts = [
        lines,
        requests,
        money,
        holds,
        outbox,
        deliveries,
        feed,
        touches,
        calls,
        messages,
        privacy,
        recordings,
        removals,
        charging,
        partitions,
      ];
      const samples: Sample[] = [];
      for (const part of parts) samples.push(...(await part(trx)));
      return samples;
    });
}

/** For an account's own column: a rehearsal is no customer, and none of its money, calls or messages is real. */
const ofNoRehearsal = sql`account_id not in (select id from catalogue.account where kind = 'rehearsal')`;

const sample = (
  name: string,
  help: string,
  value: bigint | number | string | null,
  labels: Readonly<Record<string, string>> = {},
): Sample => ({ name, help, labels, value: Number(value ?? 0) });

async function lines(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{
    pool: string;
    capacity: number;
    granted: bigint;
    on_call: bigint;
    leaked: bigint;
  }>`
    select p.key as pool, l.capacity,
           count(x.id) filter (where x.attempt_id is null and not x.late) as granted,
           count(x.id) filter (where x.attempt_id is not null and not x.late) as on_call,
           count(x.id) filter (where x.late) as leaked
      from core.line_pool l
      join catalogue.pool p on p.id = l.pool_id
      left join (select id, pool_id, attempt_id,
                        expires_at < clock_timestamp() - ${graceSeconds} * interval '1 second' as late
                   from core.line_lease where released_at is null) x on x.pool_id = l.pool_id
     where not p.rehearsal
     group by p.key, l.capacity order by p.key`.execute(trx);
  const help =
    'Lines that are held: granted (not dialled yet), on_call, leaked (later than its lease by a minute)';
  return rows.flatMap(({ pool, capacity, granted, on_call, leaked }) => [
    sample('tandas_lines_capacity', 'Lines that the pool may use at once', capacity, { pool }),
    sample('tandas_lines_held', help, granted, { pool, state: 'granted' }),
    sample('tandas_lines_held', help, on_call, { pool, state: 'on_call' }),
    sample('tandas_lines_held', help, leaked, { pool, state: 'leaked' }),
  ]);
}

async function requests(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ pool: string; eligible: bigint; suspended: bigint }>`
    select p.key as pool, e.n as eligible, s.n as suspended
      from catalogue.pool p
      join core.line_pool l on l.pool_id = p.id
     cross join lateral (
       select count(*) as n from (
         select from core.line_request r join core.batch b on b.id = r.batch_id
          where r.pool_id = p.id and r.state = 'waiting' and b.state = 'running'
            and r.eligible_at <= clock_timestamp() and r.deadline_at > clock_timestamp()
          limit ${countedAtMost}) counted) e
     cross join lateral (
       select count(*) as n from (
         select from core.line_request r
          where r.pool_id = p.id and r.state = 'suspended' and r.deadline_at > clock_timestamp()
          limit ${countedAtMost}) counted) s
     where not p.rehearsal order by p.key`.execute(trx);
  const help = 'Contacts in the queue whose slot is open (10,000 stands for any more); suspended: no credit';
  return rows.flatMap(({ pool, eligible, suspended }) => [
    sample('tandas_line_requests', help, eligible, { pool, state: 'eligible' }),
    sample('tandas_line_requests', help, suspended, { pool, state: 'suspended' }),
  ]);
}

async function money(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ unit: string; sum: string; unbalanced: bigint; overdrawn: bigint }>`
    select unit, sum(balance)::text as sum, count(*) filter (where balance <> 0) as unbalanced,
           count(*) filter (where available_micros < 0) as overdrawn
      from (select unit, available_micros,
                   funding_micros + available_micros + held_micros + consumed_micros as balance
              from core.ledger_account where ${ofNoRehearsal}) a
     group by unit order by unit`.execute(trx);
  return rows.flatMap(({ unit, sum, unbalanced, overdrawn }) => [
    sample('tandas_ledger_sum_micros', 'Sum of all ledger balances: always zero', sum, { unit }),
    sample(
      'tandas_ledger_accounts_unbalanced',
      'Accounts whose own balances do not sum to zero: always none',
      unbalanced,
      { unit },
    ),
    sample(
      'tandas_ledger_accounts_overdrawn',
      'Accounts with less than nothing available (a call cost more than its hold)',
      overdrawn,
      { unit },
    ),
  ]);
}

/**
 * Holds are found from what they are for (held lines, calls that are still asked about, messages under way), which are
 * few: there is no index on their state, because the ledger's hot path would pay for it. What is held and belongs to
 * none of these has been forgotten.
 */
async function holds(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ unit: string; held: string; open: bigint; explained: string }>`
    with open_hold as (
      select h.id, h.unit, h.amount_micros from core.ledger_hold h
       where h.state = 'pending' and h.${ofNoRehearsal} and h.id in (
         select hold_id from core.line_lease where released_at is null
         union
         select l.hold_id from operation.call c join operation.attempt a on a.id = c.attempt_id
           join core.line_lease l on l.id = a.lease_id
          where c.check_at is not null
         union
         select h2.id from operation.message_state m join core.ledger_hold h2 on h2.message_id = m.message_id
          where m.state in ('sending', 'unknown')))
    select a.unit, sum(a.held_micros)::text as held,
           (select count(*) from open_hold o where o.unit = a.unit) as open,
           (select coalesce(sum(amount_micros), 0)::text from open_hold o where o.unit = a.unit) as explained
      from core.ledger_account a where a.${ofNoRehearsal} group by a.unit order by a.unit`.execute(trx);
  return rows.flatMap(({ unit, held, open, explained }) => [
    sample('tandas_holds_open', 'Holds that wait for the end of their call or message', open, { unit }),
    sample('tandas_holds_micros', 'What is held, in micro-units', held, { unit }),
    sample(
      'tandas_holds_forgotten_micros',
      'What is held for no line, call or message that is under way: always zero',
      Number(held) - Number(explained),
      { unit },
    ),
  ]);
}

async function outbox(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ pending: bigint; oldest: string | null; dead: bigint }>`
    select count(*) as pending, extract(epoch from clock_timestamp() - min(created_at)) as oldest,
           (select count(*) from (select from operation.outbox where dead_at is not null
                                   limit ${countedAtMost}) gone) as dead
      from (select created_at from operation.outbox where delivered_at is null and dead_at is null
             limit ${countedAtMost}) counted`.execute(trx);
  return [
    sample(
      'tandas_outbox_pending',
      'Messages to workflows that wait to be sent (at most 10,000)',
      rows[0]?.pending ?? 0,
    ),
    sample('tandas_outbox_oldest_seconds', 'Age of the oldest of them', rows[0]?.oldest ?? 0),
    sample('tandas_outbox_dead', 'Messages that no workflow will ever take', rows[0]?.dead ?? 0),
  ];
}

async function deliveries(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ pending: bigint; oldest: string | null; dead: bigint }>`
    select count(*) as pending, extract(epoch from clock_timestamp() - min(created_at)) as oldest,
           (select count(*) from (select from operation.webhook_delivery where state = 'dead'
                                   limit ${countedAtMost}) gone) as dead
      from (select created_at from operation.webhook_delivery where state = 'pending'
             order by next_try_at limit ${countedAtMost}) counted`.execute(trx);
  const help = "Webhooks to accounts' own systems: pending, or dead (given up)";
  return [
    sample('tandas_deliveries', help, rows[0]?.pending ?? 0, { state: 'pending' }),
    sample('tandas_deliveries', help, rows[0]?.dead ?? 0, { state: 'dead' }),
    sample('tandas_deliveries_oldest_seconds', 'Age of the oldest pending one', rows[0]?.oldest ?? 0),
  ];
}

async function feed(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ many: bigint; oldest: string | null }>`
    select count(*) as many, extract(epoch from clock_timestamp() - min(created_at)) as oldest
      from (select created_at from operation.event where seq is null limit ${countedAtMost}) counted`.execute(
    trx,
  );
  return [
    sample('tandas_events_unnumbered', 'Events that no stream has shown yet', rows[0]?.many ?? 0),
    sample('tandas_events_unnumbered_oldest_seconds', 'Age of the oldest of them', rows[0]?.oldest ?? 0),
  ];
}

async function touches(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ many: bigint; oldest: string | null }>`
    select count(*) as many, extract(epoch from clock_timestamp() - min(touched_at)) as oldest
      from (select touched_at from operation.report_touch limit ${countedAtMost}) counted`.execute(trx);
  return [
    sample('tandas_report_touches', 'Touches of hours that reports count from the rows', rows[0]?.many ?? 0),
    sample('tandas_report_touches_oldest_seconds', 'Age of the oldest of them', rows[0]?.oldest ?? 0),
  ];
}

async function privacy(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ open: bigint; overdue: bigint; soon: bigint }>`
    select count(*) as open, count(*) filter (where due_at <= clock_timestamp()) as overdue,
           count(*) filter (where due_at > clock_timestamp()
                              and due_at <= clock_timestamp() + case kind when 'blocking' then interval '1 day'
                                                                          else interval '5 days' end) as soon
      from (select kind, due_at from core.privacy_request
             where answered_at is null and ${ofNoRehearsal} limit ${countedAtMost}) counted`.execute(trx);
  const help =
    'Requests about people’s data without an answer: overdue, soon (a day for blocking, five for others), or all';
  return [
    sample('tandas_privacy_requests', help, rows[0]?.open ?? 0, { state: 'open' }),
    sample('tandas_privacy_requests', help, rows[0]?.soon ?? 0, { state: 'soon' }),
    sample('tandas_privacy_requests', help, rows[0]?.overdue ?? 0, { state: 'overdue' }),
  ];
}

/** As domain/recordings tells it: after so many tries somebody looks. */
const triesToTell = 3;

async function recordings(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ waiting: bigint; failing: bigint }>`
    select (select count(*) from (select from core.stored_object
                                   where state = 'waiting' limit ${countedAtMost}) a) as waiting,
           (select count(*) from (select from core.stored_object
                                   where last_fault is not null and next_try_at is not null
                                     and tries >= ${triesToTell} limit ${countedAtMost}) b) as failing`.execute(
    trx,
  );
  const help =
    'Recordings on their way to our store: waiting; failing: not fetched, or not removed, after three tries';
  return [
    sample('tandas_recordings', help, rows[0]?.waiting ?? 0, { state: 'waiting' }),
    sample('tandas_recordings', help, rows[0]?.failing ?? 0, { state: 'failing' }),
  ];
}

async function removals(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ open: bigint; failing: bigint }>`
    select count(*) as open, count(*) filter (where tries >= ${triesToTell} and last_fault is not null) as failing
      from (select tries, last_fault from operation.provider_removal
             where next_try_at is not null limit ${countedAtMost}) counted`.execute(trx);
  const help =
    'Calls of erased people that the voice provider still has: open; failing: after three times that it was asked';
  return [
    sample('tandas_provider_removals', help, rows[0]?.open ?? 0, { state: 'open' }),
    sample('tandas_provider_removals', help, rows[0]?.failing ?? 0, { state: 'failing' }),
  ];
}

async function charging(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ problems: bigint; stray: bigint; late: bigint; suspended: bigint }>`
    select (select count(*) from (select from core.payment_order where problem is not null limit ${countedAtMost}) o) as problems,
           (select count(*) from (select from operation.payment_event
             where result <> 'woken' and result <> 'nothing_of_ours'
               and received_at > clock_timestamp() - interval '7 days' limit ${countedAtMost}) e) as stray,
           (select count(*) from (select from core.payment_order
             where ask_at < clock_timestamp() - interval '10 minutes' limit ${countedAtMost}) o) as late,
           (select count(*) from (select from core.subscription
             where ended_at is null and state = 'suspended' limit ${countedAtMost}) s) as suspended`.execute(
    trx,
  );
  const help =
    'Orders of accounts: problem (what does not fit, not booked), unasked (nobody could ask their provider for ten minutes)';
  return [
    sample('tandas_orders', help, rows[0]?.problems ?? 0, { state: 'problem' }),
    sample('tandas_orders', help, rows[0]?.late ?? 0, { state: 'unasked' }),
    sample(
      'tandas_payment_events_stray',
      'Events of a week of money of no order of ours',
      rows[0]?.stray ?? 0,
    ),
    sample(
      'tandas_subscriptions_suspended',
      'Accounts that do not work until they pay',
      rows[0]?.suspended ?? 0,
    ),
  ];
}

async function calls(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ open: bigint; unknown: bigint; oldest: string | null; overdue: bigint }>`
    select count(*) filter (where c.state in ('placing', 'placed')) as open,
           count(*) filter (where c.state = 'unknown') as unknown,
           extract(epoch from clock_timestamp() - min(a.attempted_at) filter (where c.state = 'unknown')) as oldest,
           count(*) filter (where c.state in ('placing', 'placed', 'unknown')
             and a.absent_after_at < clock_timestamp() - ${graceSeconds} * interval '1 second') as overdue
      from operation.call c join operation.attempt a on a.id = c.attempt_id
     where c.check_at is not null and c.${ofNoRehearsal}`.execute(trx);
  const row = rows[0];
  return [
    sample('tandas_calls_open', 'Calls under way', row?.open ?? 0),
    sample('tandas_calls_unknown', 'Dials whose outcome is not known yet', row?.unknown ?? 0),
    sample('tandas_calls_unknown_oldest_seconds', 'Age of the oldest of them', row?.oldest ?? 0),
    sample(
      'tandas_calls_overdue',
      'Calls that could not have lasted so long and have no end',
      row?.overdue ?? 0,
    ),
  ];
}

async function messages(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ unknown: bigint; oldest: string | null }>`
    select count(*) as unknown, extract(epoch from clock_timestamp() - min(created_at)) as oldest
      from operation.message_state where state in ('sending', 'unknown') and ${ofNoRehearsal}`.execute(trx);
  return [
    sample('tandas_messages_unknown', 'Messages whose outcome is not known yet', rows[0]?.unknown ?? 0),
    sample('tandas_messages_unknown_oldest_seconds', 'Age of the oldest of them', rows[0]?.oldest ?? 0),
  ];
}

/** Size, which needs no right on a row: an empty table has none. */
async function partitions(trx: Trx): Promise<readonly Sample[]> {
  const { rows } = await sql<{ table: string; bytes: bigint }>`
    select p.relname as table, pg_relation_size(c.oid) as bytes
      from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where c.relname = p.relname || '_default' and c.relkind = 'r'
       and p.relnamespace = 'operation'::regnamespace
     order by 1`.execute(trx);
  const help = 'Size of the partition that takes rows whose month nobody has made: always zero';
  return rows.map(({ table, bytes }) => sample('tandas_default_partition_bytes', help, bytes, { table }));
}
