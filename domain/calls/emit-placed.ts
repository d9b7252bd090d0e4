import type { Trx } from '../../db/client.ts';
import { writeEvent } from '../shared/queries-events.ts';

export interface PlacedCall {
  readonly accountId: string;
  readonly batchId: string;
  readonly contactId: string;
  readonly attemptId: string;
  /** When it was begun to be dialled: before anything of the call itself, whenever it is learned. */
  readonly at: Date;
}

/** The provider has the call: the account's own systems are notified, once, where it is learned first. */
export async function emitPlaced(trx: Trx, placed: PlacedCall): Promise<void> {
  await writeEvent(trx, {
    accountId: placed.accountId,
    type: 'call.placed',
    subject: placed.attemptId,
    occurredAt: placed.at,
    data: {
      attempt_id: placed.attemptId,
      contact_id: placed.contactId,
      batch_id: placed.batchId,
    },
  });
}
