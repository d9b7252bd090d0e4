import { sendPaymentLink as send } from '../../domain/messages/send-payment-link.ts';
import { inAccount } from '../../db/client.ts';
import { writeRefusal } from '../../domain/contacts/queries.ts';
import { checkAgreement } from '../../domain/negotiation/agreements.ts';
import { resolveWish } from '../../domain/contacts/reschedule-wish.ts';
import { instantOf, loadContact } from '../../domain/contacts/read-contact.ts';
import { type ContactDeps } from './deps.ts';
import type { Answer, ContactActivities } from './types.ts';

type FollowActivities = Pick<
  ContactActivities,
  'sendPaymentLink' | 'checkAgreement' | 'resolveWish' | 'noteLapsed'
>;

/** What becomes of an agreement, and of a wish for another time. */
export function createFollowActivities(deps: ContactDeps): FollowActivities {
  const { app } = deps;
  return {
    async sendPaymentLink(input): Promise<Answer> {
      const { agreementId } = input;
      const answer = await send(deps, input);
      const isRefused = answer.kind === 'refused';
      return fact({
        type: 'LinkAnswered',
        agreementId,
        result: answer.kind,
        notBeforeMs: isRefused ? answer.notBeforeMs : null,
      });
    },

    async checkAgreement(input): Promise<Answer> {
      const { agreementId } = input;
      const news = await inAccount(app, input.accountId, async (trx) => {
        const { zones } = await loadContact(trx, input.contactId);
        return checkAgreement(trx, { agreementId, zone: zones[0], at: await instantOf(trx, input) });
      });
      return fact({ type: 'AgreementChecked', agreementId, ...news });
    },

    async resolveWish(input): Promise<Answer> {
      const { wish, requestId } = input;
      const answer = await inAccount(app, input.accountId, async (trx) =>
        resolveWish(trx, {
          accountId: input.accountId,
          contactId: input.contactId,
          attemptId: null,
          source: 'signal',
          requestedBy: 'operator',
          wish: {
            ...(wish.date === undefined ? {} : { day: wish.date }),
            ...(wish.time === undefined ? {} : { time: wish.time }),
            ...(wish.at === undefined ? {} : { at: wish.at }),
          },
          at: await instantOf(trx, input),
        }),
      );
      return answer.ok
        ? fact({ type: 'RescheduleRequested', slot: answer.slot, requestId })
        : fact({ type: 'WishRefused', requestId });
    },

    async noteLapsed(input): Promise<void> {
      await inAccount(app, input.accountId, async (trx) => {
        await writeRefusal(trx, {
          accountId: input.accountId,
          batchId: input.batchId,
          contactId: input.contactId,
          // No request stood for it: its own key keeps a repeated row out.
          requestId: `${input.contactId}:${input.run}:${input.slotKey}`,
          waveKey: input.slotKey,
          reason: 'agreed_call_lapsed',
          rule: 'the agreed time passed while the contact was paused',
          at: await instantOf(trx, input),
        });
      });
    },
  };
}

function fact(one: Answer['deliveries'][number]['fact']): Answer {
  return { deliveries: [{ fact: one }] };
}
