import { type Kysely, sql } from 'kysely';

/** Which channels fail, of all accounts together: what /health shows to anybody. It names no account. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table operation.channel_health (
      channel text not null check (channel in ('voice', 'message', 'payment_link', 'tool')),
      provider text not null check (length(provider) <= 40),
      fault text not null check (length(fault) <= 40),
      failures bigint not null check (failures > 0),
      -- Of the series that lasts: a failure after a quiet quarter of an hour begins a new one.
      since timestamptz not null default clock_timestamp(),
      last_at timestamptz not null default clock_timestamp(),
      primary key (channel, provider, fault)
    )`.execute(db);
  await sql`grant select, insert, update on operation.channel_health to tandas_app`.execute(db);
}
