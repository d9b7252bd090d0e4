import { type Kysely, sql } from 'kysely';

/** As the library of sign-in makes them (better-auth 1.7.25, `compileMigrations`); a test compares at each upgrade. */
const identityTables = [
  `create table identity."user" ("id" text not null primary key, "name" text not null, "email" text not null unique, "emailVerified" boolean not null, "image" text, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz default CURRENT_TIMESTAMP not null, "twoFactorEnabled" boolean)`,
  `create table identity."session" ("id" text not null primary key, "expiresAt" timestamptz not null, "token" text not null unique, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text, "userId" text not null references identity."user" ("id") on delete cascade)`,
  `create table identity."account" ("id" text not null primary key, "accountId" text not null, "providerId" text not null, "userId" text not null references identity."user" ("id") on delete cascade, "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" timestamptz, "refreshTokenExpiresAt" timestamptz, "scope" text, "password" text, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz not null)`,
  `create table identity."verification" ("id" text not null primary key, "identifier" text not null, "value" text not null, "expiresAt" timestamptz not null, "createdAt" timestamptz default CURRENT_TIMESTAMP not null, "updatedAt" timestamptz default CURRENT_TIMESTAMP not null)`,
  `create table identity."twoFactor" ("id" text not null primary key, "secret" text not null, "backupCodes" text not null, "userId" text not null references identity."user" ("id") on delete cascade, "verified" boolean, "failedVerificationCount" integer, "lockedUntil" timestamptz)`,
  `create index "session_userId_idx" on identity."session" ("userId")`,
  `create index "account_userId_idx" on identity."account" ("userId")`,
  `create index "verification_identifier_idx" on identity."verification" ("identifier")`,
  `create index "twoFactor_secret_idx" on identity."twoFactor" ("secret")`,
  `create index "twoFactor_userId_idx" on identity."twoFactor" ("userId")`,
];

