import { sql } from 'kysely';
import { type Database, inAccount, type Trx } from '../../db/client.ts';

export interface LinkRow {
  readonly id: string;
  readonly account_id: string;
  readonly code: string;
  readonly target_url: string;
  readonly provider_id: string;
  readonly agreement_id: string | null;
  readonly instalment_no: number | null;
  readonly amount_micros: bigint;
  readonly currency: string;
  readonly reference: string;
  readonly expires_at: Date;
  readonly request_hash: string;
}

const columns = [
  'id',
  'account_id',
  'code',
  'target_url',
  'provider_id',
  'agreement_id',
  'instalment_no',
  'amount_micros',
  'currency',
  'reference',
  'expires_at',
  'request_hash',
] as const;

export async function findLinkByKey(trx: Trx, idempotencyKey: string): Promise<LinkRow | undefined> {
  return trx
    .selectFrom('core.payment_link')
    .select(columns)
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
}

/** Newest first: several links of one agreement may carry one reference. */
export async function findLinkByReference(trx: Trx, reference: string): Promise<LinkRow | undefined> {
  return trx
    .selectFrom('core.payment_link')
    .select(columns)
    .where('reference', '=', reference)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface NewLink {
  readonly accountId: string;
  readonly code: string;
  readonly targetUrl: string;
  readonly provider: string;
  readonly providerId: string;
  readonly agreementId: string | null;
  readonly instalmentNo: number | null;
  readonly amountMicros: bigint;
  readonly currency: string;
  readonly title: string;
  readonly reference: string;
  readonly expiresAt: Date;
  readonly idempotencyKey: string;
  readonly requestHash: string;
}

/** Undefined when the key has a link already: a second caller of the same moment. */
export async function insertLink(trx: Trx, link: NewLink): Promise<LinkRow | undefined> {
  return trx
    .insertInto('core.payment_link')
    .values({
      account_id: link.accountId,
      code: link.code,
      target_url: link.targetUrl,
      provider: link.provider,
      provider_id: link.providerId,
      agreement_id: link.agreementId,
      instalment_no: link.instalmentNo,
      amount_micros: link.amountMicros,
      currency: link.currency,
      title: link.title,
      reference: link.reference,
      expires_at: link.expiresAt,
      idempotency_key: link.idempotencyKey,
      request_hash: link.requestHash,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'idempotency_key']).doNothing())
    .returning(columns)
    .executeTakeFirst();
}

export interface FollowedLink {
  readonly id: string;
  readonly account_id: string;
  readonly target_url: string;
  readonly agreement_id: string | null;
  readonly is_expired: boolean;
  /** Of its agreement; null when it has none. */
  readonly agreement_state: string | null;
  readonly first_clicked_at: Date | null;
}

/** The link behind a code, whoever's it is, and its account's transaction to go on in. */
export async function withLink<T>(
  app: Database,
  code: string,
  work: (trx: Trx, link: FollowedLink) => Promise<T>,
): Promise<T | undefined> {
  const owner = await app.transaction().execute(async (trx) => {
    await sql`select set_config('app.link_code', ${code}, true)`.execute(trx);
    return trx
      .selectFrom('core.payment_link')
      .select('account_id')
      .where('code', '=', code)
      .executeTakeFirst();
  });
  if (owner === undefined) return undefined;
  return inAccount(app, owner.account_id, async (trx) => {
    const link = await trx
      .selectFrom('core.payment_link as l')
      .leftJoin('core.agreement as a', 'a.id', 'l.agreement_id')
      .select([
        'l.id',
        'l.account_id',
        'l.target_url',
        'l.agreement_id',
        'a.state as agreement_state',
        'l.first_clicked_at',
      ])
      .select(sql<boolean>`l.expires_at <= clock_timestamp()`.as('is_expired'))
      .where('l.code', '=', code)
      .executeTakeFirstOrThrow();
    return work(trx, link);
  });
}

/** True the first time. */
export async function countClick(trx: Trx, link: FollowedLink): Promise<boolean> {
  await trx
    .insertInto('operation.link_click')
    .values({ account_id: link.account_id, link_id: link.id })
    .execute();
  const { clicks } = await trx
    .updateTable('core.payment_link')
    .set((eb) => ({
      clicks: eb('clicks', '+', 1),
      first_clicked_at: sql<Date>`coalesce(first_clicked_at, clock_timestamp())`,
      last_clicked_at: sql<Date>`clock_timestamp()`,
    }))
    .where('id', '=', link.id)
    .returning('clicks')
    .executeTakeFirstOrThrow();
  return clicks === 1;
}

/** Whose agreement it is; undefined when the account has none of this id. */
export async function personOfAgreement(trx: Trx, agreementId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('core.agreement')
    .select('person_id')
    .where('id', '=', agreementId)
    .executeTakeFirst();
  return row?.person_id;
}
