import { sql } from 'kysely';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { topUp } from '../billing/ledger.ts';
import { loadImport } from '../imports/load.ts';
import { createAccount } from '../accounts/accounts.ts';
import { chooseTerms, type Terms, type TermsRequest } from '../batches/terms.ts';
import { REHEARSAL_POOL } from '../lines/pools.ts';
import { notFound, OperationRefused } from '../shared/refused.ts';

/** More than this is the forecast's work: a rehearsal lives each contact on the real server. */
const mostContacts = 2_000;

/** What a rehearsal takes over from the account that asks for it. */
export interface RehearsalSource {
  readonly importId: string;
  readonly useCase: string;
  readonly contacts: number;
  readonly terms: Terms;
  readonly account: {
    readonly country: string;
    readonly zone: string;
    readonly debt_currency: string;
    readonly plan: 'unlimited' | 'minutes_based' | 'credit_based';
    readonly rateMicrosPerMinute: bigint;
  };
  /** The account's own negotiation; null: one that ships, or none. */
  readonly ownNegotiation: {
    readonly key: string;
    readonly version: number;
    readonly definition: string;
  } | null;
  /** Rows as they are stored, without their account. */
  readonly file: Readonly<Record<string, unknown>>;
  readonly rows: string;
  readonly flags: string;
}

