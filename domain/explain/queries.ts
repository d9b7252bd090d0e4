import { notFound } from '../shared/refused.ts';
import type { Trx } from '../../db/client.ts';

/** Which of these people and numbers are on the account's list of those not to be contacted. */
export async function listedKeys(trx: Trx, keys: readonly string[]): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('core.do_not_contact')
    .select('key')
    .where('key', 'in', keys)
    .where('lifted_at', 'is', null)
    .execute();
  return rows.map(({ key }) => key);
}

export async function readRow(trx: Trx, contactId: string) {
  const row = await trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .innerJoin('catalogue.pool as p', 'p.id', 'b.pool_id')
    .innerJoin('catalogue.policy_version as v', (join) =>
      join.onRef('v.key', '=', 'b.policy_key').onRef('v.version', '=', 'b.policy_version'),
    )
    .innerJoin('catalogue.rule_pack_version as r', (join) =>
      join.onRef('r.key', '=', 'b.pack_key').onRef('r.version', '=', 'b.pack_version'),
    )
    .select([
      'k.person_id',
      'b.realm',
      'p.simulated',
      'p.from_number',
      's.country',
      's.region',
      's.zone',
      's.do_not_call_at',
      's.stop_reason',
      's.identity_key',
      'k.state as contact_state',
      'b.state as batch_state',
      'v.definition as policy',
      'r.definition as pack',
    ])
    .where('k.id', '=', contactId)
    .executeTakeFirst();
  if (row === undefined) throw notFound('contact', 'ese contacto');
  return row;
}
