import { upsertChosenPack } from './queries-definitions.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { findPack, rulePacks } from './rules/packs/index.ts';
import { refuse } from '../shared/refused.ts';

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
    throw refuse('pack_unknown', { key, known }, { field: 'pack' });
  }
  if (pack.needsSignOff && choice.signedOffBy === null) {
    throw refuse('sign_off_needed', { key }, { field: 'signed_off_by' });
  }
  const signedOffBy = pack.needsSignOff ? choice.signedOffBy : null;
  await upsertChosenPack(trx, { accountId, key, signedOffBy });
  await writeAudit(trx, {
    accountId,
    actor,
    action: 'rule_pack.chosen',
    subject: accountId,
    detail: { pack: key, version: pack.version, signedOffBy },
  });
  return signedOffBy;
}
