import type { Db } from '../../db/client.ts';
import { policyOf } from '../policy/definitions.ts';
import type { VersionRef } from '../policy/queries-definitions.ts';

/** The longest billable call under a policy, in seconds. */
export async function worstCaseSeconds(db: Db, policy: VersionRef): Promise<number> {
  const { maxCallMs } = await policyOf(db, policy);
  return Math.ceil(maxCallMs / 1000);
}
