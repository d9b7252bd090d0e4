import { insertBatch } from '../batches/queries.ts';
import type { Terms } from '../batches/terms.ts';
import { sql } from 'kysely';
import { REHEARSAL_POOL } from '../lines/queries-pools.ts';
import { type Database, type Trx, inAccount } from '../../db/client.ts';

export async function rehearsalPoolId(app: Database): Promise<string> {
  const pool = await app
    .selectFrom('catalogue.pool')
    .select('id')
    .where('key', '=', REHEARSAL_POOL)
    .executeTakeFirst();
  if (pool === undefined) throw new Error('the database has no pool for rehearsals: run npm run migrate');
  return pool.id;
}

export async function rehearsalPoolIn(trx: Trx): Promise<string> {
  const { pool_id } = await trx
    .selectFrom('catalogue.account_pool')
    .select('pool_id')
    .executeTakeFirstOrThrow();
  return pool_id;
}

export async function countClosed(app: Database, accountId: string): Promise<number> {
  const { count } = await inAccount(app, accountId, (trx) =>
    trx
      .selectFrom('core.contact')
      .select(sql<bigint>`count(*)`.as('count'))
      .where('state', '=', 'closed')
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}

export interface ImportCopy {
  readonly accountId: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly useCase: string;
  readonly contacts: number;
  /** As `importRowsAsJson` reads them. */
  readonly rows: string;
}

/** An import of another account, with its rows, as one of this account. Returns its id. */
export async function copyImport(trx: Trx, copy: ImportCopy): Promise<string> {
  const { accountId } = copy;
  const { id: importId } = await trx
    .insertInto('core.import')
    .values({
      account_id: accountId,
      file_name: copy.fileName,
      sha256: copy.sha256,
      state: 'stored',
      ended_at: sql<Date>`clock_timestamp()`,
      use_case: copy.useCase,
      contacts: copy.contacts,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into core.import_row
    select ${accountId}::uuid, ${importId}::uuid, r.ordinal, r.sheet, r.sheet_row, r.identity_key, r.national_id, r.name,
           r.phones, r.country, r.region, r.zone, r.creditor, r.amount_micros, r.currency, r.due_date, r.reference, r.variables,
           r.email, r.person
      from jsonb_populate_recordset(null::core.import_row, ${copy.rows}::jsonb) r`.execute(trx);
  return importId;
}

/**
 * The rows of an import without their account, as JSON text, in their order, and how many people they are. `without`: places of
 * rows that are left out, and with them rows of the same people that have no debt of their own.
 */
export async function importRowsAsJson(
  trx: Trx,
  importId: string,
  without: readonly number[],
): Promise<{ readonly rows: string; readonly contacts: number }> {
  const { rows } = await sql<{ rows: string; contacts: number }>`
    select coalesce(jsonb_agg(to_jsonb(r) - 'account_id' - 'import_id' order by ordinal), '[]')::text as rows,
           count(distinct person)::int as contacts
      from core.import_row r
     where import_id = ${importId} and r.ordinal <> all(${[...without]}::int[])
       and not (r.amount_micros is null and r.person in (
             select o.person from core.import_row o
              where o.import_id = ${importId} and o.ordinal = any(${[...without]}::int[])))`.execute(trx);
  return { rows: rows[0]?.rows ?? '[]', contacts: rows[0]?.contacts ?? 0 };
}

/** The people of an import who must not be called, or are stopped, as JSON text. */
export async function stopsAsJson(trx: Trx, importId: string): Promise<string> {
  const { rows } = await sql<{ flags: string }>`
    select coalesce(jsonb_agg(jsonb_build_object('key', s.identity_key, 'do_not_call_at', coalesce(s.do_not_call_at, x.created_at),
             'stopped_at', s.stopped_at, 'stop_reason', s.stop_reason, 'blocked_at', s.blocked_at)), '[]')::text as flags
      from core.person s
      left join core.do_not_contact x on x.key = s.identity_key and x.lifted_at is null
     where (s.do_not_call_at is not null or s.stopped_at is not null or s.blocked_at is not null or x.key is not null)
       and s.identity_key in (select identity_key from core.import_row where import_id = ${importId})`.execute(
    trx,
  );
  return rows[0]?.flags ?? '[]';
}

/** Marks people as `stopsAsJson` read them. */
export async function copyStops(trx: Trx, flags: string): Promise<void> {
  await sql`
    update core.person s
       set do_not_call_at = f.do_not_call_at, stopped_at = f.stopped_at, stop_reason = f.stop_reason,
           blocked_at = f.blocked_at
      from jsonb_to_recordset(${flags}::jsonb)
           as f(key text, do_not_call_at timestamptz, stopped_at timestamptz, stop_reason text,
                blocked_at timestamptz)
     where s.identity_key = f.key`.execute(trx);
}

/** What a minute costs the transaction's account now, in micro-units; 0 without a tariff. */
export async function currentRate(trx: Trx): Promise<bigint> {
  const tariff = await trx
    .selectFrom('catalogue.tariff')
    .select('rate_micros_per_minute')
    .where('effective_from', '<=', sql<Date>`now()`)
    .orderBy('effective_from', 'desc')
    .limit(1)
    .executeTakeFirst();
  return tariff?.rate_micros_per_minute ?? 0n;
}

/** A negotiation that is the account's own; undefined for none and for one that ships. */
export async function ownNegotiation(trx: Trx, id: string | null) {
  return trx
    .selectFrom('catalogue.negotiation')
    .select(['key', 'version', 'definition'])
    .where('id', '=', id)
    .where('account_id', 'is not', null)
    .executeTakeFirst();
}

/** A negotiation of another account as one of this account. Returns its id. */
export async function copyNegotiation(
  trx: Trx,
  accountId: string,
  negotiation: { readonly key: string; readonly version: number; readonly definition: string },
): Promise<string> {
  const { id } = await trx
    .insertInto('catalogue.negotiation')
    .values({ account_id: accountId, ...negotiation })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

export interface RehearsalBatch {
  readonly accountId: string;
  readonly importId: string;
  readonly useCase: string;
  readonly poolId: string;
  readonly negotiationId: string | null;
  readonly terms: Terms;
}

/** Returns its id. */
export async function insertRehearsalBatch(trx: Trx, batch: RehearsalBatch): Promise<string> {
  const { terms } = batch;
  return insertBatch(trx, {
    account_id: batch.accountId,
    name: 'Ensayo',
    use_case: batch.useCase,
    policy_key: terms.policy.key,
    policy_version: terms.policy.version,
    pack_key: terms.pack.key,
    pack_version: terms.pack.version,
    pool_id: batch.poolId,
    import_id: batch.importId,
    negotiation_id: batch.negotiationId,
    group_size: terms.policy.groupSize,
    zone: terms.zone,
  });
}

/** Undefined when the account has no such import. */
export async function readImportRow(trx: Trx, importId: string) {
  return trx.selectFrom('core.import').selectAll().where('id', '=', importId).executeTakeFirst();
}

export interface NewRehearsal {
  readonly id: string;
  /** Who asked for it. */
  readonly accountId: string;
  readonly importId: string;
  /** Its own account, which holds everything of it. */
  readonly rehearsalAccountId: string;
  readonly batchId: string;
  readonly seed: string;
  readonly terms: Terms;
  readonly startsAt: Date;
  readonly contacts: number;
}

export async function insertRehearsal(trx: Trx, rehearsal: NewRehearsal): Promise<void> {
  const { terms } = rehearsal;
  await trx
    .insertInto('operation.rehearsal')
    .values({
      id: rehearsal.id,
      account_id: rehearsal.accountId,
      import_id: rehearsal.importId,
      rehearsal_account_id: rehearsal.rehearsalAccountId,
      batch_id: rehearsal.batchId,
      seed: rehearsal.seed,
      policy: `${terms.policy.key}@${terms.policy.version}`,
      pack: `${terms.pack.key}@${terms.pack.version}`,
      negotiation: terms.negotiation === undefined ? null : terms.negotiation.id,
      starts_at: rehearsal.startsAt,
      contacts: rehearsal.contacts,
    })
    .execute();
}

/**
 * The account's rehearsals whose end nobody has looked at, oldest first. `begun`: long enough ago for its workflow to be there. Until
 * the commit no other one of the account is added.
 */
export async function openRehearsals(
  trx: Trx,
  accountId: string,
): Promise<readonly { readonly id: string; readonly begun: boolean }[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended('rehearsals of ' || ${accountId}::text, 0))`.execute(
    trx,
  );
  return (
    trx
      .selectFrom('operation.rehearsal')
      .select(['id', sql<boolean>`created_at < clock_timestamp() - interval '1 minute'`.as('begun')])
      .where('state', '=', 'running')
      // What has expired does not run.
      .where('rehearsal_account_id', 'is not', null)
      .orderBy('created_at')
      .execute()
  );
}

/** Undefined when the account asked for no such rehearsal. */
export async function readRehearsal(trx: Trx, id: string) {
  return trx.selectFrom('operation.rehearsal').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Writes down how a rehearsal ended; the first one who looks does, and the others change nothing. */
export async function finishRehearsal(
  trx: Trx,
  id: string,
  end: {
    readonly state: 'finished' | 'failed';
    readonly failure: string | null;
    readonly report: string | null;
  },
): Promise<void> {
  await trx
    .updateTable('operation.rehearsal')
    .set({ ...end, finished_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', '=', 'running')
    .execute();
}

/** Where all chance of a rehearsal comes from. In its own account, which reads that row and no other of the table. */
export async function seedOfAccount(trx: Trx, accountId: string): Promise<string> {
  const { seed } = await trx
    .selectFrom('operation.rehearsal')
    .select('seed')
    .where('rehearsal_account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return seed;
}

/** Where a contact's person lives, for the provider that simulates them. */
export async function readCalledPerson(trx: Trx, contactId: string) {
  return trx
    .selectFrom('core.contact as k')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .select(['s.id', 's.country', 's.region', 's.zone'])
    .where('k.id', '=', contactId)
    .executeTakeFirstOrThrow();
}

/** The contacts of a batch in the order of the file. */
export async function contactIdsOf(trx: Trx, batchId: string): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('core.contact')
    .select('id')
    .where('batch_id', '=', batchId)
    .orderBy('ordinal')
    .execute();
  return rows.map(({ id }) => id);
}

/** A planned contact begins; one that began before is left alone. */
export async function openPlannedContact(trx: Trx, contactId: string, openedAt: Date): Promise<void> {
  await trx
    .updateTable('core.contact')
    .set({ state: 'waiting', opened_at: openedAt, waiting_for: 'Se prepara' })
    .where('id', '=', contactId)
    .where('state', '=', 'planned')
    .execute();
}
