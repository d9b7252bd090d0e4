import { type Kysely, sql } from 'kysely';

/**
 * Recordings of calls lie in our own store: the provider's link ends after a day. One row each, which is also its queue:
 * fetched, kept until an instant, removed. What the provider still has of an erased person is removed there, and what was
 * said is kept turn by turn, with its times in the recording.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table core.stored_object (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      kind text not null check (kind in ('recording')),
      attempt_id uuid not null references operation.attempt,
      provider_call_id text not null,
      -- Where it lies in the store, once it is kept.
      key text not null unique,
      state text not null default 'waiting' check (state in ('waiting', 'kept', 'lost', 'removed')),
      -- The provider's link. Null: not needed any more.
      source_url text,
      tries integer not null default 0 check (tries >= 0),
      -- When something is to be done with it: fetched, or removed. Null: nothing.
      next_try_at timestamptz default clock_timestamp(),
      last_fault text check (last_fault ~ '^[a-z_]{1,40}$'),
      media_type text,
      sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
      bytes bigint check (bytes >= 0),
      kept_at timestamptz,
      delete_after timestamptz,
      erased_at timestamptz,
      removed_at timestamptz,
      created_at timestamptz not null default clock_timestamp(),
      unique (attempt_id, kind),
      check (state <> 'kept' or (media_type is not null and sha256 is not null and bytes is not null
                                 and kept_at is not null and delete_after is not null)),
      check (state <> 'removed' or removed_at is not null)
    )`.execute(db);
  await sql`create index stored_object_due on core.stored_object (account_id, next_try_at)
            where next_try_at is not null`.execute(db);
  // What watchers count: the recordings that are kept are the bulk.
  await sql`create index stored_object_waiting on core.stored_object (created_at) where state = 'waiting'`.execute(
    db,
  );
  await sql`create index stored_object_failing on core.stored_object (tries)
            where last_fault is not null and next_try_at is not null`.execute(db);
  await sql`
    create table operation.call_turn (
      account_id uuid not null references catalogue.account,
      attempt_id uuid not null references operation.attempt,
      n integer not null check (n > 0),
      role text not null check (role in ('agent', 'person', 'transfer')),
      text text not null,
      -- From the beginning of the call, as in its recording. Null: the provider told no times.
      start_ms integer check (start_ms >= 0),
      end_ms integer check (end_ms >= start_ms),
      primary key (attempt_id, n)
    )`.execute(db);
  await sql`
    create table operation.provider_removal (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      provider_call_id text not null,
      requested_at timestamptz not null default clock_timestamp(),
      tries integer not null default 0 check (tries >= 0),
      -- Null: it is gone there.
      next_try_at timestamptz default clock_timestamp(),
      last_fault text check (last_fault ~ '^[a-z_]{1,40}$'),
      gone_at timestamptz,
      unique (account_id, provider_call_id),
      check ((gone_at is null) = (next_try_at is not null))
    )`.execute(db);
  await sql`create index provider_removal_due on operation.provider_removal (account_id, next_try_at)
            where next_try_at is not null`.execute(db);
  await rights(db);
  await erased(db);
  await removedWithRehearsals(db);
}

const tables = ['core.stored_object', 'operation.call_turn', 'operation.provider_removal'] as const;

async function rights(db: Kysely<unknown>): Promise<void> {
  for (const table of tables) {
    await sql`alter table ${sql.table(table)} enable row level security`.execute(db);
    await sql`alter table ${sql.table(table)} force row level security`.execute(db);
    await sql`
      create policy own_account on ${sql.table(table)} to tandas_app
      using (account_id = (select core.current_account()))
      with check (account_id = (select core.current_account()))`.execute(db);
    await sql`grant select, insert on ${sql.table(table)} to tandas_app`.execute(db);
  }
  // Both are queues; what was said is nobody's work.
  for (const table of ['core.stored_object', 'operation.provider_removal'] as const) {
    await sql`create policy system_work on ${sql.table(table)} to tandas_system using (true) with check (true)`.execute(
      db,
    );
    await sql`grant select, update on ${sql.table(table)} to tandas_system`.execute(db);
  }
}

const changed = {
  'core.stored_object': ['source_url', 'erased_at', 'next_try_at'],
  'operation.call_turn': ['text'],
} as const;

async function erased(db: Kysely<unknown>): Promise<void> {
  for (const [table, columns] of Object.entries(changed)) {
    await sql`
      create policy privacy_work on ${sql.table(table)} to tandas_privacy
      using (account_id = any ((select core.privacy_accounts())::uuid[]))
      with check (account_id = any ((select core.privacy_accounts())::uuid[]))`.execute(db);
    const list = sql.join(columns.map((column) => sql.id(column)));
    await sql`grant update (${list}) on ${sql.table(table)} to tandas_privacy`.execute(db);
    await sql`grant select on ${sql.table(table)} to tandas_privacy`.execute(db);
  }
}

async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  for (const table of tables)
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('operation.link_click', 'true'), ";
  const steps = tables.map((table) => `('${table}', 'true')`).join(', ');
  const text = before.replace(next, `${steps}, ${next}`);
  if (text === before)
    throw new Error('operation.remove_rehearsal_account does not name operation.link_click');
  await sql.raw(text).execute(db);
}
