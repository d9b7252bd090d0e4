import type { Trx } from '../../db/client.ts';
import { inAccount } from '../../db/client.ts';
import { writeNote } from '../../db/contacts.ts';
import { readNegotiating } from '../../operations/stage.ts';
import { localDayOf } from '../../rules/calendar.ts';
import { dialsPerDayOf } from '../../rules/limits.ts';
import type { Stage } from '../../rules/negotiation/types.ts';
import { agreementDayMs, type Policy } from '../../rules/policy.ts';
import { planSlots } from '../../rules/slots.ts';
import type { ContactRules, FollowUpRules } from '../../workflows/contact/state.ts';
import { LOGIC_VERSION } from '../../workflows/shared/logic-version.ts';
import { type ContactDeps, instantOf, type LoadedContact, loadContact } from './load.ts';
import type { ContactActivities, ContactRef } from './types.ts';

/** Slots that one look at the calendar gives: three waves a day for four days. */
const slotsPerPlan = 12;
const dayMs = 86_400_000;

export function createOpenActivities({
  app,
}: ContactDeps): Pick<ContactActivities, 'openContact' | 'planSlots'> {
  return {
    async openContact(ref) {
      return inAccount(app, ref.accountId, async (trx) => {
        const loaded = await loadContact(trx, ref.contactId);
        const openedAtMs = await openedAt(trx, ref, loaded);
        const phones = await trx
          .selectFrom('core.phone')
          .select(['id', 'invalid_at'])
          .where('person_id', '=', loaded.personId)
          .orderBy('position')
          .orderBy('id')
          .execute();
        await writeNote(trx, ref.contactId, ref.run, {
          state: 'waiting',
          waitingFor: 'Se prepara',
          attempts: 0,
          nextAtMs: null,
        });
        const negotiating = await readNegotiating(
          trx,
          ref.contactId,
          localDayOf(loaded.zones[0], openedAtMs),
        );
        return {
          logicVersion: LOGIC_VERSION,
          rules: {
            ...rulesOf(loaded.policy, dialsPerDayOf(loaded.pack, 'person'), openedAtMs),
            ...(negotiating === undefined ? {} : { followUp: followUpOf(negotiating.stage, loaded.policy) }),
          },
          phones: phones.map((phone) => ({ phoneId: phone.id, usable: phone.invalid_at === null })),
          slots: plan(loaded, openedAtMs, openedAtMs),
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

function rulesOf(policy: Policy, packCallsPerDay: number | undefined, openedAtMs: number): ContactRules {
  return {
    mode: policy.schedule.mode === 'ladder' ? 'ladder' : 'waves',
    maxAttempts: policy.maxAttempts,
    callsPerDay: Math.min(policy.callsPerDay, packCallsPerDay ?? policy.callsPerDay),
    silentDaysToExclude: policy.silentDaysToExclude,
    noAnswerRetryMs: policy.noAnswerRetryMs,
    technicalRetryMs: policy.technicalRetryMs,
    longestCallMs: policy.ringMs + policy.maxCallMs,
    expiresAtMs: openedAtMs + policy.maxDays * dayMs,
  };
}

/** What `decide` compares with once money has been talked about. */
function followUpOf({ broken, refusal, verificationDays }: Stage, policy: Policy): FollowUpRules {
  const dayMs = agreementDayMs(policy);
  return {
    brokenThen: broken.then,
    handOverAt: broken.handOverAt,
    refusalThen: refusal.then,
    refusalPauseMs: refusal.pauseDays * dayMs,
    verificationMs: verificationDays * dayMs,
    afterAgreementMs: policy.maxDays * dayMs,
  };
}
