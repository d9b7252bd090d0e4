import { type Kysely, sql } from 'kysely';

/**
 * What happens is told to whoever watches. Events get a number behind their commit, by one loop: numbers go up in the order in which
 * transactions ended, which no number taken at the insert does. Beside them hints: something of this kind has changed, look again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // What happened before has the number 0 without a rewrite of the table, and is streamed to nobody.
  await sql`alter table operation.event add column seq bigint default 0`.execute(db);
  await sql`alter table operation.event alter column seq drop default`.execute(db);
  await sql`create index event_unnumbered on operation.event (created_at, id) where seq is null`.execute(db);
  await sql`create index event_stream on operation.event (account_id, seq) where seq > 0`.execute(db);
  await sql`grant update (seq) on operation.event to tandas_system`.execute(db);
  await sql`
    create table operation.hint (
      account_id uuid not null references catalogue.account,
      seq bigint not null,
      type text not null check (type ~ '^([a-z_]+\\.[a-z_]+|reset)$'),
      -- Id of what has changed.
      subject uuid not null,
      created_at timestamptz not null default clock_timestamp(),
      primary key (account_id, seq)
    )`.execute(db);
  await sql`create index hint_age on operation.hint (created_at)`.execute(db);
  // Of no account: the last number that was given, microseconds since 1970 or one more than the one before.
  await sql`
    create table operation.feed_end (
      only_row boolean primary key default true check (only_row),
      seq bigint not null
    )`.execute(db);
  await sql`
    insert into operation.feed_end (seq) select (extract(epoch from clock_timestamp()) * 1000000)::bigint`.execute(
    db,
  );
  await sql`grant select on operation.feed_end to tandas_app, tandas_system`.execute(db);
  await sql`grant update (seq) on operation.feed_end to tandas_system`.execute(db);
  await protect(db);
  await removeExpired(db);
  await announce(db);
}

async function protect(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation.hint enable row level security`.execute(db);
  await sql`alter table operation.hint force row level security`.execute(db);
  await sql`
    create policy own_account on operation.hint for select to tandas_app
    using (account_id = (select core.current_account()))`.execute(db);
  await sql`grant select on operation.hint to tandas_app`.execute(db);
  await sql`create policy system_work on operation.hint to tandas_system using (true) with check (true)`.execute(
    db,
  );
  await sql`grant select, insert, delete on operation.hint to tandas_system`.execute(db);
  // Whose rehearsal moves: its account is another one.
  await sql`create policy system_work on operation.rehearsal for select to tandas_system using (true)`.execute(
    db,
  );
  await sql`grant select (id, account_id, rehearsal_account_id) on operation.rehearsal to tandas_system`.execute(
    db,
  );
}

async function removeExpired(db: Kysely<unknown>): Promise<void> {
  await sql`
    create policy expired_rehearsal on operation.hint to current_user
    using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
    db,
  );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('operation.event', 'true'), ";
  const text = before.replace(next, `('operation.hint', 'true'), ${next}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name operation.event');
  await sql.raw(text).execute(db);
}

/** Which rows, when they change, are worth a look, and by which id. */
const watched: readonly (readonly [table: string, when: string, type: string, id: string])[] = [
  ['core.batch', 'insert', 'batch.changed', 'id'],
  ['core.batch', 'update of state, name', 'batch.changed', 'id'],
  // How far its people have been taken in.
  ['core.batch_import', 'insert or update', 'batch.changed', 'batch_id'],
  ['core.contact', 'update of state, outcome, waiting_for, next_at', 'contact.changed', 'batch_id'],
  // Credits. What calls and messages take is told by their events.
  ['core.ledger_account', 'insert or update of funding_micros', 'balance.changed', 'account_id'],
  ['core.import', 'insert or update', 'import.progress', 'id'],
  ['operation.task', 'insert or update', 'task.changed', 'id'],
  ['operation.rehearsal', 'insert or update', 'rehearsal.progress', 'id'],
];

/**
 * A notification and no row: the call path writes none for those who watch. PostgreSQL drops what a transaction says twice, and
 * delivers at its commit; who was not there to hear it tells everybody to look again.
 */
async function announce(db: Kysely<unknown>): Promise<void> {
  for (const id of new Set(watched.map(([, , , column]) => column))) {
    await sql`
      create function operation.${sql.id(`hint_by_${id}`)}() returns trigger
      language plpgsql set search_path = pg_catalog as $$
      begin
        perform pg_notify('tandas_hints', tg_argv[0] || ' ' || new.account_id || ' ' || new.${sql.id(id)});
        return null;
      end $$`.execute(db);
  }
  for (const [index, [table, when, type, id]] of watched.entries()) {
    const name = sql.id(`hint_${index}_${type.replace('.', '_')}`);
    // An update that changes nothing of it (a variable, a name) is no news. Neither is what an event tells: a call that begins or ends would
    // notify twice more, and PostgreSQL commits whoever notifies one after the other (an attempt took a tenth longer).
    const changed =
      type === 'contact.changed'
        ? sql`when ((old.state, old.outcome, old.waiting_for, old.next_at)
                    is distinct from (new.state, new.outcome, new.waiting_for, new.next_at)
                    and not (new.state = 'calling' or (old.state = 'calling' and new.state = 'waiting')))`
        : sql``;
    await sql`
      create trigger ${name} after ${sql.raw(when)} on ${sql.table(table)}
      for each row ${changed} execute function operation.${sql.id(`hint_by_${id}`)}(${sql.lit(type)})`.execute(
      db,
    );
  }
}
