import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** A row as it is given: instants in ISO 8601, amounts as decimal texts. */
export type ExportedRow = Readonly<Record<string, unknown>>;

const amount = (column: string) => sql`trim_scale(${sql.ref(column)} / 1000000::numeric)::text`;

/** The newest rows first, so that what is cut is the oldest. Each query names its columns: a new one is no secret that leaks. */
const sections = {
  phones: (id) => sql`
    select e164, invalid_at, created_at from core.phone where person_id = ${id} order by position, id`,
  addresses: (id) => sql`
    select channel, value, verified_at, closed_at, created_at from core.person_address
     where person_id = ${id} order by created_at desc, value`,
  contacts: (id) => sql`
    select k.id, b.name as batch, k.state, k.outcome, k.variables, k.opened_at, k.closed_at, k.created_at
      from core.contact k join core.batch b on b.id = k.batch_id
     where k.person_id = ${id} order by k.created_at desc, k.id`,
  debts: (id) => sql`
    select d.id, c.name as creditor, ${amount('d.amount_micros')} as amount, d.currency, d.due_date, d.reference,
           d.created_at
      from core.debt d join catalogue.creditor c on c.id = d.creditor_id
     where d.person_id = ${id} order by d.created_at desc, d.id`,
  calls: (id) => sql`
    select a.id, a.contact_id, a.attempted_at, p.e164 as number, c.state, c.outcome, c.disconnection_reason, c.human,
           c.started_at, c.ended_at, c.duration_ms, c.summary, c.sentiment, c.captured, c.transcript, c.recording_url,
           c.promise_date, ${amount('c.promise_micros')} as promise_amount, a.waived
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
     where a.person_id = ${id} order by a.attempted_at desc, a.id`,
  turns: (id) => sql`
    select t.attempt_id as call_id, t.n, t.role, t.text, t.start_ms, t.end_ms
      from operation.call_turn t join operation.attempt a on a.id = t.attempt_id
     where a.person_id = ${id} and t.text <> '' order by a.attempted_at desc, t.attempt_id, t.n`,
  recordings: (id) => sql`
    select o.attempt_id as call_id, o.state, o.media_type, o.bytes, o.kept_at, o.delete_after
      from core.stored_object o join operation.attempt a on a.id = o.attempt_id
     where a.person_id = ${id} order by a.attempted_at desc, o.attempt_id`,
  in_call_functions: (id) => sql`
    select f.at, f.attempt_id as call_id, f.name, f.args, f.answer, f.refused
      from operation.function_call f join operation.attempt a on a.id = f.attempt_id
     where a.person_id = ${id} order by f.at desc, f.id`,
  messages: (id) => sql`
    select m.id, m.at, m.channel, m.purpose, p.e164 as number, m.requested_by_person, s.state, s.failure,
           (select jsonb_agg(jsonb_build_object('kind', e.kind, 'at', e.at) order by e.id)
              from operation.message_event e where e.message_id = m.id) as events
      from operation.message m
      join core.phone p on p.id = m.phone_id
      left join operation.message_state s on s.message_id = m.id
     where m.person_id = ${id} order by m.at desc, m.id`,
  agreements: (id) => sql`
    select g.id, g.kind, g.state, ${amount('g.total_micros')} as total, ${amount('g.discount_micros')} as discount,
           g.currency, g.source, g.made_at, g.resolved_at,
           (select jsonb_agg(jsonb_build_object('due_date', i.due_date,
                                                'amount', trim_scale(i.amount_micros / 1000000::numeric)::text)
                             order by i.number)
              from core.agreement_instalment i where i.agreement_id = g.id) as instalments,
           (select jsonb_agg(jsonb_build_object('title', l.title, 'clicks', l.clicks, 'created_at', l.created_at)
                             order by l.created_at)
              from core.payment_link l where l.agreement_id = g.id) as links
      from core.agreement g where g.person_id = ${id} order by g.made_at desc, g.id`,
  payments: (id) => sql`
    select id, external_id, source, kind, ${amount('amount_micros')} as amount, currency, paid_at, reference, created_at
      from core.payment where person_id = ${id} order by created_at desc, id`,
  wishes: (id) => sql`
    select r.at, r.source, r.requested_by, r.wish, r.result, r.rule, r.agreed_at
      from operation.reschedule_request r join core.contact k on k.id = r.contact_id
     where k.person_id = ${id} order by r.at desc, r.id`,
  tasks: (id) => sql`
    select kind, state, context, note, resolution, opened_at, resolved_at from operation.task
     where person_id = ${id} order by opened_at desc, id`,
  stops: (id) => sql`
    select at, actor, action, detail from operation.audit
     where subject = ${id}::text and action like 'person.%' order by at desc, id`,
  do_not_contact: (id) => sql`
    select x.key, x.reason, x.source, x.created_at, x.lifted_at from core.do_not_contact x
     where x.key = (select identity_key from core.person where id = ${id})
        or x.key in (select kind || f.e164 from core.phone f, unnest(array['tel:', 'whatsapp:']) kind
                      where f.person_id = ${id})
     order by x.created_at desc, x.key`,
  requests: (id) => sql`
    select id, kind, channel, own_id, details, received_at, due_at, extended_at, extension_reason, answered_at, answer,
           answer_text
      from core.privacy_request where person_id = ${id} order by received_at desc, id`,
  rows_of_files: (id) => sql`
    select i.file_name, r.sheet, r.sheet_row as "row", r.name, r.phones, r.email, r.region, r.creditor,
           ${amount('r.amount_micros')} as amount, r.currency, r.due_date, r.reference, r.variables, i.created_at
      from core.import_row r join core.import i on i.id = r.import_id
     where r.identity_key = (select identity_key from core.person where id = ${id})
     order by i.created_at desc, r.import_id, r.ordinal`,
} as const satisfies Readonly<Record<string, (id: string) => RawBuilder<unknown>>>;

export type ExportSection = keyof typeof sections;

export const exportSections = Object.keys(sections).filter((name): name is ExportSection =>
  Object.hasOwn(sections, name),
);

/** The newest rows of one section. */
export async function exportRows(
  trx: Trx,
  section: ExportSection,
  { personId, most }: { readonly personId: string; readonly most: number },
): Promise<readonly ExportedRow[]> {
  const { rows } = await sql<{ row: ExportedRow }>`
    select to_jsonb(x) as "row" from (${sections[section](personId)} limit ${most}) x`.execute(trx);
  return rows.map(({ row }) => row);
}

/** Who the person is. */
export async function exportIdentity(trx: Trx, personId: string): Promise<ExportedRow | undefined> {
  const { rows } = await sql<{ row: ExportedRow }>`
    select to_jsonb(x) as "row" from (
      select id, national_id, name, country, region, zone, created_at, do_not_call_at, stopped_at, stop_reason,
             blocked_at, erased_at
        from core.person where id = ${personId}) x`.execute(trx);
  return rows[0]?.row;
}