/**
 * People sign in, and are members of accounts. Who they are and how they prove it lives in a schema of its own, which
 * only a role of its own reads: nothing that works for accounts sees a password's hash, and what signs people in sees no
 * debtor.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await identity(db);
  await members(db);
  await mail(db);
  await removedWithRehearsals(db);
}

async function identity(db: Kysely<unknown>): Promise<void> {
  await sql`create schema identity`.execute(db);
  await sql`
    do $$ begin
      create role tandas_identity nologin nosuperuser nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$`.execute(db);
  await sql`grant tandas_identity to current_user`.execute(db);
  await sql`grant usage on schema identity to tandas_identity`.execute(db);
  for (const statement of identityTables) await sql.raw(statement).execute(db);
  // A code of an authenticator is good for half a minute, and only once (RFC 6238, 5.2).
  await sql`
    create table identity.used_code (
      user_id text not null references identity."user" on delete cascade,
      code_hash text not null,
      used_at timestamptz not null default clock_timestamp(),
      primary key (user_id, code_hash)
    )`.execute(db);
  // Signs its person in once, without a password: the local demonstration's.
  await sql`
    create table identity.sign_in_link (
      token_hash text primary key,
      user_id text not null references identity."user" on delete cascade,
      expires_at timestamptz not null,
      used_at timestamptz
    )`.execute(db);
  const tables = ['user', 'session', 'account', 'verification', 'twoFactor', 'used_code', 'sign_in_link'];
  for (const table of tables.map((name) => sql.id('identity', name))) {
    await sql`alter table ${table} enable row level security`.execute(db);
    await sql`alter table ${table} force row level security`.execute(db);
    await sql`create policy sign_in on ${table} to tandas_identity using (true) with check (true)`.execute(
      db,
    );
    await sql`grant select, insert, update, delete on ${table} to tandas_identity`.execute(db);
  }
}

async function members(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalogue.member (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      -- Of identity."user", which is in another room: no reference.
      user_id text not null,
      name text not null,
      email text not null,
      role text not null check (role in ('owner', 'operator', 'agent', 'auditor', 'viewer')),
      created_at timestamptz not null default clock_timestamp(),
      removed_at timestamptz
    )`.execute(db);
  await sql`
    create unique index member_once on catalogue.member (account_id, user_id) where removed_at is null`.execute(
    db,
  );
  await sql`create index member_of_user on catalogue.member (user_id) where removed_at is null`.execute(db);
  await sql`
    create table catalogue.invitation (
      id uuid primary key default gen_random_uuid(),
      account_id uuid not null references catalogue.account,
      email text not null,
      role text not null check (role in ('owner', 'operator', 'agent', 'auditor', 'viewer')),
      token_hash text not null unique,
      invited_by text not null,
      created_at timestamptz not null default clock_timestamp(),
      expires_at timestamptz not null,
      accepted_at timestamptz,
      revoked_at timestamptz
    )`.execute(db);
  await sql`
    create unique index invitation_open on catalogue.invitation (account_id, email)
     where accepted_at is null and revoked_at is null`.execute(db);
  for (const name of ['member', 'invitation']) {
    await owned(db, `catalogue.${name}`, 'select, insert, update');
  }
  // Whoever signs in chooses among their accounts before one is named.
  await sql`
    create policy own_membership on catalogue.member for select to tandas_app
    using (user_id = nullif(current_setting('app.user_id', true), ''))`.execute(db);
  // One statement for each request of somebody who has signed in: a removal holds at once.
  await sql`
    create function catalogue.memberships(wanted_user text)
    returns table (id uuid, account_id uuid, role text, slug text, account_name text, kind text)
    language plpgsql volatile set search_path = pg_catalog as $$
    declare
      one record;
    begin
      perform set_config('app.user_id', wanted_user, true);
      for one in
        select m.id, m.account_id, m.role from catalogue.member m
         where m.user_id = wanted_user and m.removed_at is null order by m.created_at, m.id limit 200
      loop
        -- An account shows itself to its own transactions only.
        perform set_config('app.account_id', one.account_id::text, true);
        return query
          select one.id, one.account_id, one.role, a.slug, a.name, a.kind
            from catalogue.account a where a.id = one.account_id;
      end loop;
      perform set_config('app.account_id', '', true);
      perform set_config('app.user_id', '', true);
    end $$`.execute(db);
  // An invitation shows itself to whoever has its token.
  await sql`
    create policy presented_invitation on catalogue.invitation for select to tandas_app
    using (token_hash = nullif(current_setting('app.invitation_hash', true), ''))`.execute(db);
  await sql`
    create function catalogue.present_invitation(hash text)
    returns table (id uuid, account_id uuid, email text, role text)
    language plpgsql volatile set search_path = pg_catalog as $$
    begin
      perform set_config('app.invitation_hash', hash, true);
      return query
        select i.id, i.account_id, i.email, i.role from catalogue.invitation i
         where i.token_hash = hash and i.accepted_at is null and i.revoked_at is null
           and i.expires_at > clock_timestamp();
      perform set_config('app.invitation_hash', '', true);
    end $$`.execute(db);
  for (const name of ['memberships', 'present_invitation']) {
    const signature = sql.raw(`catalogue.${name}(text)`);
    await sql`revoke all on function ${signature} from public`.execute(db);
    await sql`grant execute on function ${signature} to tandas_app`.execute(db);
  }
}

async function mail(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.mail (
      id uuid primary key default gen_random_uuid(),
      -- Null: of a person and no account, as a link for a forgotten password is.
      account_id uuid references catalogue.account,
      -- Asked for twice, sent once.
      dedupe_key text not null unique,
      recipient text not null,
      subject text not null,
      -- Holds links that open something: emptied when it has been sent, or never will be.
      body text not null,
      state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead')),
      tries integer not null default 0,
      due_at timestamptz not null default clock_timestamp(),
      error text,
      created_at timestamptz not null default clock_timestamp(),
      ended_at timestamptz,
      check ((ended_at is null) = (state = 'waiting'))
    )`.execute(db);
  await sql`create index mail_due on operation.mail (due_at) where state = 'waiting'`.execute(db);
  await sql`create index mail_of_account on operation.mail (account_id, created_at desc, id desc)`.execute(
    db,
  );
  await owned(db, 'operation.mail', 'select, insert');
  await sql`
    create policy system_work on operation.mail to tandas_system using (true) with check (true)`.execute(db);
  await sql`grant select, update on operation.mail to tandas_system`.execute(db);
  // Of links for forgotten passwords, and of nothing else there.
  await sql`grant usage on schema operation to tandas_identity`.execute(db);
  await sql`
    create policy of_a_person on operation.mail for insert to tandas_identity with check (account_id is null)`.execute(
    db,
  );
  await sql`grant insert (dedupe_key, recipient, subject, body) on operation.mail to tandas_identity`.execute(
    db,
  );
}

/** A rehearsal has no people; its account goes only when no table is left out. */
async function removedWithRehearsals(db: Kysely<unknown>): Promise<void> {
  const tables = ['catalogue.invitation', 'catalogue.member', 'operation.mail'];
  for (const table of tables) {
    await sql`
      create policy expired_rehearsal on ${sql.table(table)} to current_user
      using (account_id in (select id from catalogue.account where kind = 'rehearsal')) with check (true)`.execute(
      db,
    );
  }
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  const next = "('core.import_row', 'true'), ";
  const text = before.replace(next, `${next}${tables.map((table) => `('${table}', 'true'), `).join('')}`);
  if (text === before) throw new Error('operation.remove_rehearsal_account does not name core.import_row');
  await sql.raw(text).execute(db);
}

async function owned(db: Kysely<unknown>, name: string, rights: string): Promise<void> {
  const table = sql.table(name);
  await sql`alter table ${table} enable row level security`.execute(db);
  await sql`alter table ${table} force row level security`.execute(db);
  await sql`
    create policy own_account on ${table} to tandas_app
    using (account_id = (select core.current_account()))
    with check (account_id = (select core.current_account()))`.execute(db);
  await sql`grant ${sql.raw(rights)} on ${table} to tandas_app`.execute(db);
}
