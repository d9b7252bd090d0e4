import pg from 'pg';

/** One balance, and one row that says what it lost. */
export interface Bare {
  /** As a script of pgbench does it with prepared statements: begin, UPDATE, INSERT, commit. */
  transactions(accounts: number, spanMs: number): Promise<number>;
  /** The least that PostgreSQL can be asked: both in one statement, one round trip. */
  statements(accounts: number, spanMs: number): Promise<number>;
  close(): Promise<void>;
}

export async function createBare(url: string, clients: number): Promise<Bare> {
  const pool = new pg.Pool({ connectionString: url, max: clients });
  await pool.query(
    `create table public.bare_account (id int primary key, balance bigint not null) with (fillfactor = 50)`,
  );
  await pool.query(
    'create table public.bare_hold (id bigserial primary key, account int not null, amount bigint not null)',
  );
  await pool.query('insert into public.bare_account select n, 1000000000000 from generate_series(1, 1000) n');
  const perSecond = async (
    accounts: number,
    spanMs: number,
    one: (client: pg.PoolClient, account: number) => Promise<void>,
  ): Promise<number> => {
    const startedMs = performance.now();
    let operations = 0;
    await Promise.all(
      Array.from({ length: clients }, async (_, number) => {
        const client = await pool.connect();
        for (let turn = number; performance.now() - startedMs < spanMs; turn += clients) {
          await one(client, 1 + (turn % accounts));
          operations += 1;
        }
        client.release();
      }),
    );
    return (operations * 1000) / (performance.now() - startedMs);
  };
  return {
    transactions: (accounts, spanMs) => perSecond(accounts, spanMs, inTransaction),
    statements: (accounts, spanMs) => perSecond(accounts, spanMs, inStatement),
    close: () => pool.end(),
  };
}

async function inTransaction(client: pg.PoolClient, account: number): Promise<void> {
  await client.query('begin');
  await client.query({
    name: 'take',
    text: 'update public.bare_account set balance = balance - 40000 where id = $1 and balance >= 40000',
    values: [account],
  });
  await client.query({
    name: 'note',
    text: 'insert into public.bare_hold (account, amount) values ($1, 40000)',
    values: [account],
  });
  await client.query('commit');
}

async function inStatement(client: pg.PoolClient, account: number): Promise<void> {
  await client.query({
    name: 'bare',
    text: `with taken as (update public.bare_account set balance = balance - 40000
                           where id = $1 and balance >= 40000 returning id)
           insert into public.bare_hold (account, amount) select id, 40000 from taken`,
    values: [account],
  });
}
