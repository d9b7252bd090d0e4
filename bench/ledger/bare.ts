import pg from 'pg';

/** What pgbench would do: one balance, one row that says so, one statement. */
export interface Bare {
  perSecond(accounts: number, spanMs: number): Promise<number>;
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
  return {
    async perSecond(accounts, spanMs) {
      const startedMs = performance.now();
      let operations = 0;
      await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          for (let turn = client; performance.now() - startedMs < spanMs; turn += clients) {
            await pool.query({
              name: 'bare',
              text: `with taken as (update public.bare_account set balance = balance - 40000
                                     where id = $1 and balance >= 40000 returning id)
                     insert into public.bare_hold (account, amount) select id, 40000 from taken`,
              values: [1 + (turn % accounts)],
            });
            operations += 1;
          }
        }),
      );
      return (operations * 1000) / (performance.now() - startedMs);
    },
    close: () => pool.end(),
  };
}
