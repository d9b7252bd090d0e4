import { sql } from 'kysely';
import { createDatabase, type Database } from '../../db/client.ts';

/** What our own rows say after a run, as far as the provider's record can be held against them. */
export interface Books {
  readonly batches: readonly { readonly id: string; readonly state: string }[];
  readonly contacts: readonly {
    readonly id: string;
    readonly phone: string;
    readonly state: string;
    readonly outcome: string | null;
    /** Why it waits, in the product's words: for whoever reads a finding. */
    readonly waitingFor: string;
  }[];
  readonly attempts: readonly BookedAttempt[];
  /** Turns that did not become a call, by their reason. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly openLeases: readonly { readonly id: string; readonly attemptId: string | null }[];
  readonly pendingHolds: readonly { readonly id: string }[];
  readonly undelivered: number;
  /** Micro-units, all accounts of the ledger together. */
  readonly ledger: {
    readonly toppedUp: bigint;
    readonly available: bigint;
    readonly held: bigint;
    readonly consumed: bigint;
    /** Of every transaction ever written, its four amounts together: nothing but zero. */
    readonly difference: bigint;
  };
}

export interface BookedAttempt {
  readonly id: string;
  readonly contactId: string;
  readonly callState: string;
  readonly providerCallId: string | null;
  readonly chargedMicros: bigint | null;
  /** Times that the end was written, the hold was posted, and a correction was booked. */
  readonly ends: number;
  readonly posts: number;
  readonly trueUps: number;
  readonly wasUnknown: boolean;
}

/** Reads in one snapshot, as the owner of the tables. */
export async function readBooks(databaseUrl: string): Promise<Books> {
  const db = createDatabase({ url: databaseUrl, maxConnections: 1 });
  try {
    return await db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((trx) => readAll(trx));
  } finally {
    await db.destroy();
  }
}

async function readAll(db: Database): Promise<Books> {
  const batches = await db.selectFrom('core.batch').select(['id', 'state']).execute();
  const contacts = await db
    .selectFrom('core.contact as k')
    .innerJoin('core.phone as p', 'p.person_id', 'k.person_id')
    .select(['k.id', 'p.e164 as phone', 'k.state', 'k.outcome', 'k.waiting_for as waitingFor'])
    .execute();
  const openLeases = await db
    .selectFrom('core.line_lease')
    .select(['id', 'attempt_id as attemptId'])
    .where('released_at', 'is', null)
    .execute();
  const pendingHolds = await db
    .selectFrom('core.ledger_hold')
    .select('id')
    .where('state', '=', 'pending')
    .execute();
  const { count } = await db
    .selectFrom('operation.outbox')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('delivered_at', 'is', null)
    .executeTakeFirstOrThrow();
  const refused = await db
    .selectFrom('operation.refusal')
    .select((eb) => ['reason', eb.fn.countAll<bigint>().as('count')])
    .groupBy('reason')
    .orderBy('reason')
    .execute();
  return {
    batches,
    contacts,
    attempts: await readAttempts(db),
    refusals: Object.fromEntries(refused.map(({ reason, count: times }) => [reason, Number(times)])),
    openLeases,
    pendingHolds,
    undelivered: Number(count),
    ledger: await readLedger(db),
  };
}

async function readAttempts(db: Database): Promise<readonly BookedAttempt[]> {
  const { rows } = await sql<BookedAttempt>`
    select a.id, a.contact_id as "contactId", c.state as "callState", c.provider_call_id as "providerCallId",
           c.charged_micros as "chargedMicros",
           (select count(*)::int from operation.attempt_event e where e.attempt_id = a.id and e.kind = 'ended') as ends,
           (select count(*)::int from core.ledger_transaction t join core.ledger_hold h on h.id::text = t.reference
             where h.request_id = a.request_id and t.kind = 'post') as posts,
           (select count(*)::int from core.ledger_transaction t
             where t.kind = 'true_up' and t.reference like a.id || ':%') as "trueUps",
           exists (select from operation.attempt_event e
                    where e.attempt_id = a.id and e.kind in ('unknown', 'found', 'absent')) as "wasUnknown"
      from operation.attempt a join operation.call c on c.attempt_id = a.id`.execute(db);
  return rows;
}

async function readLedger(db: Database): Promise<Books['ledger']> {
  const { rows } = await sql<Books['ledger']>`
    select b.*, t.*
      from (select coalesce(sum(available_micros), 0)::bigint as available,
                   coalesce(sum(held_micros), 0)::bigint as held,
                   coalesce(sum(consumed_micros), 0)::bigint as consumed from core.ledger_account) b
     cross join (select coalesce(sum(available_micros) filter (where kind = 'top_up'), 0)::bigint as "toppedUp",
                        coalesce(sum(funding_micros + available_micros + held_micros + consumed_micros), 0)::bigint
                          as difference from core.ledger_transaction) t`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the ledger gave no sum');
  return row;
}
