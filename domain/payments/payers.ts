import { findPerson } from '../people/queries.ts';
import { ownAccount } from '../shared/queries-account.ts';
import type { Trx } from '../../db/client.ts';
import { currentDebts, peopleWithReference } from './queries-debts.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { OperationRefused, refuse } from '../shared/refused.ts';

export interface PayerQuery {
  /** In any spelling. */
  readonly nationalId: string | null;
  /** Of a column of its own: '' where a file has the column and this row's is blank. */
  readonly checkDigit?: string | undefined;
  /** Of a debt. With a national id it must be one of that person's. */
  readonly reference: string | null;
}

export interface Payer {
  readonly personId: string;
  readonly reference: string | null;
}

/** Whose payment it is. Throws `OperationRefused` naming the field for nobody, for two people, and for no query at all. */
export async function findPayer(trx: Trx, { nationalId, checkDigit, reference }: PayerQuery): Promise<Payer> {
  if (nationalId !== null)
    return byNationalId(trx, await canonicalNationalId(trx, nationalId, checkDigit), nationalId, reference);
  if (reference === null) {
    throw refuse('payer_missing', {}, { field: 'national_id' });
  }
  const [personId, other] = await peopleWithReference(trx, reference);
  if (personId === undefined) throw unknownReference(reference);
  if (other !== undefined) {
    throw refuse('reference_ambiguous', { reference }, { field: 'reference' });
  }
  return { personId, reference };
}

async function byNationalId(
  trx: Trx,
  canonical: string,
  nationalId: string,
  reference: string | null,
): Promise<Payer> {
  const person = await findPerson(trx, { identityKey: canonical });
  if (person === undefined) {
    throw refuse('person_unknown', { nationalId }, { field: 'national_id' });
  }
  if (reference === null) return { personId: person.id, reference };
  const debts = await currentDebts(trx, person.id);
  if (!debts.some((debt) => debt.reference === reference)) throw unknownReference(reference);
  return { personId: person.id, reference };
}

/** As imports spell it. Throws `OperationRefused` for what is no national id of the account's country. */
export async function canonicalNationalId(
  trx: Trx,
  nationalId: string,
  checkDigit?: string,
): Promise<string> {
  const { country } = await ownAccount(trx);
  const read = normaliseNationalId(nationalId, country, checkDigit);
  if (read.ok) return read.value;
  if (read.code === 'national_id_ambiguous') {
    const { body = '', whole = '' } = read.values ?? {};
    throw refuse('national_id_ambiguous', { nationalId, body, whole }, { field: 'national_id' });
  }
  throw refuse('national_id_invalid', { nationalId }, { field: 'national_id' });
}

function unknownReference(reference: string): OperationRefused {
  return refuse('reference_unknown', { reference }, { field: 'reference' });
}
