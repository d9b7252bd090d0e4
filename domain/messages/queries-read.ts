import type { Trx } from '../../db/client.ts';
import { isBehind } from '../../db/keyset.ts';

export interface MessagePage {
  readonly contactId?: string | undefined;
  readonly personId?: string | undefined;
  /** Id of the last message of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export type MessageListRow = Awaited<ReturnType<typeof listMessages>>[number];

/** Messages of the account with what became of them, the newest first. */
export async function listMessages(trx: Trx, page: MessagePage) {
  let query = selectMessages(trx);
  if (page.contactId !== undefined) query = query.where('contact_id', '=', page.contactId);
  if (page.personId !== undefined) query = query.where('person_id', '=', page.personId);
  if (page.after !== undefined) {
    const { after } = page;
    const place = { table: 'operation.message', by: ['at', 'id'], order: 'desc', after } as const;
    query = query.where(isBehind(place));
  }
  // The page first, then what is joined to it: joined before, all messages were, and sorted, to show fifty.
  const shown = query.orderBy('at', 'desc').orderBy('id', 'desc').limit(page.limit);
  return withStates(trx, shown).orderBy('m.at', 'desc').orderBy('m.id', 'desc').execute();
}

export async function readMessage(trx: Trx, id: string): Promise<MessageListRow | undefined> {
  return withStates(trx, selectMessages(trx).where('id', '=', id)).executeTakeFirst();
}

function selectMessages(trx: Trx) {
  return trx
    .selectFrom('operation.message')
    .select([
      'id',
      'batch_id',
      'contact_id',
      'person_id',
      'phone_id',
      'channel',
      'purpose',
      'agreement_id',
      'instalment_no',
      'requested_by_person',
      'at',
    ]);
}

function withStates(trx: Trx, messages: ReturnType<typeof selectMessages>) {
  return trx
    .selectFrom(messages.as('m'))
    .innerJoin('operation.message_state as t', 't.message_id', 'm.id')
    .innerJoin('core.phone as p', 'p.id', 'm.phone_id')
    .select([
      'm.id',
      'm.batch_id',
      'm.contact_id',
      'm.person_id',
      'm.channel',
      'm.purpose',
      'm.agreement_id',
      'm.instalment_no',
      'm.requested_by_person',
      'm.at',
      'p.e164',
      't.state',
      't.failure',
      't.failure_class',
      't.charged_micros',
      't.charged_unit',
      't.resolved_at',
    ]);
}
