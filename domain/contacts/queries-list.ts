import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';

export interface ContactListRow {
  readonly id: string;
  readonly batch_id: string;
  readonly person_id: string;
  readonly ordinal: number;
  readonly state: ContactState;
  readonly outcome: string | null;
  readonly waiting_for: string;
  readonly next_at: Date | null;
  readonly attempts: number;
  readonly run: number;
  readonly opened_at: Date | null;
  readonly closed_at: Date | null;
  readonly name: string;
  readonly national_id: string | null;
  readonly account_slug: string;
  readonly batch_slug: string;
  readonly batch_state: BatchState;
}

export interface ContactFilter {
  readonly batchId?: string | undefined;
  readonly state?: ContactState | undefined;
  readonly outcome?: string | undefined;
  /** Any of these. */
  readonly states?: readonly ContactState[] | undefined;
  readonly outcomes?: readonly string[] | undefined;
  /** None of these. */
  readonly otherThan?: readonly string[] | undefined;
  /** In its canonical spelling. */
  readonly nationalId?: string | undefined;
  /** Id of the last contact of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Contacts of the account by batch, in the order of the file. */
export async function listContacts(trx: Trx, filter: ContactFilter): Promise<readonly ContactListRow[]> {
  let query = selectContacts(trx);
  if (filter.batchId !== undefined) query = query.where('k.batch_id', '=', filter.batchId);
  if (filter.state !== undefined) query = query.where('k.state', '=', filter.state);
  if (filter.outcome !== undefined) query = query.where('k.outcome', '=', filter.outcome);
  if (filter.states !== undefined) query = query.where('k.state', 'in', [...filter.states]);
  if (filter.outcomes !== undefined) query = query.where('k.outcome', 'in', [...filter.outcomes]);
  if (filter.otherThan !== undefined) query = query.where('k.outcome', 'not in', [...filter.otherThan]);
  if (filter.nationalId !== undefined) query = query.where('s.national_id', '=', filter.nationalId);
  if (filter.after !== undefined) {
    const { after } = filter;
    const place = {
      table: 'core.contact',
      as: 'k',
      by: ['batch_id', 'ordinal'],
      order: 'asc',
      after,
    } as const;
    query = query.where(isBehind(place));
  }
  return query.orderBy('k.batch_id').orderBy('k.ordinal').limit(filter.limit).execute();
}

export async function findContact(trx: Trx, contactId: string): Promise<ContactListRow | undefined> {
  return selectContacts(trx).where('k.id', '=', contactId).executeTakeFirst();
}

function selectContacts(trx: Trx) {
  return trx
    .selectFrom('core.contact as k')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('catalogue.account as a', 'a.id', 'k.account_id')
    .select([
      'a.slug as account_slug',
      'b.slug as batch_slug',
      'b.state as batch_state',
      'k.id',
      'k.batch_id',
      'k.person_id',
      'k.ordinal',
      'k.state',
      'k.outcome',
      'k.waiting_for',
      'k.next_at',
      'k.attempts',
      'k.run',
      'k.opened_at',
      'k.closed_at',
      's.name',
      's.national_id',
    ]);
}

/** Most rows of one kind in a contact's history: many times what a policy allows. */
export const historyLimit = 500;

export async function readPerson(trx: Trx, personId: string) {
  return trx.selectFrom('core.person').selectAll().where('id', '=', personId).executeTakeFirstOrThrow();
}

export async function readPhones(trx: Trx, personId: string) {
  return trx
    .selectFrom('core.phone')
    .select(['id', 'e164', 'invalid_at'])
    .where('person_id', '=', personId)
    .orderBy('position')
    .orderBy('id')
    .limit(historyLimit)
    .execute();
}

export async function readDebts(trx: Trx, contactId: string) {
  return (
    trx
      .selectFrom('core.debt as d')
      .innerJoin('catalogue.creditor as c', 'c.id', 'd.creditor_id')
      // Of a debt that was loaded again since there is no balance: the newer row has it.
      .leftJoin('core.current_debt as o', (join) =>
        join.onRef('o.person_id', '=', 'd.person_id').onRef('o.id', '=', 'd.id'),
      )
      .select([
        'd.id',
        'o.balance_micros',
        'c.name as creditor',
        'd.amount_micros',
        'd.currency',
        'd.due_date',
        'd.reference',
        'd.sheet_row',
      ])
      .where('d.contact_id', '=', contactId)
      // Oldest first: the order in which payments are allocated.
      .orderBy('d.due_date')
      .orderBy('d.sheet_row')
      .limit(historyLimit)
      .execute()
  );
}

/** Every wish for another time, with its answer. */
export async function readWishes(trx: Trx, contactId: string) {
  return trx
    .selectFrom('operation.reschedule_request')
    .select(['attempt_id', 'source', 'requested_by', 'result', 'rule', 'agreed_at', 'at'])
    .select(sql<string>`id::text`.as('request_id'))
    .where('contact_id', '=', contactId)
    .orderBy('at')
    .limit(historyLimit)
    .execute();
}

/** Every dial of a contact with what became of it. */
export async function readAttempts(trx: Trx, contactId: string) {
  return attempts(trx)
    .where('a.contact_id', '=', contactId)
    .orderBy('a.attempted_at')
    .limit(historyLimit)
    .execute();
}

/** One dial with what became of it. */
export async function readAttempt(trx: Trx, attemptId: string) {
  return attempts(trx).where('a.id', '=', attemptId).executeTakeFirst();
}

function attempts(trx: Trx) {
  return trx
    .selectFrom('operation.attempt as a')
    .innerJoin('operation.call as c', 'c.attempt_id', 'a.id')
    .innerJoin('core.phone as p', 'p.id', 'a.phone_id')
    .selectAll('c')
    .select(['a.number', 'a.wave_key', 'a.rescheduled', 'a.zone', 'a.local_day', 'a.attempted_at', 'p.e164']);
}

export async function readAttemptEvents(trx: Trx, contactId: string) {
  return trx
    .selectFrom('operation.attempt_event as e')
    .innerJoin('operation.attempt as a', 'a.id', 'e.attempt_id')
    .select(['e.attempt_id', 'e.kind', 'e.detail', 'e.at'])
    .where('a.contact_id', '=', contactId)
    .orderBy('e.id')
    .limit(historyLimit)
    .execute();
}

export async function readRefusals(trx: Trx, contactId: string) {
  return trx
    .selectFrom('operation.refusal')
    .select(['wave_key', 'reason', 'rule', 'at'])
    .where('contact_id', '=', contactId)
    .orderBy('at')
    .limit(historyLimit)
    .execute();
}

export async function readAudit(trx: Trx, subject: string) {
  return trx
    .selectFrom('operation.audit')
    .select(['actor', 'action', 'detail', 'at'])
    .where('subject', '=', subject)
    .orderBy('at')
    .limit(historyLimit)
    .execute();
}

export type WishRow = Awaited<ReturnType<typeof readWishes>>[number];
export type AttemptRow = Awaited<ReturnType<typeof readAttempts>>[number];
export type AttemptEventRow = Awaited<ReturnType<typeof readAttemptEvents>>[number];
export type RefusalRow = Awaited<ReturnType<typeof readRefusals>>[number];
export type AuditRow = Awaited<ReturnType<typeof readAudit>>[number];
