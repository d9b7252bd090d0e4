import { openContactIds, writeDoNotCall, writeStop } from './queries.ts';
import type { Trx } from '../../db/client.ts';
import { writeAudit } from '../shared/queries-audit.ts';
import { writeEvent } from '../shared/queries-events.ts';
import { writeOutbox } from '../shared/queries-outbox.ts';
import type { StopReason } from '../contacts/rules/outcomes.ts';

export interface Stop {
  readonly accountId: string;
  readonly personId: string;
  readonly reason: StopReason;
  readonly source: 'call' | 'file' | 'api' | 'message' | 'operator';
  /** The contact that learns of it by itself: from the call that it was said in. */
  readonly exceptContactId: string | null;
  readonly at: Date;
  /** Why, in the words of whoever told of it. */
  readonly said?: string | undefined;
}

/**
 * Nobody calls or writes to this person from here on, in any batch of the account: flag, list, event, and a signal to
 * each of their open contacts, in the caller's transaction. Repeating it changes nothing.
 */
export async function stopPerson(trx: Trx, stop: Stop): Promise<void> {
  const { accountId, personId, reason, at } = stop;
  const isNew =
    reason === 'do_not_call' ? await writeDoNotCall(trx, stop) : await writeStop(trx, { ...stop, reason });
  if (!isNew) return;
  await writeAudit(trx, {
    accountId,
    actor: stop.source,
    action: 'person.stopped',
    subject: personId,
    detail: stop.said === undefined ? { reason } : { reason, said: stop.said },
  });
  const open = await openContactIds(trx, personId, stop.exceptContactId);
  await writeOutbox(
    trx,
    open.map((contact) => ({
      accountId,
      to: { contactId: contact.id },
      signal: 'contactStopped',
      payload: { reason },
    })),
  );
  if (reason !== 'do_not_call') return;
  await writeEvent(trx, {
    accountId,
    type: 'do_not_call.recorded',
    subject: personId,
    occurredAt: at,
    data: { person_id: personId, source: stop.source },
  });
}
