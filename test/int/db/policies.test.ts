import { type Kysely, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Schema } from '../../../db/schema/schema.ts';
import { fillEveryTable } from '../../support/every-table.ts';
import { createPeopleWorld } from '../../support/people.ts';
import { createMessageWorld, type MessageWorld } from '../../support/messages.ts';

let messages: MessageWorld;
let owner: Kysely<Schema>;
let askers: readonly Asker[];
let mailKey: string;
beforeAll(async () => {
  messages = await createMessageWorld();
  await fillEveryTable(messages);
  await fillIdentity();
  ({ owner } = messages.api.world);
  askers = await everyAsker();
  const [mail] = await owner.selectFrom('operation.mail').select('dedupe_key').limit(1).execute();
  mailKey = mail?.dedupe_key ?? '';
});
afterAll(() => messages.close());

/** A person with a second factor, a session, a used code, a link, and a mail for a forgotten password. */
async function fillIdentity(): Promise<void> {
  const people = createPeopleWorld(messages.api);
  const ana = await people.member(messages.accountId, 'owner');
  await people.signIn.makeLink(ana.userId, 5);
  await ana.send('POST', '/api/v1/auth/password/forgotten', { json: { email: ana.email } });
  await people.close();
}

const nobody = '11111111-1111-4111-8111-111111111111';

/** Who the database is told asks: an account, a person, or whoever presents the hash of a key or token, or a link's code. */
const settings = [
  'account_id',
  'api_key_hash',
  'mcp_token_hash',
  'link_code',
  'user_id',
  'invitation_hash',
] as const;

type Asker = readonly (readonly [setting: string, value: string])[];

async function everyAsker(): Promise<readonly Asker[]> {
  const one = async (column: string, table: string): Promise<string> => {
    const { rows } = await sql<{ value: string }>`
      select ${sql.ref(column)}::text as value from ${sql.table(table)} limit 1`.execute(owner);
    const [first] = rows;
    if (first === undefined) throw new Error(`${table} is empty`);
    return first.value;
  };
  return [
    [['app.account_id', messages.accountId]],
    [['app.account_id', await one('rehearsal_account_id', 'operation.rehearsal')]],
    [['app.api_key_hash', await one('key_hash', 'catalogue.api_key')]],
    [['app.mcp_token_hash', await one('token_hash', 'catalogue.mcp_token')]],
    [['app.link_code', await one('code', 'core.payment_link')]],
    [['app.user_id', await one('user_id', 'catalogue.member')]],
    [['app.invitation_hash', await one('token_hash', 'catalogue.invitation')]],
  ];
}

interface Policy {
  readonly table: string;
  readonly name: string;
  readonly command: string;
  readonly role: string;
  /** Whether the role may ask the table at all: a month of a table is asked through the table. */
  readonly readable: boolean;
}

/** Every policy that bounds a role of the product; the others are of the owner's own work. */
async function policies(): Promise<readonly Policy[]> {
  const { rows } = await sql<Policy>`
    select schemaname || '.' || tablename as "table", policyname as name, cmd as command, role,
           has_table_privilege(role, format('%I.%I', schemaname, tablename), 'select') as readable
      from pg_policies, unnest(roles::text[]) as role
     where schemaname in ('catalogue', 'core', 'operation', 'identity')
       and role in ('tandas_app', 'tandas_system', 'tandas_identity', 'tandas_privacy')
     order by 1, 2`.execute(owner);
  return rows;
}

type Trx = Transaction<Schema>;

/** Runs `work` as a role of the product for whoever asks, with nothing left of another. */
async function as<T>(trx: Trx, role: string, asker: Asker, work: () => Promise<T>): Promise<T> {
  for (const name of settings) {
    await sql`select set_config(${`app.${name}`}, '', true)`.execute(trx);
  }
  for (const [setting, value] of asker) {
    await sql`select set_config(${setting}, ${value}, true)`.execute(trx);
  }
  await sql`set local role ${sql.id(role)}`.execute(trx);
  const result = await work();
  await sql`reset role`.execute(trx);
  return result;
}

