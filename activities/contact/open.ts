import { phonesInOrder } from '../../domain/people/queries.ts';
import type { Trx } from '../../db/client.ts';
import { inAccount } from '../../db/client.ts';
import { writeProjection } from '../../domain/contacts/queries.ts';
import { hasEvent, writeEvent } from '../../domain/shared/queries-events.ts';
import { contactRules } from '../../domain/contacts/rules/terms.ts';
import { readNegotiating } from '../../domain/negotiation/stage.ts';
import { localDayOf } from '../../domain/policy/rules/calendar.ts';
import { planSlots } from '../../domain/policy/rules/slots.ts';
import { LOGIC_VERSION } from '../../domain/contacts/rules/logic-version.ts';
import { instantOf, isLive, type LoadedContact, loadContact } from '../../domain/contacts/read-contact.ts';
import { type ContactDeps } from './deps.ts';
import type { ContactActivities, ContactRef } from './types.ts';

/** Slots that one look at the calendar gives: three waves a day for four days. */
const slotsPerPlan = 12;

export function createOpenActivities({
  app,
}: ContactDeps): Pick<ContactActivities, 'openContact' | 'planSlots'> {
  return {
    async openContact(ref) {
      return inAccount(app, ref.accountId, async (trx) => {
        const loaded = await loadContact(trx, ref.contactId);
        const openedAtMs = await openedAt(trx, ref, loaded);
        const phones = await phonesInOrder(trx, loaded.personId);
        await writeProjection(trx, ref.contactId, ref.run, {
          state: 'waiting',
          waitingFor: 'Se prepara',
          attempts: 0,
          nextAtMs: null,
        });
        await tellOpened(trx, ref, new Date(openedAtMs));
        const negotiating = await readNegotiating(
          trx,
          ref.contactId,
          localDayOf(loaded.zones[0], openedAtMs),
        );
        return {
          logicVersion: LOGIC_VERSION,
          rules: contactRules({
            policy: loaded.policy,
            pack: loaded.pack,
            stage: negotiating?.stage,
            openedAtMs,
          }),
          phones: phones.map((phone) => ({ phoneId: phone.id, usable: phone.invalid_at === null })),
          slots: plan(loaded, openedAtMs, openedAtMs),
          ...(loaded.batchState === 'paused' ? { batchPaused: true } : {}),
        };
      });
    },

    async planSlots({ fromMs, ...ref }) {
      return inAccount(app, ref.accountId, async (trx) => {
        const loaded = await loadContact(trx, ref.contactId);
        return { slots: plan(loaded, fromMs, await openedAt(trx, ref, loaded)) };
      });
    },
  };
}

function plan(loaded: LoadedContact, fromMs: number, anchorMs: number) {
  const { policy, pack, zones } = loaded;
  return planSlots({ policy, pack, zones, fromMs, anchorMs, count: slotsPerPlan });
}

/** The row's own instant, so that a repeated activity plans the same slots. */
async function openedAt(trx: Trx, ref: ContactRef, loaded: LoadedContact): Promise<number> {
  return (loaded.openedAt ?? (await instantOf(trx, ref))).getTime();
}

/** Once a run: the activity may be repeated after its answer was lost. */
async function tellOpened(trx: Trx, ref: ContactRef, occurredAt: Date): Promise<void> {
  const { accountId, batchId, contactId, run } = ref;
  if (!isLive(ref) || (await hasEvent(trx, { type: 'contact.opened', subject: contactId, data: { run } })))
    return;
  await writeEvent(trx, {
    accountId,
    type: 'contact.opened',
    subject: contactId,
    occurredAt,
    data: { contact_id: contactId, batch_id: batchId, run },
  });
}
