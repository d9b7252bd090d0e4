import { DateTime } from 'luxon';
import { ownAccount } from '../../domain/shared/queries-account.ts';
import { contactIdsOf, openPlannedContact } from '../../domain/rehearsal/queries.ts';
import { type Database, inAccount } from '../../db/client.ts';
import { readRun } from '../../domain/contacts/queries-runs.ts';
import { contactWorkflowId } from '../../domain/temporal/rules/ids.ts';
import type { RehearsalActivities } from './types.ts';

export interface RehearsalDeps {
  readonly app: Database;
}

/** When a free place of the day's group is given to the next person: before the first wave. */
const morningHour = 6;

export function createRehearsalActivities({ app }: RehearsalDeps): RehearsalActivities {
  return {
    async listContacts({ accountId, batchId }) {
      return { contactIds: [...(await inAccount(app, accountId, (trx) => contactIdsOf(trx, batchId)))] };
    },

    async openContactAt({ accountId, contactId, startsAtMs, afterMs }) {
      return inAccount(app, accountId, async (trx) => {
        const { zone } = await ownAccount(trx);
        const openedAt = afterMs === null ? new Date(startsAtMs) : morningAfter(zone, afterMs);
        await openPlannedContact(trx, contactId, openedAt);
        const contact = await readRun(trx, contactId);
        if (contact === undefined) throw new Error(`contact ${contactId} is not one of this account`);
        return { workflowId: contactWorkflowId(contact) };
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
