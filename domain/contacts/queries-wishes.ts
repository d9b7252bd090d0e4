import { sql } from 'kysely';
import type { Trx } from '../../db/client.ts';
import type { ChosenSlot } from './rules/reschedule-slot.ts';
import type { SaidWish } from './rules/wish.ts';

/** Whose wish it is: only a person's own waives what their rule pack lets them waive. */
export type RequestedBy = 'person' | 'operator';

export interface WishRequest {
  readonly accountId: string;
  readonly contactId: string;
  /** The call that it was said in; null: none. */
  readonly attemptId: string | null;
  readonly source: 'call' | 'result' | 'api' | 'webhook' | 'signal';
  /** What is said in a call is the person's; whoever else asks says it for them, or asks on their own. */
  readonly requestedBy: RequestedBy;
  /** As it was said; what is not said is asked for. */
  readonly wish: SaidWish;
  /** Now: the database's clock, or a rehearsal's. */
  readonly at: Date;
}

/** Every wish is a row with its answer, agreed or refused. Returns its id. */
export async function writeWish(trx: Trx, request: WishRequest, chosen: ChosenSlot): Promise<string> {
  const { id } = await trx
    .insertInto('operation.reschedule_request')
    .values({
      account_id: request.accountId,
      contact_id: request.contactId,
      attempt_id: request.attemptId,
      source: request.source,
      requested_by: request.requestedBy,
      wish: JSON.stringify(request.wish),
      result: chosen.ok ? 'agreed' : 'refused',
      rule: chosen.ok ? null : chosen.rule,
      slot_key: chosen.ok ? chosen.slot.key : null,
      agreed_at: chosen.ok ? new Date(chosen.slot.opensAtMs) : null,
      suggestion_before: chosen.ok ? null : chosen.before,
      suggestion_after: chosen.ok ? null : chosen.after,
      at: request.at,
    })
    .returning(sql<string>`id::text`.as('id'))
    .executeTakeFirstOrThrow();
  return id;
}
