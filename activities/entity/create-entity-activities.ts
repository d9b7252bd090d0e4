import { type Database, databaseNow, inAccount } from '../../db/client.ts';
import { refuseUnreadableWish } from '../../domain/contacts/reschedule-wish.ts';
import { writeRefusedMessage } from '../../domain/shared/queries-refused-messages.ts';
import type { EntityActivities } from './types.ts';

export function createEntityActivities({ app }: { readonly app: Database }): EntityActivities {
  return {
    async refuseMessage({ accountId, actor, subject, refusal }) {
      await inAccount(app, accountId, async (trx) => {
        const isNew = await writeRefusedMessage(trx, { accountId, actor, subject, ...refusal });
        // A signal has no answer: who sent the wish looks for its row and event, as for one that was read.
        if (isNew && refusal.kind === 'signal' && refusal.name === 'rescheduleWished')
          await refuseUnreadableWish(trx, { accountId, contactId: subject, at: await databaseNow(trx) });
      });
    },
  };
}
