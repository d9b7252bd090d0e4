import { ownAccount } from '../shared/queries-account.ts';
import {
  copyImport,
  copyNegotiation,
  copyStops,
  currentRate,
  importRowsAsJson,
  insertRehearsalBatch,
  ownNegotiation,
  readImportRow,
  rehearsalPoolId,
  rehearsalPoolIn,
  stopsAsJson,
} from './queries.ts';
import { type Database, inAccount, type Trx } from '../../db/client.ts';
import { topUp } from '../billing/queries-ledger.ts';
import { rehearsalSlug } from '../temporal/rules/ids.ts';
import { importLimits } from '../imports/limits.ts';
import { loadPortion } from '../imports/load.ts';
import { leftOutBy, settledOfImport } from '../imports/queries-settled.ts';
import { requireClear } from '../batches/take-people.ts';
import { createAccount } from '../accounts/accounts.ts';
import { chooseTerms, type Terms, type TermsRequest } from '../batches/terms.ts';
import { refuse, OperationRefused } from '../shared/refused.ts';

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
  const found = await readImportRow(trx, request.importId);
  if (found === undefined) throw refuse('import_not_found');
  if (found.contacts > mostContacts) throw tooMany(found.contacts);
  const { use_case: useCase } = found;
  if (found.state !== 'stored' || useCase === null) throw refuse('import_not_stored', { state: found.state });
  const terms = await chooseTerms(trx, request, useCase);
  const { country, zone, debt_currency, plan } = await ownAccount(trx);
  const rateMicrosPerMinute = await currentRate(trx);
  if (request.settled === undefined || request.settled === null) await requireClear(trx, request.importId);
  // Who has paid is called in the rehearsal as little as in the batch.
  const verdicts = leftOutBy(request.settled ?? null);
  const paid = (await settledOfImport(trx, request.importId)).filter(({ verdict }) =>
    verdicts.includes(verdict),
  );
  const { rows, contacts } = await importRowsAsJson(
    trx,
    request.importId,
    paid.map(({ ordinal }) => ordinal),
  );
  // Who must not be called is not called in the rehearsal either.
  const flags = await stopsAsJson(trx, request.importId);
  const own = await ownNegotiation(trx, terms.negotiation?.id ?? null);
  return {
    ownNegotiation: own === undefined ? null : { ...own, definition: JSON.stringify(own.definition) },
    importId: found.id,
    useCase,
    contacts,
    terms,
    account: { country, zone, debt_currency, plan, rateMicrosPerMinute },
    file: { file_name: found.file_name, sha256: found.sha256 },
    rows,
    flags,
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
    slug: rehearsalSlug(id),
    name: 'Ensayo',
    kind: 'rehearsal',
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

/** The same people, debts, flags and terms as a batch of the rehearsal's account. */
export async function copyBatch(trx: Trx, accountId: string, source: RehearsalSource): Promise<string> {
  const { terms } = source;
  const importId = await copyImport(trx, {
    accountId,
    fileName: String(source.file['file_name']),
    sha256: String(source.file['sha256']),
    useCase: source.useCase,
    contacts: source.contacts,
    rows: source.rows,
  });
  const batchId = await insertRehearsalBatch(trx, {
    accountId,
    importId,
    useCase: source.useCase,
    poolId: await rehearsalPoolIn(trx),
    negotiationId: await negotiationIn(trx, accountId, source),
    terms,
  });
  // Whole: a rehearsal's people are there before its clock begins.
  await loadPortion(trx, { batchId, importId, after: 0, people: importLimits.maxRows, settled: 'call' });
  await copyStops(trx, source.flags);
  return batchId;
}

/** A negotiation that is the account's own is nobody else's to read: the rehearsal gets a copy. */
async function negotiationIn(trx: Trx, accountId: string, source: RehearsalSource): Promise<string | null> {
  if (source.ownNegotiation === null) return source.terms.negotiation?.id ?? null;
  return copyNegotiation(trx, accountId, source.ownNegotiation);
}

function tooMany(contacts: number): OperationRefused {
  return refuse('too_many_contacts', { most: mostContacts, contacts }, { field: 'import_id' });
}
