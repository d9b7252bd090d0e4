import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { findPack, rulePacks } from './rules/packs/index.ts';
import { OperationRefused } from '../shared/refused.ts';

export interface PackChoice {
  readonly accountId: string;
  readonly key: string;
  /** Who answers for a pack that is looser than the strict reading of the law. */
  readonly signedOffBy: string | null;
  readonly actor: string;
}

/**
 * An account chooses a pack; batches that run keep theirs. A pack that needs a sign-off is not chosen without a name, and
 * a later sign-off is kept beside the earlier ones in the audit rows. Returns who signed it off, null where nobody had to.
 * Throws `OperationRefused`.
 */
export async function chooseRulePack(trx: Trx, choice: PackChoice): Promise<string | null> {
  const { accountId, key, actor } = choice;
  const pack = findPack(key);
  if (pack === undefined) {
    const known = rulePacks.map((one) => one.key).join(', ');
    throw refuse(
      'pack',
      'pack_unknown',
      `There is no rule pack "${key}", only: ${known}.`,
      `No existe el paquete "${key}"; hay: ${known}.`,
    );
  }
  if (pack.needsSignOff && choice.signedOffBy === null) {
    throw refuse(
      'signed_off_by',
      'sign_off_needed',
      `Rule pack "${key}" is looser than the strict reading of the law: say who signs it off.`,
      `El paquete "${key}" es más laxo que la lectura estricta de la ley: indique quién lo firma.`,
    );
  }
  const signedOffBy = pack.needsSignOff ? choice.signedOffBy : null;
  const signed = { signed_off_by: signedOffBy, signed_off_at: signedOffBy === null ? null : new Date() };
  await trx
    .insertInto('catalogue.account_rule_pack')
    .values({ account_id: accountId, pack_key: key, ...signed })
    .onConflict((conflict) => conflict.columns(['account_id', 'pack_key']).doUpdateSet(signed))
    .execute();
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'rule_pack.chosen',
    subject: accountId,
    detail: { pack: key, version: pack.version, signedOffBy },
  });
  return signedOffBy;
}

function refuse(field: string, code: string, en: string, es: string): OperationRefused {
  return new OperationRefused('unprocessable', code, en, es, { errors: [{ field, message: en }] });
}
