import { type Database, inAccount } from '../../db/client.ts';
import { writeRefusedMessage } from '../../domain/shared/queries-refused-messages.ts';
import type { EntityActivities } from './types.ts';

export function createEntityActivities({ app }: { readonly app: Database }): EntityActivities {
  return {
    async refuseMessage({ accountId, actor, subject, refusal }) {
      await inAccount(app, accountId, (trx) =>
        writeRefusedMessage(trx, { accountId, actor, subject, ...refusal }),
      );
    },
  };
}