async function count(trx: Trx, { role, table }: Policy, asker: Asker): Promise<bigint> {
  return as(trx, role, asker, async () => {
    const { rows } = await sql<{ n: bigint }>`select count(*) as n from ${sql.table(table)}`.execute(trx);
    return rows[0]?.n ?? -1n;
  });
}

/** The code with which PostgreSQL refuses a second row like one that is there: 23505 where it got as far as its key. */
async function insertedAgain(trx: Trx, { role, table }: Policy): Promise<unknown> {
  await sql`savepoint before_insert`.execute(trx);
  try {
    await as(trx, role, askers[0] ?? [], () =>
      table === 'operation.mail'
        ? // Whoever may only write cannot copy a row: the key of one that is there will do.
          sql`insert into operation.mail (dedupe_key, recipient, subject, body) values (${mailKey}, '', '', '')`.execute(
            trx,
          )
        : sql`insert into ${sql.table(table)} select * from ${sql.table(table)}
           where account_id = ${messages.accountId} limit 1`.execute(trx),
    );
    return 'inserted';
  } catch (error) {
    await sql`rollback to savepoint before_insert`.execute(trx);
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

/** Runs `work` in a transaction that is undone, also what it did to the tables themselves. */
async function undone<T>(work: (trx: Trx) => Promise<T>): Promise<T> {
  const ends = new Error('undone');
  const results: T[] = [];
  await owner
    .transaction()
    .execute(async (trx) => {
      results.push(await work(trx));
      throw ends;
    })
    .catch((error: unknown) => {
      if (error !== ends) throw error;
    });
  const [result] = results;
  if (result === undefined) throw new Error('the work gave nothing');
  return result;
}

describe('each policy of row-level security', () => {
  it('lets somebody in: dropped, whoever it is for sees less, or may not write', async () => {
    const needless: string[] = [];
    let dropped = 0;
    for (const policy of await policies()) {
      const { table, name, command, readable } = policy;
      const drop = (trx: Trx) => sql`drop policy ${sql.id(name)} on ${sql.table(table)}`.execute(trx);
      if (command === 'INSERT') {
        const codes = await undone(async (trx) => {
          const before = await insertedAgain(trx, policy);
          await drop(trx);
          return [before, await insertedAgain(trx, policy)];
        });
        dropped += 1;
        if (String(codes) !== '23505,42501') needless.push(`${table} ${name}: ${String(codes)}`);
        continue;
      }
      if (!readable) continue;
      const rows = async (trx: Trx): Promise<string> => {
        const counts: bigint[] = [];
        for (const asker of askers) counts.push(await count(trx, policy, asker));
        return counts.join();
      };
      const [before, after] = await undone(async (trx) => {
        const first = await rows(trx);
        await drop(trx);
        return [first, await rows(trx)] as const;
      });
      dropped += 1;
      if (before === after) needless.push(`${table} ${name}: ${before} rows with it and without`);
    }
    console.log(`policies: ${dropped} dropped, ${dropped - needless.length} missed`);
    expect(needless).toEqual([]);
    expect(dropped).toBeGreaterThan(70);
  });

  it('keeps others out: opened to everybody, a stranger sees rows', async () => {
    const unseen: string[] = [];
    let opened = 0;
    for (const policy of await policies()) {
      const { table, name, role, readable, command } = policy;
      if (role !== 'tandas_app' || !readable || command === 'INSERT') continue;
      const stranger: Asker = [['app.account_id', nobody]];
      const [before, after] = await undone(async (trx) => {
        const first = await count(trx, policy, stranger);
        await sql`alter policy ${sql.id(name)} on ${sql.table(table)} using (true)`.execute(trx);
        return [first, await count(trx, policy, stranger)] as const;
      });
      opened += 1;
      if (after <= before) unseen.push(`${table} ${name}: ${before} rows, ${after} when it is open`);
    }
    console.log(`policies: ${opened} opened, ${opened - unseen.length} seen`);
    expect(unseen).toEqual([]);
    expect(opened).toBeGreaterThan(40);
  });
});
