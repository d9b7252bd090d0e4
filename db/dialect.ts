import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  PostgresDialect,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';
import { type Share, Shares } from './shares.ts';
import { createStatements, type Statements } from './statements.ts';

interface Beginning {
  /** Whose transaction is being begun. */
  readonly accountId: string | undefined;
  /** Whose transaction is open around it: a second one inside of it that waited for its account's share would wait for itself. */
  readonly inside: string | undefined;
}

/** Nothing outside of `beginAs`. */
const beginning = new AsyncLocalStorage<Beginning>();

/**
 * The transaction that `begin` opens sees the rows of this account only. What it runs `inside` begins transactions of
 * its own as ever.
 */
export function beginAs<T>(
  accountId: string,
  begin: (inside: <R>(work: () => R) => R) => Promise<T>,
): Promise<T> {
  const inside = beginning.getStore()?.inside;
  return beginning.run({ accountId, inside }, () =>
    begin((work) => beginning.run({ accountId: undefined, inside: accountId }, work)),
  );
}

/**
 * PostgreSQL as Kysely speaks to it, with the parsing of most statements and two round trips less: what is asked often
 * is prepared (`statements.ts`), and the beginning of a transaction travels with its first statement. The pool's
 * connections must be pipelined.
 */
export class ProductDialect extends PostgresDialect {
  readonly #pool: pg.Pool;
  readonly #share: Share | undefined;

  /** `share`: of the pool, for each account. */
  constructor(pool: pg.Pool, share?: Share) {
    super({ pool });
    this.#pool = pool;
    this.#share = share;
  }

  override createDriver(): Driver {
    return new ProductDriver(this.#pool, this.#share);
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Part of a statement's text, where no parameter may be. */
function literal(accountId: string): string {
  if (!uuid.test(accountId)) throw new Error(`an account's id is a UUID, and not "${accountId}"`);
  return `'${accountId}'`;
}

/**
 * A prepared statement whose answer has another shape since a migration, or that the connection does not know: it would
 * fail for as long as the connection lives.
 */
const staleCodes: ReadonlySet<string> = new Set(['0A000', '26000']);

class ProductDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #shares: Shares | undefined;
  readonly #statements = createStatements();

  constructor(pool: pg.Pool, share: Share | undefined) {
    this.#pool = pool;
    this.#shares = share === undefined ? undefined : new Shares(share);
  }

  async init(): Promise<void> {
    // The pool connects when it is asked.
  }

  async acquireConnection(): Promise<ProductConnection> {
    const { accountId, inside } = beginning.getStore() ?? {};
    const isShared = accountId !== undefined && accountId !== inside;
    const giveBack = isShared ? await this.#shares?.take(accountId) : undefined;
    try {
      return new ProductConnection(await this.#pool.connect(), this.#statements, giveBack);
    } catch (error) {
      giveBack?.();
      throw error;
    }
  }

  async beginTransaction(connection: ProductConnection, settings: TransactionSettings): Promise<void> {
    connection.begin(beginning.getStore()?.accountId, settings);
  }

  async commitTransaction(connection: ProductConnection): Promise<void> {
    await connection.begun;
    if (!connection.hasEnded) await connection.run('commit');
  }

  async rollbackTransaction(connection: ProductConnection): Promise<void> {
    if (!connection.hasEnded) await connection.run('rollback');
  }

  async releaseConnection(connection: ProductConnection): Promise<void> {
    connection.release();
  }

  destroy(): Promise<void> {
    return this.#pool.end();
  }
}

/** One connection of the pool, for as long as one transaction or statement has it. */
export class ProductConnection implements DatabaseConnection {
  /** Whether the transaction was begun. Settled before the first statement of it is. */
  begun: Promise<unknown> = Promise.resolve();
  /** Why the transaction was not begun; then nothing may be sent that would stand without it. */
  #notBegun: { readonly error: unknown } | undefined;
  /** What was prepared on this connection fits the tables no longer. */
  #isStale = false;
  /** The transaction's commit goes with its next statement; or has gone, and nothing may be sent that would stand without it. */
  #end: 'open' | 'with_next' | 'sent' = 'open';
  readonly #client: pg.PoolClient;
  readonly #statements: Statements;
  readonly #giveBack: (() => void) | undefined;

  /** `giveBack`: the account's place, when the connection is released. */
  constructor(client: pg.PoolClient, statements: Statements, giveBack: (() => void) | undefined) {
    this.#client = client;
    this.#statements = statements;
    this.#giveBack = giveBack;
  }

  /**
   * Does not wait: it is on the wire before the transaction's first statement, and run before it. Should it fail, so does
   * that statement, and no further one is sent. (Should `begin` itself be refused, that first one stands by itself:
   * without an account it finds no row of any, and the system's rounds begin with a lock or with what may be repeated.)
   */
  begin(accountId: string | undefined, { isolationLevel, accessMode }: TransactionSettings): void {
    const modes = [
      isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`,
      ` ${accessMode ?? ''}`,
    ];
    const account = accountId === undefined ? '' : `; set local app.account_id = ${literal(accountId)}`;
    this.begun = this.#client.query(`begin${modes.join('').trimEnd()}${account}`);
    // Told by the first statement and by the commit; a transaction without either has nothing to say.
    this.begun.catch((error: unknown) => (this.#notBegun = { error }));
  }

  async run(command: 'begin' | 'commit' | 'rollback'): Promise<void> {
    await this.#client.query(command);
  }

  /** The transaction's next statement is its last. */
  endWithNext(): void {
    this.#end = 'with_next';
  }

  get hasEnded(): boolean {
    return this.#end === 'sent';
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#notBegun !== undefined) throw this.#notBegun.error;
    if (this.#end === 'sent') throw new Error('a statement behind the last one of its transaction');
    const sent = this.#send(text, parameters);
    const answer = this.#end === 'with_next' ? this.#andCommit(sent) : sent;
    const [{ command, rowCount, rows }] = await Promise.all([answer, this.begun]);
    return typeof rowCount === 'number' && command !== 'SELECT'
      ? { rows, numAffectedRows: BigInt(rowCount) }
      : { rows };
  }

  /** After a statement that failed PostgreSQL takes a commit for a rollback. */
  async #andCommit<R>(answer: Promise<R>): Promise<R> {
    this.#end = 'sent';
    const [given] = await Promise.all([answer, this.#client.query('commit')]);
    return given;
  }

  async #send(text: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    const name = this.#statements.nameOf(text);
    try {
      return await this.#client.query({
        text,
        values: [...parameters],
        ...(name === undefined ? {} : { name }),
      });
    } catch (error) {
      this.#isStale ||= error instanceof pg.DatabaseError && staleCodes.has(error.code ?? '');
      throw error;
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('nothing is streamed through Kysely here: see createPool');
  }

  release(): void {
    this.#client.release(this.#isStale);
    this.#giveBack?.();
  }
}
