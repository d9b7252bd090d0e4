import type { Trx } from '../../db/client.ts';
import { listMembers } from '../accounts/queries-members.ts';
import { readAccount } from '../billing/top-up.ts';
import { insertMail } from '../shared/queries-mail.ts';
import { endAlerts, lockOpen, raise, readFacts, updateDetail } from './queries.ts';
import { phraseAlert } from './rules/alert-words.ts';
import { type Alert, alertsOf } from './rules/alerts.ts';

/** Who is written to: whoever can do something about it. */
const told = ['owner', 'operator'];

/**
 * Looks at one account, in its transaction: writes down what has come up, with a mail to whoever can do something about it, and
 * ends what is over. Returns how many are new.
 */
export async function watchAccount(trx: Trx, accountId: string): Promise<number> {
  const open = await lockOpen(trx, accountId);
  const keyOf = ({ kind, subject }: { readonly kind: string; readonly subject: string }): string =>
    `${kind} ${subject}`;
  const openByKey = new Map(open.map((alert) => [keyOf(alert), alert.id]));
  const facts = await readFacts(trx, accountId);
  const alerts = alertsOf(facts, (kind, subject) => openByKey.has(keyOf({ kind, subject })));
  let raised = 0;
  for (const alert of alerts) {
    const openId = openByKey.get(keyOf(alert));
    if (openId !== undefined) await updateDetail(trx, openId, alert.detail);
    else if (await raiseOne(trx, accountId, alert)) raised += 1;
  }
  const still = new Set(alerts.map(keyOf));
  await endAlerts(
    trx,
    open.filter((alert) => !still.has(keyOf(alert))).map(({ id }) => id),
  );
  return raised;
}

async function raiseOne(trx: Trx, accountId: string, alert: Alert): Promise<boolean> {
  const id = await raise(trx, { accountId, ...alert });
  if (id === undefined) return false;
  const { name } = await readAccount(trx, accountId);
  const words = phraseAlert(alert.kind, alert.detail, name);
  for (const { email, role } of await listMembers(trx))
    if (told.includes(role))
      await insertMail(trx, { accountId, dedupeKey: `alert:${id}:${email}`, recipient: email, ...words });
  return true;
}
