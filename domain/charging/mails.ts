import type { Trx } from '../../db/client.ts';
import { listMembers } from '../accounts/queries-members.ts';
import { accountName } from '../accounts/queries.ts';
import { insertMail } from '../shared/queries-mail.ts';
import type { OrderRow } from './queries-orders.ts';
import type { SubscriptionRow } from './queries-subscriptions.ts';
import { phraseOrdered, phraseSubscription, type SubscriptionNews } from './rules/mails.ts';

export type ChargingNews =
  | {
      readonly kind: 'period_ordered';
      readonly order: OrderRow;
      readonly dueAt: Date;
      readonly dedupeKey: string;
    }
  | { readonly kind: SubscriptionNews; readonly subscription: SubscriptionRow; readonly dedupeKey: string };

/** Writes to every owner of the account, if and only if the caller's transaction commits. */
export async function tellOwners(trx: Trx, accountId: string, news: ChargingNews): Promise<void> {
  const account = await accountName(trx);
  const words =
    news.kind === 'period_ordered'
      ? phraseOrdered({
          account,
          title: news.order.title,
          netMicros: news.order.charge_net_micros,
          taxMicros: news.order.charge_tax_micros,
          totalMicros: news.order.charge_micros,
          currency: news.order.charge_currency,
          orderId: news.order.id,
          dueAt: news.dueAt,
        })
      : phraseSubscription(news.kind, {
          account,
          plan: news.subscription.plan_key,
          periodEnd: news.subscription.period_end,
        });
  for (const { role, email, id } of await listMembers(trx)) {
    if (role !== 'owner') continue;
    await insertMail(trx, { accountId, dedupeKey: `${news.dedupeKey}:${id}`, recipient: email, ...words });
  }
}
