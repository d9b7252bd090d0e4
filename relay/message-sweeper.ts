import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Database, databaseNow, inAccount } from '../db/client.ts';
import { openMessages } from '../domain/messages/queries.ts';
import { settleMessage } from '../domain/messages/settle-message.ts';
import { type Loop, startLoop } from './loop.ts';

export interface MessageSweeperDeps {
  readonly app: Database;
  readonly system: Database;
  readonly logger: Logger;
}

/** Longer than any sender has: whoever was sending is dead by then. */
const deadSenderMs = 5 * 60_000;
/** WhatsApp sends its webhooks again for seven days: what is silent for longer was never taken. */
const absentMs = 8 * 86_400_000;
const pageSize = 50;
const idleMs = 60_000;
const tickMs = 1_000;

/** Messages that nobody speaks of any more: a dead sender's become unknown, and after eight days never sent. */
export function startMessageSweeper(deps: MessageSweeperDeps): Loop {
  return startLoop('messages', deps.logger, async (isStopping) => {
    const swept = await sweepMessagesOnce(deps);
    for (let ms = 0; swept === 0 && ms < idleMs && !isStopping(); ms += tickMs) await sleep(tickMs);
  });
}

export interface SweepLimits {
  readonly deadSenderMs: number;
  readonly absentMs: number;
}

/** One page of each; returns how many messages changed. Never sends anything. */
export async function sweepMessagesOnce(
  { app, system }: Pick<MessageSweeperDeps, 'app' | 'system'>,
  limits: SweepLimits = { deadSenderMs, absentMs },
): Promise<number> {
  const { absent, silent } = await system.transaction().execute(async (trx) => ({
    absent: await openMessages(trx, limits.absentMs, pageSize, 'sending or unknown'),
    silent: await openMessages(trx, limits.deadSenderMs, pageSize, 'sending'),
  }));
  const gone = new Set(absent.map(({ message_id: id }) => id));
  const words = [
    ...absent.map((message) => ({ message, kind: 'absent' as const })),
    ...silent
      .filter(({ message_id: id }) => !gone.has(id))
      .map((message) => ({ message, kind: 'unknown' as const })),
  ];
  for (const { message, kind } of words) {
    await inAccount(app, message.account_id, async (trx) => {
      await settleMessage(trx, { messageId: message.message_id }, { kind, at: await databaseNow(trx) });
    });
  }
  return words.length;
}
