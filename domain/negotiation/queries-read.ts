import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';
import type { AgreementState } from '../../db/schema/negotiation.ts';

export interface AgreementPage {
  readonly contactId?: string | undefined;
  readonly personId?: string | undefined;
  readonly state?: AgreementState | undefined;
  /** Id of the last agreement of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const columns = [
  'id',
  'batch_id',
  'contact_id',
  'person_id',
  'attempt_id',
  'kind',
  'state',
  'total_micros',
  'discount_micros',
  'currency',
  'source',
  'made_at',
  'resolved_at',
] as const;

export type AgreementListRow = Awaited<ReturnType<typeof listAgreements>>[number];

/** What was agreed in the account, the newest first. */
export async function listAgreements(trx: Trx, page: AgreementPage) {
  let query = trx.selectFrom('core.agreement').select(columns);
  if (page.contactId !== undefined) query = query.where('contact_id', '=', page.contactId);
  if (page.personId !== undefined) query = query.where('person_id', '=', page.personId);
  if (page.state !== undefined) query = query.where('state', '=', page.state);
  if (page.after !== undefined) {
    const place = {
      table: 'core.agreement',
      by: ['made_at', 'id'],
      order: 'desc',
      after: page.after,
    } as const;
    query = query.where(isBehind(place));
  }
  return query.orderBy('made_at', 'desc').orderBy('id', 'desc').limit(page.limit).execute();
}

export async function readAgreement(trx: Trx, id: string): Promise<AgreementListRow | undefined> {
  return trx.selectFrom('core.agreement').select(columns).where('id', '=', id).executeTakeFirst();
}

/** Instalments of some agreements, in their order. */
export async function instalmentsOfAll(trx: Trx, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return trx
    .selectFrom('core.agreement_instalment')
    .select(['agreement_id', 'number', 'due_date', 'amount_micros'])
    .where('agreement_id', 'in', ids)
    .orderBy('agreement_id')
    .orderBy('number')
    .execute();
}

/** A negotiation of the account, or one that ships, of a key and a version; the account's own before one that ships. */
export async function readNegotiation(trx: Trx, key: string, version: number) {
  return trx
    .selectFrom('catalogue.negotiation')
    .select(['id', 'account_id', 'definition'])
    .where('key', '=', key)
    .where('version', '=', version)
    .orderBy('account_id', (order) => order.asc().nullsLast())
    .limit(1)
    .executeTakeFirst();
}
