import type { Trx } from '../../db/client.ts';
import type { BatchState, ContactState } from '../../db/schema/schema.ts';
import type { RulePack } from '../policy/rules/pack.ts';
import { packFor } from '../policy/pack-for.ts';
import { notFound, OperationRefused } from '../shared/refused.ts';

/** What every change of a contact looks at first. */
export interface Subject {
  readonly id: string;
  readonly batchId: string;
  readonly state: ContactState;
  readonly batchState: BatchState;
  readonly realm: string;
  readonly useCase: string;
  readonly ordinal: number;
  readonly run: number;
  readonly openedAt: Date | null;
  readonly attempts: number;
  readonly doNotCall: boolean;
  readonly country: string;
  readonly region: string | null;
  readonly zone: string | null;
  readonly pack: RulePack;
}

/** Throws `OperationRefused` for a contact that is not the transaction's account's. */
export async function readSubject(trx: Trx, contactId: string): Promise<Subject> {
  const row = await trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .innerJoin('catalogue.rule_pack_version as r', (join) =>
      join.onRef('r.key', '=', 'b.pack_key').onRef('r.version', '=', 'b.pack_version'),
    )
    .select([
      'k.id',
      'k.batch_id',
      'k.state',
      'k.ordinal',
      'k.run',
      'k.opened_at',
      'k.attempts',
      'b.state as batch_state',
      'b.realm',
      'b.use_case',
      's.do_not_call_at',
      's.country',
      's.region',
      's.zone',
      'r.definition as pack',
    ])
    .where('k.id', '=', contactId)
    .executeTakeFirst();
  if (row === undefined) throw notFound('contact', 'ese contacto');
  return {
    id: row.id,
    batchId: row.batch_id,
    state: row.state,
    batchState: row.batch_state,
    realm: row.realm,
    useCase: row.use_case,
    ordinal: row.ordinal,
    run: row.run,
    openedAt: row.opened_at,
    attempts: row.attempts,
    doNotCall: row.do_not_call_at !== null,
    country: row.country,
    region: row.region,
    zone: row.zone,
    pack: await packFor(trx, row.pack, row),
  };
}

/** The answer to any request that would end in a call to a person who wants none. */
export function doNotCall(): OperationRefused {
  return new OperationRefused(
    'unprocessable',
    'do_not_call',
    'The person asked not to be called.',
    'La persona pidió no ser llamada.',
  );
}
