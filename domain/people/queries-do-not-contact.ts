import { type RawBuilder, sql } from 'kysely';

/**
 * Do-not-contact, defined once: whoever asked for it, whoever is on the account's list by national id, and whoever has
 * numbers on it and none left besides. Gates of calls and messages, reschedules, retries, inbound wishes and explanations
 * all ask here: what one of them agrees to, no other refuses.
 */
export function isUnwanted(person: string): RawBuilder<boolean> {
  const of = (column: string): RawBuilder<unknown> => sql.ref(`${person}.${column}`);
  return sql<boolean>`(${of('do_not_call_at')} is not null
    or exists (select from core.do_not_contact x
                where x.account_id = ${of('account_id')} and x.key = ${of('identity_key')} and x.lifted_at is null)
    or (select count(*) filter (where n.listed) > 0 and count(*) filter (where not n.listed and n.usable) = 0
          from (select f.invalid_at is null as usable,
                       exists (select from core.do_not_contact x
                                where x.account_id = f.account_id and x.key = 'tel:' || f.e164
                                  and x.lifted_at is null) as listed
                  from core.phone f where f.person_id = ${of('id')}) n))`;
}

/** The number itself is on the list, whosever it is. */
export function isNumberUnwanted(phone: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from core.do_not_contact x
    where x.account_id = ${sql.ref(`${phone}.account_id`)} and x.key = 'tel:' || ${sql.ref(`${phone}.e164`)}
      and x.lifted_at is null)`;
}
