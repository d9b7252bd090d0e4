import { type CompiledQuery, Kysely, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { beginAs, ProductConnection, ProductDialect } from './dialect.ts';
import type { Schema } from './schema/schema.ts';
import type { Share } from './shares.ts';

/** A database handle whose statements run as one role. `Db` queries take it, or a transaction, first. */
export type Database = Kysely<Schema>;
export type Trx = Transaction<Schema>;
export type Db = Database | Trx;

export type Role = 'tandas_app' | 'tandas_system' | 'tandas_identity';

/** Taken inside a transaction, and by nothing else: it may change what tells of a person. */
const privacyRole = 'tandas_privacy';

const INT8_OID = 20;
const DATE_OID = 1082;

/** Money is bigint (int8) and a local day is a plain 'YYYY-MM-DD': node-postgres' defaults lose both. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8_OID) return BigInt;
    if (oid === DATE_OID) return String;
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
  },
};

export interface ConnectOptions {
  readonly url: string;
  /** Role that the connection takes at its start; without it, the URL's own user (migrations and seeds only). */
  readonly role?: Role;
  readonly maxConnections?: number;
  /** What one account may have of them at once. Default: all. `inAccount` rejects with `AccountBusy` beyond it. */
  readonly share?: Share;
}

/**
 * A worker that freezes inside a transaction holds its row locks: after this the server ends the session, and the
 * people it had locked can be called again. A lock that is not had within its time is a fault to be retried.
 */
const timeouts = ['-c idle_in_transaction_session_timeout=20s', '-c lock_timeout=8s'];

/**
 * No statement of ours is to take a hundredth of it: one that does has lost its plan or its bounds, and holds locks and a connection
 * that others wait for. Not for COPY, which lasts as long as its file, and
 * not for migrations, backups and the audit, which have no role.
 */
const statementTimeouts: Readonly<Record<Role, string>> = {
  tandas_app: '-c statement_timeout=30s',
  tandas_system: '-c statement_timeout=60s',
  tandas_identity: '-c statement_timeout=10s',
};

/**
 * What the system asks is by key and by index, some of it for lists: their length is all that a plan of its own for each
 * execution would know better, and making one takes longer than the execution.
 */
const plans: Readonly<Record<Role, readonly string[]>> = {
  tandas_app: [],
  tandas_system: ['-c plan_cache_mode=force_generic_plan'],
  tandas_identity: [],
};

/** A plain pool, for COPY. */
export function createPool(options: ConnectOptions): pg.Pool {
  return makePool(options, false);
}

function makePool({ url, role, maxConnections = 10 }: ConnectOptions, pipeline: boolean): pg.Pool {
  const bounded = role === undefined || !pipeline ? [] : [statementTimeouts[role]];
  const ofRole = role === undefined ? [] : [`-c role=${role}`, ...plans[role], ...bounded];
  const pool = new pg.Pool({
    connectionString: url,
    pipeline,
    max: maxConnections,
    types,
    options: [...ofRole, ...timeouts].join(' '),
  });
  // A connection that the server ends must not take the process down with it: an idle one tells the pool, one that is
  // in a transaction but between two statements tells nobody else. Its next statement fails, and the pool drops it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function createDatabase(options: ConnectOptions): Database {
  return new Kysely<Schema>({ dialect: new ProductDialect(makePool(options, true), options.share) });
}

/** Runs `work` in one transaction that sees only the rows of `accountId` (row-level security). */
export async function inAccount<T>(
  db: Database,
  accountId: string,
  work: (trx: Trx) => Promise<T>,
): Promise<T> {
  return beginAs(accountId, (inside) => db.transaction().execute((trx) => inside(() => work(trx))));
}

/** Runs `work` with the right to erase a person's data, in the caller's transaction and account. */
export async function asPrivacy<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  // It looks through all texts of an account, once in a person's life: more than a request of everyday may take.
  await sql`set local statement_timeout = '120s'`.execute(trx);
  await sql`set local role ${sql.id(privacyRole)}`.execute(trx);
  const done = await work();
  // Not `reset`: what failed has ended the transaction, and its role with it.
  await sql`set local role tandas_app`.execute(trx);
  await sql`set local statement_timeout = '30s'`.execute(trx);
  return done;
}

/** Two statements of a transaction in one round trip: the second runs after the first, and fails when it fails. */
export async function together<A, B>(
  trx: Trx,
  first: CompiledQuery<A>,
  second: CompiledQuery<B>,
): Promise<readonly [readonly A[], readonly B[]]> {
  return trx.getExecutor().provideConnection(async (connection) => {
    const [one, other] = await Promise.all([
      connection.executeQuery<A>(first),
      connection.executeQuery<B>(second),
    ]);
    return [one.rows, other.rows];
  });
}

/**
 * `work` asks one statement, the transaction's last: its commit travels with it, so that what it locks is free as soon as it has run,
 * and not when this process has read the answer. The answer cannot undo it any more; a statement behind it throws.
 */
export async function last<T>(trx: Trx, work: () => Promise<T>): Promise<T> {
  await trx.getExecutor().provideConnection(async (connection) => {
    if (connection instanceof ProductConnection) connection.endWithNext();
  });
  return work();
}

/** The two last statements of a transaction, and its commit with them, in one round trip. */
export async function lastTogether<A, B>(
  trx: Trx,
  first: CompiledQuery<A>,
  second: CompiledQuery<B>,
): Promise<readonly [readonly A[], readonly B[]]> {
  return trx.getExecutor().provideConnection(async (connection) => {
    const one = connection.executeQuery<A>(first);
    if (connection instanceof ProductConnection) connection.endWithNext();
    const [{ rows }, other] = await Promise.all([one, connection.executeQuery<B>(second)]);
    return [rows, other.rows];
  });
}

/** The database's clock now, not the transaction's start: a transaction that waited for a lock is late, and must know. */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const first = rows[0];
  if (first === undefined) throw new Error('clock_timestamp() gave no row');
  return first.now;
}
