import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';

/** One line of the register of contacts with a person, as the database has it. */
export interface RegisterRow {
  readonly at: Date;
  readonly kind: 'call' | 'refusal' | 'message' | 'request';
  /** Of the attempt, the refusal, the message, or the audit row of what the person asked. */
  readonly reference: string;
  readonly channel: string;
  readonly number: string | null;
  readonly state: string | null;
  readonly outcome: string | null;
  readonly disconnection_reason: string | null;
  readonly human: boolean | null;
  readonly duration_ms: number | null;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly pack: string | null;
  readonly batch: string | null;
  readonly contact_id: string | null;
  /** The person asked for it themselves. */
  readonly requested: boolean;
  /** Rules that did not hold because they did. */
  readonly waived: readonly string[];
  /** Why the channel did not carry it; of a rejected call the provider's reason. */
  readonly failure: string | null;
}

export interface RegisterPerson {
  readonly id: string;
  readonly name: string;
  readonly national_id: string | null;
  readonly country: string;
}

export async function findRegisterPerson(
  trx: Trx,
  by: { readonly id: string } | { readonly nationalId: string },
): Promise<RegisterPerson | undefined> {
  const people = trx.selectFrom('core.person').select(['id', 'name', 'national_id', 'country']);
  const found = 'id' in by ? people.where('id', '=', by.id) : people.where('national_id', '=', by.nationalId);
  return found.executeTakeFirst();
}

/** Every attempt, refused turn and message of one person, and when their data were blocked, oldest first. */
export async function readRegister(trx: Trx, personId: string): Promise<readonly RegisterRow[]> {
  const { rows } = await sql<RegisterRow>`
    select a.attempted_at as at, 'call' as kind, a.id::text as reference, 'phone' as channel,
           -- Of a person who was erased, which of their numbers it was.
           case when p.e164 like 'erased:%' then '…' || right(p.e164, 2) else p.e164 end as number,
           c.state, c.outcome, c.disconnection_reason, c.human, c.duration_ms, null as reason, null as rule,
           b.pack_key || '@' || b.pack_version as pack, b.name as batch, a.contact_id::text as contact_id,
           a.rescheduled and coalesce((
             select w.requested_by from operation.reschedule_request w
              where w.contact_id = a.contact_id and w.slot_key = a.wave_key and w.result = 'agreed'
              order by w.id desc limit 1), 'person') = 'person' as requested, a.waived,
           case when c.state = 'rejected' then (
             select e.detail ->> 'reason' from operation.attempt_event e
              where e.account_id = a.account_id and e.attempt_id = a.id and e.kind = 'rejected'
              order by e.id desc limit 1) end as failure
      from operation.attempt a
      join operation.call c on c.attempt_id = a.id
      join core.phone p on p.id = a.phone_id
      join core.batch b on b.id = a.batch_id
     where a.person_id = ${personId}
    union all
    select r.at, 'refusal', r.id::text, coalesce(r.detail ->> 'channel', case when r.wave_key = 'message' then 'whatsapp' else 'phone' end), null, null, null, null, null, null,
           r.reason, r.rule, b.pack_key || '@' || b.pack_version, b.name, r.contact_id::text, false, '{}'::text[], null
      from operation.refusal r
      join core.contact k on k.id = r.contact_id
      join core.batch b on b.id = r.batch_id
     where k.person_id = ${personId}
    union all
    select m.counted_at, 'message', m.id::text, m.channel, null,
           case when m.undone_at is null then 'sent' else 'not_sent' end, null, null, null, null, null, null, null,
           null, null, m.requested, '{}'::text[],
           (select e.detail ->> 'fault' from operation.message_event e
             where e.message_id = m.id and e.kind = 'failed' order by e.id desc limit 1)
      from core.person_message m
     where m.person_id = ${personId}
    union all
    select x.at, 'request', x.id::text, x.actor, null, null, null, null, null, null,
           case x.action when 'person.blocked' then 'blocked' else 'block_lifted' end, x.detail ->> 'reason',
           null, null, null, true, '{}'::text[], null
      from operation.audit x
     where x.subject = ${personId}::text and x.action in ('person.blocked', 'person.block_lifted')
     order by at, kind, reference`.execute(trx);
  return rows;
}
