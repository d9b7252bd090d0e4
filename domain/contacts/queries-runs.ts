import { sql } from 'kysely';
import type { Db, Trx } from '../../db/client.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import { modeOf } from '../shared/queries-account.ts';
import type { Mode } from '../shared/rules/mode.ts';
import type { ContactAddress } from '../temporal/rules/ids.ts';

/** What a contact's workflow is started with, and what its row says of it. */
export interface ContactRun extends ContactAddress {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly run: number;
  readonly mode: Mode;
  readonly useCase: string;
  readonly state: ContactState;
  readonly batchState: BatchState;
}

function selectRuns(db: Db) {
  return db
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('catalogue.account as a', 'a.id', 'k.account_id')
    .select([
      'k.account_id as accountId',
      'k.batch_id as batchId',
      'k.id as contactId',
      'k.run',
      modeOf('a').as('mode'),
      'b.use_case as useCase',
      'k.state',
      'b.state as batchState',
      'a.slug as accountSlug',
      'b.slug as batchSlug',
      'k.ordinal as number',
    ]);
}

export async function readRun(db: Db, contactId: string): Promise<ContactRun | undefined> {
  return selectRuns(db).where('k.id', '=', contactId).executeTakeFirst();
}

/** By what a workflow's id names. */
export async function findRun(
  db: Db,
  { accountSlug, batchSlug, number }: ContactAddress,
): Promise<ContactRun | undefined> {
  return selectRuns(db)
    .where('a.slug', '=', accountSlug)
    .where('b.slug', '=', batchSlug)
    .where('k.ordinal', '=', number)
    .executeTakeFirst();
}

/** Of these contacts the ones whose row had closed before that instant, by their place in the list. */
export async function closedBefore(
  db: Db,
  contacts: readonly (ContactAddress & { readonly at: Date })[],
): Promise<readonly number[]> {
  const { rows } = await sql<{ place: number }>`
    select (w.place - 1)::int as place
      from unnest(${contacts.map(({ accountSlug }) => accountSlug)}::text[], ${contacts.map(({ batchSlug }) => batchSlug)}::text[],
                  ${contacts.map(({ number }) => number)}::int[], ${contacts.map(({ at }) => at)}::timestamptz[])
           with ordinality as w (account_slug, batch_slug, number, at, place)
      join catalogue.account a on a.slug = w.account_slug and a.kind <> 'rehearsal'
      join core.batch b on b.account_id = a.id and b.slug = w.batch_slug
      join core.contact k on k.batch_id = b.id and k.ordinal = w.number
     where k.state = 'closed' and k.closed_at < w.at`.execute(db);
  return rows.map(({ place }) => place);
}

/** Every contact of a batch, by its place in the file. */
export async function listRuns(trx: Trx, batchId: string): Promise<readonly ContactRun[]> {
  return selectRuns(trx).where('k.batch_id', '=', batchId).orderBy('k.ordinal').execute();
}

/** Open contacts of a batch behind a number, by their place in the file. */
export async function openRuns(
  trx: Trx,
  batchId: string,
  afterNumber: number,
  limit: number,
): Promise<readonly ContactRun[]> {
  return selectRuns(trx)
    .where('k.batch_id', '=', batchId)
    .where('k.state', 'not in', ['planned', 'closed'])
    .where('k.ordinal', '>', afterNumber)
    .orderBy('k.ordinal')
    .limit(limit)
    .execute();
}

/**
 * Whether a human answered since the contact was opened, may be answering now, or has an open agreement. Locks the contact's row.
 * Of a call that is under way nobody knows yet what is being agreed on.
 */
export async function lockRun(
  trx: Trx,
  contactId: string,
): Promise<{ readonly run: number; readonly state: ContactState; readonly spoken: boolean } | undefined> {
  const { rows } = await sql<{ run: number; state: ContactState; spoken: boolean }>`
    select k.run, k.state,
           exists (select from core.agreement g where g.contact_id = k.id and g.state = 'open')
           or exists (select from operation.attempt a join operation.call c on c.attempt_id = a.id
                       where a.contact_id = k.id and (c.human or c.state in ('placing', 'placed', 'unknown')) and a.attempted_at >= k.opened_at)
             as spoken
      from core.contact k where k.id = ${contactId} for no key update of k`.execute(trx);
  return rows[0];
}

/** The contact begins anew in a further run; its calendar begins now. */
export async function raiseRun(
  trx: Trx,
  contactId: string,
  raised: { readonly run: number; readonly state: 'waiting' | 'paused'; readonly waitingFor: string },
): Promise<void> {
  await trx
    .updateTable('core.contact')
    .set({
      state: raised.state,
      outcome: null,
      closed_at: null,
      run: raised.run,
      attempts: 0,
      next_at: null,
      waiting_for: raised.waitingFor,
      opened_at: sql<Date>`clock_timestamp()`,
    })
    .where('id', '=', contactId)
    .execute();
}

/** Locks the contact's batch: it must not finish, or be cancelled, between a look and a change. */
export async function lockBatchOf(trx: Trx, contactId: string): Promise<void> {
  await trx
    .selectFrom('core.batch')
    .select('id')
    .where('id', '=', (eb) => eb.selectFrom('core.contact').select('batch_id').where('id', '=', contactId))
    .forUpdate()
    .execute();
}

/** A finished batch that a retry opens again. */
export async function reopenBatch(trx: Trx, batchId: string): Promise<void> {
  await trx
    .updateTable('core.batch')
    .set({ state: 'running', finished_at: null })
    .where('id', '=', batchId)
    .execute();
}

/** Closes a contact that waits for its day. False when the batch opened it meanwhile: it has a workflow then. */
export async function cancelPlannedContact(trx: Trx, contactId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('core.contact')
    .set({
      state: 'closed',
      outcome: 'cancelled',
      closed_at: sql<Date>`clock_timestamp()`,
      waiting_for: 'Cerrado: cancelado · 0 intentos',
    })
    .where('id', '=', contactId)
    .where('state', '=', 'planned')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
