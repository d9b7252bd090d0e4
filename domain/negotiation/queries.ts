import type { Trx } from '../../db/client.ts';
import type { AgreementKind, AgreementState } from '../../db/schema/negotiation.ts';

export interface Instalment {
  readonly number: number;
  /** 'YYYY-MM-DD'. */
  readonly dueDate: string;
  readonly amountMicros: bigint;
  readonly checkAt: Date;
}

export interface NewAgreement {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly personId: string;
  readonly attemptId: string | null;
  readonly kind: AgreementKind;
  readonly totalMicros: bigint;
  readonly discountMicros: bigint;
  readonly currency: string;
  readonly source: 'call' | 'analysis' | 'operator';
  readonly madeAt: Date;
  readonly instalments: readonly Instalment[];
}

/** Records an agreement. The contact's open one, if any, is replaced: a person has one word at a time. */
export async function insertAgreement(trx: Trx, input: NewAgreement): Promise<string> {
  await closeOpenAgreement(trx, input.contactId, 'replaced', input.madeAt);
  const { id } = await trx
    .insertInto('core.agreement')
    .values({
      account_id: input.accountId,
      batch_id: input.batchId,
      contact_id: input.contactId,
      person_id: input.personId,
      attempt_id: input.attemptId,
      kind: input.kind,
      total_micros: input.totalMicros,
      discount_micros: input.discountMicros,
      currency: input.currency,
      source: input.source,
      made_at: input.madeAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('core.agreement_instalment')
    .values(
      input.instalments.map(({ number, dueDate, amountMicros, checkAt }) => ({
        account_id: input.accountId,
        agreement_id: id,
        number,
        due_date: dueDate,
        amount_micros: amountMicros,
        check_at: checkAt,
      })),
    )
    .execute();
  return id;
}

/** Ends the contact's open agreement without a payment's doing. */
export async function closeOpenAgreement(
  trx: Trx,
  contactId: string,
  state: 'replaced' | 'withdrawn',
  at: Date,
): Promise<void> {
  await trx
    .updateTable('core.agreement')
    .set({ state, resolved_at: at })
    .where('contact_id', '=', contactId)
    .where('state', '=', 'open')
    .execute();
}

export interface LockedAgreement {
  readonly id: string;
  readonly account_id: string;
  readonly batch_id: string;
  readonly contact_id: string;
  readonly person_id: string;
  readonly state: AgreementState;
  readonly kind: AgreementKind;
  readonly total_micros: bigint;
  readonly discount_micros: bigint;
  readonly currency: string;
  readonly made_at: Date;
}

/** Locks one agreement: its check and a payment's take turns. */
export async function lockAgreement(trx: Trx, agreementId: string): Promise<LockedAgreement | undefined> {
  return trx
    .selectFrom('core.agreement')
    .select([
      'id',
      'account_id',
      'batch_id',
      'contact_id',
      'person_id',
      'state',
      'kind',
      'total_micros',
      'discount_micros',
      'currency',
      'made_at',
    ])
    .where('id', '=', agreementId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

export async function instalmentsOf(trx: Trx, agreementId: string): Promise<readonly Instalment[]> {
  const rows = await trx
    .selectFrom('core.agreement_instalment')
    .select(['number', 'due_date', 'amount_micros', 'check_at'])
    .where('agreement_id', '=', agreementId)
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    number: row.number,
    dueDate: row.due_date,
    amountMicros: row.amount_micros,
    checkAt: row.check_at,
  }));
}

export async function resolveAgreement(
  trx: Trx,
  agreementId: string,
  state: 'kept' | 'partly_paid' | 'broken',
  at: Date,
): Promise<void> {
  await trx
    .updateTable('core.agreement')
    .set({ state, resolved_at: at })
    .where('id', '=', agreementId)
    .where('state', '=', 'open')
    .execute();
}

/** The policy of a batch, as it is stored. */
export async function policyOfBatch(trx: Trx, batchId: string): Promise<unknown> {
  const { definition } = await trx
    .selectFrom('core.batch as b')
    .innerJoin('catalogue.policy_version as v', (join) =>
      join.onRef('v.key', '=', 'b.policy_key').onRef('v.version', '=', 'b.policy_version'),
    )
    .select('v.definition')
    .where('b.id', '=', batchId)
    .executeTakeFirstOrThrow();
  return definition;
}

/** Whether something that was agreed with a contact is still open. */
export async function hasOpenAgreement(trx: Trx, contactId: string): Promise<boolean> {
  const agreed = await trx
    .selectFrom('core.agreement')
    .select('id')
    .where('contact_id', '=', contactId)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return agreed !== undefined;
}

/** The call in which something was agreed; null: in none. */
export async function attemptOfAgreement(trx: Trx, agreementId: string): Promise<string | null> {
  const row = await trx
    .selectFrom('core.agreement')
    .select('attempt_id')
    .where('id', '=', agreementId)
    .executeTakeFirstOrThrow();
  return row.attempt_id;
}
