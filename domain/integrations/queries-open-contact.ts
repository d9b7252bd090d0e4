import { isUnwanted } from '../people/queries-do-not-contact.ts';
import type { Trx } from '../../db/client.ts';

export interface OpenContactQuery {
  /** Null: by the person. */
  readonly contactId: string | null;
  /** The person's canonical national id; null: by the contact. */
  readonly key: string | null;
}

export interface FoundContact {
  readonly id: string;
  readonly batch_id: string;
  /** See `isUnwanted`. */
  readonly unwanted: boolean;
  readonly stopped_at: Date | null;
  readonly blocked_at: Date | null;
}

/** The newest contact that is being worked, of a person or by its id; undefined: there is none. */
export async function newestOpenContact(
  trx: Trx,
  { contactId, key }: OpenContactQuery,
): Promise<FoundContact | undefined> {
  return trx
    .selectFrom('core.contact as k')
    .innerJoin('core.person as s', 's.id', 'k.person_id')
    .select(['k.id', 'k.batch_id', isUnwanted('s').as('unwanted'), 's.stopped_at', 's.blocked_at'])
    .where('k.state', 'not in', ['planned', 'closed'])
    .$if(contactId !== null, (query) => query.where('k.id', '=', contactId ?? ''))
    .$if(key !== null, (query) => query.where('s.identity_key', '=', key ?? ''))
    .orderBy('k.created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}
