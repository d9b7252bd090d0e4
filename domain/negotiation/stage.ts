import { negotiationOfContact } from './queries-negotiations.ts';
import type { Trx } from '../../db/client.ts';
import { type CurrentDebt, debtsOfContact } from '../payments/queries-debts.ts';
import { parseNegotiation } from '../policy/rules/parse.ts';
import { chooseStage } from './rules/stage.ts';
import type { Negotiation, Stage } from './rules/types.ts';

export interface Negotiating {
  readonly negotiation: Negotiation;
  readonly stage: Stage;
  /** Of the creditors that the contact is about, and of no others. */
  readonly debts: readonly CurrentDebt[];
}

/** The same, of a contact whose facts have been read. */
export async function negotiatingOf(
  trx: Trx,
  { negotiation, id }: { readonly negotiation: Negotiation | null; readonly id: string },
  localDay: string,
): Promise<Negotiating | undefined> {
  if (negotiation === null) return undefined;
  const debts = await debtsOfContact(trx, id);
  return { negotiation, debts, stage: chooseStage(negotiation, debts, localDay) };
}

/**
 * How this contact is negotiated on a local day: the batch's negotiation, and the stage that the debts to its creditors are
 * in.
 * Undefined when the batch negotiates nothing.
 */
export async function readNegotiating(
  trx: Trx,
  contactId: string,
  localDay: string,
): Promise<Negotiating | undefined> {
  const row = await negotiationOfContact(trx, contactId);
  if (row === undefined) return undefined;
  const negotiation = parseNegotiation(row.definition);
  const debts = await debtsOfContact(trx, contactId);
  return { negotiation, debts, stage: chooseStage(negotiation, debts, localDay) };
}
