import type { Trx } from '../../db/client.ts';
import { type CurrentDebt, currentDebts } from '../payments/queries-debts.ts';
import { parseNegotiation } from '../policy/rules/parse.ts';
import { chooseStage } from './rules/stage.ts';
import type { Negotiation, Stage } from './rules/types.ts';

export interface Negotiating {
  readonly negotiation: Negotiation;
  readonly stage: Stage;
  readonly debts: readonly CurrentDebt[];
}

/**
 * How this contact is negotiated on a local day: the batch's negotiation, and the stage that the person's debts are in.
 * Undefined when the batch negotiates nothing.
 */
export async function readNegotiating(
  trx: Trx,
  contactId: string,
  localDay: string,
): Promise<Negotiating | undefined> {
  const row = await trx
    .selectFrom('core.contact as k')
    .innerJoin('core.batch as b', 'b.id', 'k.batch_id')
    .innerJoin('catalogue.negotiation as n', 'n.id', 'b.negotiation_id')
    .select(['k.person_id', 'b.realm', 'n.definition'])
    .where('k.id', '=', contactId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const negotiation = parseNegotiation(row.definition);
  const debts = await currentDebts(trx, row.person_id, row.realm);
  return { negotiation, debts, stage: chooseStage(negotiation, debts, localDay) };
}
