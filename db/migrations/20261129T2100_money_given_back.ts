import { type Kysely, sql } from 'kysely';

const read = ['core.payment', 'core.agreement', 'catalogue.account'] as const;

/**
 * A payment may be given back in parts, and be booked again; what was forgiven names its agreement. Numbers of payments
 * are theirs alone: a reversal, a second booking and what an agreement forgives have none of an account's own systems.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table core.payment
      -- The payment (or write-off) that this row books again, after it had been taken back.
      add column restores_id uuid references core.payment,
      -- What was agreed: the link that was paid, or whose discount was earned. Money of it goes to its creditors only.
      add column agreement_id uuid references core.agreement,
      add check (restores_id is null or kind in ('payment', 'write_off'))`.execute(db);
  for (const table of read)
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
  await sql`
    update core.payment p set agreement_id = g.id
      from core.agreement g
     where p.kind = 'write_off' and p.source = 'agreement' and p.account_id = g.account_id
       and p.external_id = 'agreement:' || g.id::text`.execute(db);
  for (const table of read) await sql`alter table ${sql.table(table)} force row level security`.execute(db);
  await sql`alter table core.payment drop constraint payment_account_id_external_id_key`.execute(db);
  await sql`
    create unique index payment_number on core.payment (account_id, external_id)
     where kind = 'payment' and restores_id is null`.execute(db);
  await sql`
    create unique index payment_forgiven_once on core.payment (agreement_id)
     where kind = 'write_off' and restores_id is null`.execute(db);
  // Its index was that a payment is taken back once: now the sum is bounded, under the person's lock.
  await sql`drop index core.payment_reversed_once`.execute(db);
  await sql`
    create unique index payment_correction on core.payment (coalesce(reverses_id, restores_id), external_id)
     where coalesce(reverses_id, restores_id) is not null`.execute(db);
  await removeExpired(db);
}

const ofPayments =
  "('core.payment_allocation', 'true'), ('core.payment', 'reverses_id is not null'), ('core.payment', 'true'), ";
const ofAgreements = "('core.agreement_instalment', 'true'), ";

/** A payment names its agreement now, so it goes before it. */
async function removeExpired(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ text: string }>`
    select pg_get_functiondef('operation.remove_rehearsal_account(uuid, integer)'::regprocedure) as text`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  if (!before.includes(ofPayments) || !before.includes(ofAgreements)) {
    throw new Error('operation.remove_rehearsal_account does not remove payments and agreements as expected');
  }
  const moved = ofPayments.replace(
    "'reverses_id is not null'",
    "'coalesce(reverses_id, restores_id) is not null'",
  );
  const text = before.replace(ofPayments, '').replace(ofAgreements, `${moved}${ofAgreements}`);
  await sql.raw(text).execute(db);
}
