import type { Logger } from 'pino';
import type { Database } from '../db/client.ts';
import type { MailSender } from '../domain/shared/mail-port.ts';
import {
  type DueMail,
  MAIL_CHANNEL,
  markMailFailed,
  markMailSent,
  takeMails,
} from '../domain/shared/queries-mail.ts';
import { retryDelayMs } from '../outbound/retry.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Notifications } from './notifications.ts';

export interface MailRelayDeps {
  readonly system: Database;
  readonly sender: MailSender;
  readonly logger: Logger;
  /** Default: the product's own back-off. */
  readonly delayMs?: (tries: number) => number | null;
}

const idleMs = 10_000;
/** Longer than a server may take: what a dead relay had taken is due again after it. */
const claimMs = 120_000;
const atOnce = 4;

/** Sends what is due now; returns how many were tried. One that is sent twice has one Message-ID. */
export async function sendMailsOnce(deps: MailRelayDeps): Promise<number> {
  const due = await takeMails(deps.system, { limit: atOnce, claimMs });
  await Promise.all(due.map((mail) => send(deps, mail)));
  return due.length;
}

async function send({ system, sender, logger, delayMs }: MailRelayDeps, mail: DueMail): Promise<void> {
  const { id, recipient, subject, body, tries } = mail;
  const verdict = await sender.send({ id, recipient, subject, body });
  if (verdict.kind === 'sent') return markMailSent(system, id);
  const { kind, error } = verdict;
  const delay = delayMs ?? ((failed: number) => retryDelayMs(failed, Math.random()));
  const retryMs = kind === 'never' ? null : delay(tries);
  // Neither the address nor the text: who is written to what is nobody's who reads logs.
  logger.warn({ mailId: id, tries }, retryMs === null ? 'mail given up' : 'mail not sent yet');
  await markMailFailed(system, id, { error, retryMs });
}

/** Sends mails as they come. Several relays may run: each mail is one's at a time. */
export function startMailRelay(deps: MailRelayDeps & { readonly news: Notifications }): Loop {
  return startLoop('mail', deps.logger, async () => {
    if ((await sendMailsOnce(deps)) > 0) return;
    await deps.news.wait(MAIL_CHANNEL, '', idleMs);
  });
}
