import type { Db } from '../../db/client.ts';
import { parsePolicy } from '../policy/rules/parse.ts';

const known = new Map<string, number>();

/** The longest billable call under a policy, in seconds. Versions are immutable, so each is read once a process. */
export async function worstCaseSeconds(
  db: Db,
  { key, version }: { readonly key: string; readonly version: number },
): Promise<number> {
  const name = `${key}@${version}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const row = await db
    .selectFrom('catalogue.policy_version')
    .select('definition')
    .where('key', '=', key)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  const seconds = Math.ceil(parsePolicy(row.definition).maxCallMs / 1000);
  known.set(name, seconds);
  return seconds;
}
