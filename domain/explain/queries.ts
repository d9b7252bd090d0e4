import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import { isNumberUnwanted } from '../people/queries-do-not-contact.ts';
import { isContactSettled } from '../payments/queries-debts.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import type { WaitingFacts } from './rules/waiting.ts';

export interface ExplainedPhone {
  readonly id: string;
  readonly e164: string;
  /** On the list of numbers that are not to be contacted. */
  readonly unwanted: boolean;
}

/** Numbers of a person that exist, in the order in which they are called. */
export async function phonesOf(trx: Trx, personId: string): Promise<readonly ExplainedPhone[]> {
  return trx
    .selectFrom('core.phone as f')
    .select(['f.id', 'f.e164', isNumberUnwanted('f').as('unwanted')])
    .where('f.person_id', '=', personId)
    .where('f.invalid_at', 'is', null)
    .orderBy('f.position')
    .orderBy('f.id')
    .execute();
}

/** Which contact an answer is about. */
export interface ExplainedContact {
  readonly contactId: string;
  readonly batchId: string;
  readonly batch: string;
  /** In the order of its batch's file. */
  readonly position: number;
  readonly name: string;
}

export async function readWaiting(
  trx: Trx,
  contactId: string,
): Promise<{ readonly contact: ExplainedContact; readonly facts: WaitingFacts } | undefined> {
  const { rows } = await sql<{
    id: string;
    batch_id: string;
    batch: string;
    ordinal: number;
    name: string;
    state: ContactState;
    batch_state: BatchState;
    outcome: string | null;
    closed_at: Date | null;
    waiting_for: string;
    next_at: Date | null;
    group_size: number;
    max_lines: number | null;
    eligible_at: Date | null;
    deadline_at: Date | null;
    suspended_for: 'credit' | 'budget' | null;
    promised: boolean;
    suspended: boolean;
    lines: number;
  }>`
    select k.id, k.batch_id, b.name as batch, k.ordinal, s.name, k.state, b.state as batch_state, k.outcome, k.closed_at,
           k.waiting_for, k.next_at, b.group_size, a.max_lines, a.suspended_for is not null as suspended, r.eligible_at, r.deadline_at,
           (select q.suspended_for from core.line_request q
             where q.contact_id = k.id and q.state = 'suspended' order by q.created_at desc limit 1) as suspended_for,
           exists (select from core.agreement g where g.contact_id = k.id and g.state = 'open') as promised,
           (select count(*)::int from core.line_lease l
             where l.account_id = k.account_id and l.released_at is null) as lines
      from core.contact k
      join core.batch b on b.id = k.batch_id
      join core.person s on s.id = k.person_id
      join catalogue.account a on a.id = k.account_id
      left join lateral (select q.eligible_at, q.deadline_at from core.line_request q
                          where q.contact_id = k.id and q.state = 'waiting' order by q.created_at desc limit 1) r on true
     where k.id = ${contactId}`.execute(trx);
  const [row] = rows;
  if (row === undefined) return undefined;
  const { eligible_at: eligibleAt, deadline_at: deadlineAt } = row;
  const hasTurn = eligibleAt !== null && deadlineAt !== null;
  return {
    contact: {
      contactId: row.id,
      batchId: row.batch_id,
      batch: row.batch,
      position: row.ordinal,
      name: row.name,
    },
    facts: {
      state: row.state,
      batchState: row.batch_state,
      outcome: row.outcome,
      closedAtMs: row.closed_at?.getTime() ?? null,
      waitingFor: row.waiting_for,
      nextAtMs: row.next_at?.getTime() ?? null,
      turn: hasTurn ? { eligibleAtMs: eligibleAt.getTime(), deadlineAtMs: deadlineAt.getTime() } : null,
      suspendedFor: row.suspended_for,
      hasOpenAgreement: row.promised,
      isAccountSuspended: row.suspended,
      groupSize: row.group_size,
      linesInUse: row.lines,
      mostLines: row.max_lines,
    },
  };
}

/** Most contacts of one person that are explained at once. */
export const mostExplained = 20;

/** Contacts of whoever that is, the open ones first and the newest before the others; one more than are explained. */
export async function contactsOf(
  trx: Trx,
  who: { readonly nationalId: string | null; readonly e164: string | null },
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select k.id from core.contact k join core.batch b on b.id = k.batch_id
     where k.person_id in (select s.id from core.person s where s.national_id = ${who.nationalId}
                           union select f.person_id from core.phone f where f.e164 = ${who.e164})
     order by k.state = 'closed', b.created_at desc, k.ordinal limit ${mostExplained + 1}`.execute(trx);
  return rows.map(({ id }) => id);
}

export async function isPaid(trx: Trx, contactId: string): Promise<boolean> {
  const { settled } = await trx
    .selectNoFrom(isContactSettled(contactId).as('settled'))
    .executeTakeFirstOrThrow();
  return settled;
}
