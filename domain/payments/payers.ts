import { findPerson } from '../people/queries.ts';
import { ownAccount } from '../shared/queries-account.ts';
import type { Trx } from '../../db/client.ts';
import { currentDebts, peopleWithReference } from './queries-debts.ts';
import { normaliseNationalId } from '../people/rules/national-id.ts';
import { OperationRefused } from '../shared/refused.ts';

export interface PayerQuery {
  /** In any spelling. */
  readonly nationalId: string | null;
  /** Of a debt. With a national id it must be one of that person's. */
  readonly reference: string | null;
}

export interface Payer {
  readonly personId: string;
  readonly reference: string | null;
}

/** Whose payment it is. Throws `OperationRefused` naming the field for nobody, for two people, and for no query at all. */
export async function findPayer(trx: Trx, { nationalId, reference }: PayerQuery): Promise<Payer> {
  if (nationalId !== null) return byNationalId(trx, nationalId, reference);
  if (reference === null) {
    throw refuse(
      'national_id',
      'payer_missing',
      'a national id or a reference is needed',
      'falta el RUT o la referencia',
    );
  }
  const [personId, other] = await peopleWithReference(trx, reference, 'live');
  if (personId === undefined) throw unknownReference(reference);
  if (other !== undefined) {
    throw refuse(
      'reference',
      'reference_ambiguous',
      `several people have a debt "${reference}": say the national id`,
      `varias personas tienen la deuda "${reference}": indique el RUT`,
    );
  }
  return { personId, reference };
}

async function byNationalId(trx: Trx, nationalId: string, reference: string | null): Promise<Payer> {
  const canonical = await canonicalNationalId(trx, nationalId);
  const person = await findPerson(trx, { identityKey: canonical });
  if (person === undefined) {
    throw refuse(
      'national_id',
      'person_unknown',
      `the account has no person "${nationalId}"`,
      `la cuenta no tiene a la persona "${nationalId}"`,
    );
  }
  if (reference === null) return { personId: person.id, reference };
  const debts = await currentDebts(trx, person.id, 'live');
  if (!debts.some((debt) => debt.reference === reference)) throw unknownReference(reference);
  return { personId: person.id, reference };
}

/** As imports spell it. Throws `OperationRefused` for what is no national id of the account's country. */
export async function canonicalNationalId(trx: Trx, nationalId: string): Promise<string> {
  const { country } = await ownAccount(trx);
  const read = normaliseNationalId(nationalId, country);
  if (read.ok) return read.value;
  throw refuse(
    'national_id',
    'national_id_invalid',
    `"${nationalId}" is no national id`,
    `"${nationalId}" no es un RUT válido`,
  );
}

function unknownReference(reference: string): OperationRefused {
  return refuse(
    'reference',
    'reference_unknown',
    `no debt has the reference "${reference}"`,
    `ninguna deuda tiene la referencia "${reference}"`,
  );
}

function refuse(field: string, code: string, en: string, es: string): OperationRefused {
  const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return new OperationRefused('unprocessable', code, sentence(en), sentence(es), {
    errors: [{ field, message: en }],
  });
}
