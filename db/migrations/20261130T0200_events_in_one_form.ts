import { type Kysely, sql } from 'kysely';

const tables = ['operation.event', 'operation.webhook_delivery'] as const;

/**
 * Events say amounts in whole units with their currency, and names in snake_case. What may still be sent (it waits, or is
 * dead and can be replayed) says it in the new form too: a receiver reads one form, whenever the event happened. What has
 * been delivered stays as it was sent. And endpoints can be deleted.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table catalogue.webhook_endpoint
    -- Its deliveries name it, so its row stays, disabled and without secrets.
    add column deleted_at timestamptz,
    add check (deleted_at is null or disabled_at is not null)`.execute(db);
  // Forced row-level security would hide rows from an owner who is no superuser, and they would keep the old form.
  for (const table of tables)
    await sql`alter table ${sql.table(table)} no force row level security`.execute(db);
  await sql`
    create function pg_temp.money(micros text, unit text) returns jsonb language sql immutable as $$
      select case when micros is null then null else
        jsonb_build_object('amount', trim_scale(micros::numeric / 1000000)::text, 'unit', unit) end $$`.execute(
    db,
  );
  await sql`
    create function pg_temp.in_one_form(type text, subject text, data jsonb) returns jsonb language sql as $$
      select case
        when data ? 'currency' then
          (data - '{total_micros,discount_micros,paid_micros,amount_micros,unallocated_micros,balance_micros,currency}'::text[])
          || jsonb_strip_nulls(jsonb_build_object(
               'total', pg_temp.money(data->>'total_micros', data->>'currency'),
               'discount', pg_temp.money(data->>'discount_micros', data->>'currency'),
               'paid', pg_temp.money(data->>'paid_micros', data->>'currency'),
               'amount', pg_temp.money(data->>'amount_micros', data->>'currency'),
               'unallocated', pg_temp.money(data->>'unallocated_micros', data->>'currency'),
               'balance', pg_temp.money(data->>'balance_micros', data->>'currency'),
               'instalments', (select jsonb_agg((i.one - 'amount_micros')
                                 || jsonb_build_object('amount', pg_temp.money(i.one->>'amount_micros', data->>'currency'))
                                 order by i.place)
                                 from jsonb_array_elements(data->'instalments') with ordinality i (one, place))))
        when type like 'message.%' then
          (data - '{contactId,batchId,agreementId}'::text[])
          || jsonb_build_object('contact_id', data->'contactId', 'batch_id', data->'batchId',
                                'agreement_id', data->'agreementId')
        when type = 'link.clicked' then
          jsonb_build_object('link_id', subject, 'agreement_id', data->'agreementId')
        else data end $$`.execute(db);
  await sql`
    update operation.event e set data = pg_temp.in_one_form(e.type, e.subject, e.data)
     where (e.data ? 'currency' or e.data ? 'contactId' or e.data ? 'agreementId')
       and exists (select from operation.webhook_delivery d where d.event_id = e.id and d.state <> 'delivered')`.execute(
    db,
  );
  for (const table of tables) await sql`alter table ${sql.table(table)} force row level security`.execute(db);
  await sql`drop function pg_temp.in_one_form(text, text, jsonb)`.execute(db);
  await sql`drop function pg_temp.money(text, text)`.execute(db);
}
