import { type Kysely, sql } from 'kysely';

/** Every table with rows of an account, those that refer before those that are referred to; the account itself comes last. */
const steps: readonly (readonly [table: string, which?: string])[] = [
  ['operation.link_click'],
  ['operation.message_state'],
  ['operation.message_event'],
  ['operation.webhook_delivery'],
  ['operation.event'],
  ['operation.tool_call'],
  ['operation.function_call'],
  ['operation.attempt_event'],
  ['operation.reschedule_request'],
  ['operation.task'],
  ['operation.refusal'],
  ['operation.call'],
  ['operation.outbox'],
  ['operation.idempotency_key'],
  ['operation.mcp_request'],
  ['operation.provider_event'],
  ['operation.audit'],
  // A ring: a hold is for a message, which is about an agreement, of an attempt, on a line, which has a hold.
  ['core.ledger_hold', 'message_id is not null'],
  ['operation.message'],
  ['core.payment_link'],
  ['core.agreement_instalment'],
  ['core.agreement'],
  ['operation.attempt'],
  ['core.line_lease'],
  ['core.ledger_hold'],
  ['core.line_request'],
  ['core.payment_allocation'],
  ['core.payment', 'reverses_id is not null'],
  ['core.payment'],
  ['core.debt'],
  ['core.person_message'],
  ['core.person_address'],
  ['core.phone'],
  ['core.contact'],
  ['core.person'],
  ['core.ledger_entry'],
  ['core.ledger_transaction'],
  ['core.ledger_account'],
  ['core.do_not_contact'],
  ['core.batch'],
  ['core.import_row'],
  // A rehearsal asks for none; should one have, it goes before its import.
  ['operation.rehearsal'],
  ['core.import'],
  ['catalogue.creditor'],
  ['catalogue.tool_binding'],
  ['catalogue.mcp_server'],
  ['catalogue.mcp_token'],
  ['catalogue.secret'],
  ['catalogue.webhook_endpoint'],
  ['catalogue.negotiation'],
  ['catalogue.message_tariff'],
  ['catalogue.tariff'],
  ['catalogue.channel'],
  ['catalogue.holiday'],
  ['catalogue.api_key'],
  ['catalogue.account_rule_pack'],
  ['catalogue.account_pool'],
];

/** What a rehearsal left goes after seven days. Its row stays, and says that it has been. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table operation.rehearsal alter column rehearsal_account_id drop not null`.execute(db);
  await openToOwner(db);
  const order = steps.map(([table, which]) => sql`(${sql.lit(table)}, ${sql.lit(which ?? 'true')})`);
  await sql`
    create function operation.remove_rehearsal_account(expired uuid, most integer) returns boolean
    language plpgsql security definer set search_path = pg_catalog as $$
    declare
      step record;
      gone integer;
      room integer := most;
    begin
      -- A customer's account, asked for by mistake, must not lose a row.
      perform from catalogue.account
        where id = expired and kind = 'rehearsal' and created_at < now() - interval '7 days' for update;
      if not found then
        raise exception 'account % is not that of a rehearsal older than 7 days', expired;
      end if;
      -- First: a look between two portions would take what is left for all that there was. The report holds names as well.
      update operation.rehearsal set rehearsal_account_id = null, report = null where rehearsal_account_id = expired;
      for step in select s.name, s.which from (values ${sql.join(order)}) as s (name, which) loop
        -- The ctid of another partition may be the same: it is a row of the same account.
        execute format(
          'delete from %1$s where account_id = $1 and %2$s and ctid = any (array(
             select ctid from %1$s where account_id = $1 and %2$s limit $2))', step.name, step.which)
          using expired, room;
        get diagnostics gone = row_count;
        room := room - gone;
        if room <= 0 then
          return false;
        end if;
      end loop;
      delete from catalogue.account where id = expired;
      return true;
    end $$`.execute(db);
  await sql`revoke all on function operation.remove_rehearsal_account(uuid, integer) from public`.execute(db);
  await sql`grant execute on function operation.remove_rehearsal_account(uuid, integer) to tandas_system`.execute(
    db,
  );
}

/** Forced row-level security binds an owner who is no superuser: the function would see, and remove, nothing. */
async function openToOwner(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ owner: string }>`select current_user as owner`.execute(db);
  const owner = sql.id(rows[0]?.owner ?? '');
  await sql`
    create policy expired_rehearsal on catalogue.account to ${owner} using (kind = 'rehearsal')`.execute(db);
  for (const table of new Set(steps.map(([name]) => name))) {
    const itsOwn =
      table === 'operation.rehearsal'
        ? sql`rehearsal_account_id in (select id from catalogue.account where kind = 'rehearsal')
              or account_id in (select id from catalogue.account where kind = 'rehearsal')`
        : sql`account_id in (select id from catalogue.account where kind = 'rehearsal')`;
    await sql`create policy expired_rehearsal on ${sql.table(table)} to ${owner} using (${itsOwn}) with check (true)`.execute(
      db,
    );
  }
}
