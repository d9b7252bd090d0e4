import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { OfPerson } from './queries-erase.ts';
import { patternOf } from './rules/traces.ts';

export interface PersonToErase {
  readonly id: string;
  readonly identity_key: string;
  readonly national_id: string | null;
  readonly name: string;
  readonly erased_at: Date | null;
}

/** Locked: whoever is about to reach the person comes before, and is seen, or behind, and sees that they are gone. */
export async function lockToErase(trx: Trx, personId: string): Promise<PersonToErase | undefined> {
  return trx
    .selectFrom('core.person')
    .select(['id', 'identity_key', 'national_id', 'name', 'erased_at'])
    .where('id', '=', personId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/**
 * Whether something is under way with a person that will be written down: a call, a line that was granted for one, a call that
 * the provider has not told all of, or a message that is being sent.
 */
export async function isUnderWay(trx: Trx, personId: string): Promise<boolean> {
  const { rows } = await sql<{ under_way: boolean }>`
    with k as materialized (select id from core.contact where person_id = ${personId})
    select exists (
             select from operation.call c join k on k.id = c.contact_id
              where c.state in ('placing', 'placed', 'unknown')
                 or (c.state = 'ended' and c.analysed_at is null and c.check_at is not null))
        or exists (
             select from core.line_lease l join k on k.id = l.contact_id
              where l.released_at is null and (l.attempt_id is not null or l.expires_at > clock_timestamp()))
        or exists (
             select from operation.message m join operation.message_state s on s.message_id = m.id
              where m.person_id = ${personId} and s.state = 'sending') as under_way`.execute(trx);
  return rows[0]?.under_way ?? false;
}

/** Other people of the account who have one of a person's numbers: theirs stays with them. */
export async function othersOfNumbers(trx: Trx, personId: string): Promise<readonly string[]> {
  const { rows } = await sql<{ person_id: string }>`
    select distinct o.person_id from core.phone f join core.phone o on o.e164 = f.e164 and o.person_id <> f.person_id
     where f.person_id = ${personId} and o.account_id = core.current_account() order by 1 limit 100`.execute(
    trx,
  );
  return rows.map(({ person_id }) => person_id);
}

interface Gathered {
  readonly people: string[];
  readonly names: string[];
  readonly phones: string[];
  readonly emails: string[];
  readonly contacts: string[];
  readonly attempts: string[];
  readonly messages: string[];
  readonly agreements: string[];
  readonly others: string[];
  readonly providers: string[];
  readonly calls: string[];
}

/** All that is a person's, with the same person in the rehearsals of the account. As `tandas_privacy`. */
export async function gather(
  trx: Trx,
  person: PersonToErase,
): Promise<OfPerson & { readonly phones: readonly string[]; readonly calls: readonly string[] }> {
  const { rows } = await sql<Gathered>`
    with p as materialized (select id, name from core.person where identity_key = ${person.identity_key}),
         k as materialized (select id from core.contact where person_id in (select id from p)),
         a as materialized (select id from operation.attempt where contact_id in (select id from k)),
         m as materialized (select id from operation.message where person_id in (select id from p)),
         g as materialized (select id from core.agreement where person_id in (select id from p)),
         f as materialized (select e164 from core.phone where person_id in (select id from p)),
         w as materialized (select provider_message_id as id from operation.message_state
                             where message_id in (select id from m) and provider_message_id is not null)
    select array(select id::text from p) as people,
           array(select name from p union
                 select name from core.import_row where identity_key = ${person.identity_key}) as names,
           array(select e164 from f union
                 select unnest(phones) from core.import_row where identity_key = ${person.identity_key}) as phones,
           array(select value from core.person_address where person_id in (select id from p) union
                 select email from core.import_row
                  where identity_key = ${person.identity_key} and email is not null) as emails,
           array(select id::text from k) as contacts,
           array(select id::text from a) as attempts,
           array(select id::text from m) as messages,
           array(select id::text from g) as agreements,
           array(select id::text from operation.task where person_id in (select id from p) union
                 select id::text from core.payment where person_id in (select id from p) union
                 select id::text from core.payment_link where agreement_id in (select id from g) union
                 select id::text from core.privacy_request where person_id in (select id from p)) as others,
           array(select provider_call_id from operation.call
                  where contact_id in (select id from k) and provider_call_id is not null
                    and account_id = core.current_account()) as calls,
           array(select provider_call_id from operation.call
                  where contact_id in (select id from k) and provider_call_id is not null union
                 select id from w union
                 select ltrim(e164, '+') from f union select e164 from f) as providers`.execute(trx);
  const [all] = rows;
  if (all === undefined) throw new Error('a statement without a table answered no row');
  const { people, contacts, attempts, messages, agreements, others, providers, calls, phones, emails } = all;
  return {
    people,
    contacts,
    attempts,
    messages,
    agreements,
    providers,
    calls,
    phones,
    subjects: [...people, ...contacts, ...attempts, ...messages, ...agreements, ...others],
    keys: [person.identity_key],
    nationalId: person.national_id ?? person.identity_key,
    pattern: patternOf({ nationalId: person.national_id, phones, emails, names: all.names }),
  };
}
