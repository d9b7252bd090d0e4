import { type RawBuilder, sql } from 'kysely';

/**
 * Do-not-contact, defined once: whoever asked for it, whoever is on the account's list by national id, and whoever has
 * no number left that is not on it. Gates of calls and messages, reschedules, retries, inbound wishes and explanations
 * all ask here: what one of them agrees to, no other refuses.
 */
export function isUnwanted(person: string): RawBuilder<boolean> {
  const of = (column: string): RawBuilder<unknown> => sql.ref(`${person}.${column}`);
  return sql<boolean>`(${of('do_not_call_at')} is not null
    or exists (select from core.do_not_contact x
                where x.account_id = ${of('account_id')} and x.key = ${of('identity_key')} and x.lifted_at is null)
    or (select bool_and(exists (select from core.do_not_contact x
                                 where x.account_id = f.account_id and x.key = 'tel:' || f.e164 and x.lifted_at is null))
          from core.phone f where f.person_id = ${of('id')} and f.invalid_at is null) is true)`;
}

/** The number itself is on the list, whosever it is. */
export function isNumberUnwanted(phone: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from core.do_not_contact x
    where x.account_id = ${sql.ref(`${phone}.account_id`)} and x.key = 'tel:' || ${sql.ref(`${phone}.e164`)}
      and x.lifted_at is null)`;
}
