import { DateTime } from 'luxon';
import { type Database, inAccount } from '../../db/client.ts';
import type { RehearsalActivities } from './types.ts';

export interface RehearsalDeps {
  readonly app: Database;
}

/** When a free place of the day's group is given to the next person: before the first wave. */
const morningHour = 6;

export function createRehearsalActivities({ app }: RehearsalDeps): RehearsalActivities {
  return {
    async listContacts({ accountId, batchId }) {
      const rows = await inAccount(app, accountId, (trx) =>
        trx
          .selectFrom('core.contact')
          .select('id')
          .where('batch_id', '=', batchId)
          .orderBy('ordinal')
          .execute(),
      );
      return { contactIds: rows.map(({ id }) => id) };
    },

    async openContactAt({ accountId, contactId, startsAtMs, afterMs }) {
      await inAccount(app, accountId, async (trx) => {
        const { zone } = await trx.selectFrom('catalogue.account').select('zone').executeTakeFirstOrThrow();
        const openedAt = afterMs === null ? new Date(startsAtMs) : morningAfter(zone, afterMs);
        await trx
          .updateTable('core.contact')
          .set({ state: 'waiting', opened_at: openedAt, waiting_for: 'Se prepara' })
          .where('id', '=', contactId)
          .where('state', '=', 'planned')
          .execute();
      });
    },
  };
}

function morningAfter(zone: string, atMs: number): Date {
  return DateTime.fromMillis(atMs, { zone })
    .plus({ days: 1 })
    .startOf('day')
    .set({ hour: morningHour })
    .toJSDate();
}