/** Reads import, people who must not be called, and terms. Throws `OperationRefused` as a batch would. */
export async function readSource(trx: Trx, request: TermsRequest): Promise<RehearsalSource> {
  const found = await trx
    .selectFrom('core.import')
    .selectAll()
    .where('id', '=', request.importId)
    .executeTakeFirst();
  if (found === undefined) throw notFound('import', 'esa carga');
  if (found.contacts > mostContacts) throw tooMany(found.contacts);
  const terms = await chooseTerms(trx, request, found.use_case);
  const account = await trx
    .selectFrom('catalogue.account')
    .select(['country', 'zone', 'debt_currency', 'plan'])
    .executeTakeFirstOrThrow();
  const tariff = await trx
    .selectFrom('catalogue.tariff')
    .select('rate_micros_per_minute')
    .where('effective_from', '<=', sql<Date>`now()`)
    .orderBy('effective_from', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { rows } = await sql<{ rows: string }>`
    select coalesce(jsonb_agg(to_jsonb(r) - 'account_id' - 'import_id' order by ordinal), '[]')::text as rows
      from core.import_row r where import_id = ${request.importId}`.execute(trx);
  // Who must not be called is not called in the rehearsal either.
  const flags = await sql<{ flags: string }>`
    select coalesce(jsonb_agg(jsonb_build_object('key', s.identity_key, 'do_not_call_at', coalesce(s.do_not_call_at, x.created_at),
             'stopped_at', s.stopped_at, 'stop_reason', s.stop_reason)), '[]')::text as flags
      from core.person s
      left join core.do_not_contact x on x.key = s.identity_key and x.lifted_at is null
     where (s.do_not_call_at is not null or s.stopped_at is not null or x.key is not null)
       and s.identity_key in (select identity_key from core.import_row where import_id = ${request.importId})`.execute(
    trx,
  );
  const own = await trx
    .selectFrom('catalogue.negotiation')
    .select(['key', 'version', 'definition'])
    .where('id', '=', terms.negotiation?.id ?? null)
    .where('account_id', 'is not', null)
    .executeTakeFirst();
  return {
    ownNegotiation: own === undefined ? null : { ...own, definition: JSON.stringify(own.definition) },
    importId: found.id,
    useCase: found.use_case,
    contacts: found.contacts,
    terms,
    account: { ...account, rateMicrosPerMinute: tariff?.rate_micros_per_minute ?? 0n },
    file: { file_name: found.file_name, sha256: found.sha256 },
    rows: rows[0]?.rows ?? '[]',
    flags: flags.rows[0]?.flags ?? '[]',
  };
}

const manyUsd = 1_000_000_000_000n;

/** The rehearsal's own account: same country, prices and pack, and more money than it can spend. */
export async function makeRehearsalAccount(
  app: Database,
  id: string,
  { account, terms }: RehearsalSource,
): Promise<string> {
  const poolId = await rehearsalPoolId(app);
  const accountId = await createAccount(app, {
    slug: `ensayo-${id.slice(0, 18)}`,
    name: 'Ensayo',
    country: account.country,
    zone: account.zone,
    debtCurrency: account.debt_currency,
    plan: account.plan,
    rateMicrosPerMinute: account.rateMicrosPerMinute,
    maxLines: null,
    poolId,
    packs: [{ key: terms.pack.key, signedOffBy: 'ensayo' }],
  });
  const unit = account.plan === 'minutes_based' ? 'SEC' : 'USD';
  await inAccount(app, accountId, (trx) =>
    topUp(trx, { accountId, unit, amountMicros: manyUsd, reference: `rehearsal:${id}` }),
  );
  return accountId;
}

async function rehearsalPoolId(app: Database): Promise<string> {
  const pool = await app
    .selectFrom('catalogue.pool')
    .select('id')
    .where('key', '=', REHEARSAL_POOL)
    .executeTakeFirst();
  if (pool === undefined) throw new Error('the database has no pool for rehearsals: run npm run migrate');
  return pool.id;
}

/** The same people, debts, flags and terms as a batch of the rehearsal's account. */
export async function copyBatch(
  trx: Trx,
  accountId: string,
  { source, realm }: { readonly source: RehearsalSource; readonly realm: string },
): Promise<string> {
  const { terms } = source;
  const { id: importId } = await trx
    .insertInto('core.import')
    .values({
      account_id: accountId,
      file_name: String(source.file['file_name']),
      sha256: String(source.file['sha256']),
      use_case: source.useCase,
      rows_read: 0,
      rows_good: 0,
      rows_refused: 0,
      contacts: source.contacts,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into core.import_row
    select ${accountId}::uuid, ${importId}::uuid, r.ordinal, r.sheet, r.sheet_row, r.identity_key, r.national_id, r.name,
           r.phones, r.country, r.region, r.zone, r.creditor, r.amount_micros, r.currency, r.due_date, r.reference, r.variables
      from jsonb_populate_recordset(null::core.import_row, ${source.rows}::jsonb) r`.execute(trx);
  const { id: batchId } = await trx
    .insertInto('core.batch')
    .values({
      account_id: accountId,
      name: 'Ensayo',
      use_case: source.useCase,
      policy_key: terms.policy.key,
      policy_version: terms.policy.version,
      pack_key: terms.pack.key,
      pack_version: terms.pack.version,
      pool_id: await rehearsalPoolIn(trx),
      import_id: importId,
      negotiation_id: await negotiationIn(trx, accountId, source),
      realm,
      group_size: terms.policy.groupSize,
      zone: terms.zone,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await loadImport(trx, { batchId, importId });
  await sql`
    update core.person s
       set do_not_call_at = f.do_not_call_at, stopped_at = f.stopped_at, stop_reason = f.stop_reason
      from jsonb_to_recordset(${source.flags}::jsonb)
           as f(key text, do_not_call_at timestamptz, stopped_at timestamptz, stop_reason text)
     where s.identity_key = f.key`.execute(trx);
  return batchId;
}

/** A negotiation that is the account's own is nobody else's to read: the rehearsal gets a copy. */
async function negotiationIn(trx: Trx, accountId: string, source: RehearsalSource): Promise<string | null> {
  if (source.ownNegotiation === null) return source.terms.negotiation?.id ?? null;
  const { id } = await trx
    .insertInto('catalogue.negotiation')
    .values({ account_id: accountId, ...source.ownNegotiation })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function rehearsalPoolIn(trx: Trx): Promise<string> {
  const { pool_id } = await trx
    .selectFrom('catalogue.account_pool')
    .select('pool_id')
    .executeTakeFirstOrThrow();
  return pool_id;
}

function tooMany(contacts: number): OperationRefused {
  return new OperationRefused(
    'unprocessable',
    'too_many_contacts',
    `A rehearsal takes up to ${mostContacts} contacts, and the import has ${contacts}: use npm run forecast.`,
    `Un ensayo admite hasta ${mostContacts} contactos y la carga tiene ${contacts}: use npm run forecast.`,
    { errors: [{ field: 'import_id', message: `has more than ${mostContacts} contacts` }] },
  );
}
