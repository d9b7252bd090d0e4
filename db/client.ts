import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

/** A database handle whose statements run as one role. `Db` queries take it, or a transaction, first. */
export type Database = Kysely<Schema>;
export type Trx = Transaction<Schema>;
export type Db = Database | Trx;

export type Role = 'tandas_app' | 'tandas_system';

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
}

/**
 * A worker that freezes inside a transaction holds its row locks: after this the server ends the session, and the
 * people it had locked can be called again. A lock that is not had within its time is a fault to be retried.
 */
const timeouts = ['-c idle_in_transaction_session_timeout=20s', '-c lock_timeout=8s'];

/** A plain pool, for COPY. */
export function createPool({ url, role, maxConnections = 10 }: ConnectOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    types,
    options: [...(role === undefined ? [] : [`-c role=${role}`]), ...timeouts].join(' '),
  });
  // A connection that the server ends must not take the process down with it: an idle one tells the pool, one that is
  // in a transaction but between two statements tells nobody else. Its next statement fails, and the pool drops it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

export function createDatabase(options: ConnectOptions): Database {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool: createPool(options) }) });
}

/** Runs `work` in one transaction that sees only the rows of `accountId` (row-level security). */
export async function inAccount<T>(
  db: Database,
  accountId: string,
  work: (trx: Trx) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('app.account_id', ${accountId}, true)`.execute(trx);
    return work(trx);
  });
}

/** The database's clock now, not the transaction's start: a transaction that waited for a lock is late, and must know. */
export async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const first = rows[0];
  if (first === undefined) throw new Error('clock_timestamp() gave no row');
  return first.now;
}
