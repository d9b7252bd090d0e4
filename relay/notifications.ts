import { listen } from '../db/listen.ts';
import { LINES_CHANNEL } from '../domain/shared/queries-notify.ts';
import { CHARGING_CHANNEL } from '../domain/charging/queries-events.ts';
import { MAIL_CHANNEL } from '../domain/shared/queries-mail.ts';
import { WEBHOOKS_CHANNEL } from '../domain/shared/queries-events.ts';
import { OUTBOX_CHANNEL } from '../domain/shared/queries-outbox.ts';

/** Every one is listened to: one that is not would cost each of its readers a time-out. */
const channels = [LINES_CHANNEL, OUTBOX_CHANNEL, WEBHOOKS_CHANNEL, MAIL_CHANNEL, CHARGING_CHANNEL] as const;
type Channel = (typeof channels)[number];

export interface Notifications {
  /** Resolves at the next news on the channel (about `subject`, or about all), or after the time-out. */
  wait(channel: Channel, subject: string, timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Waiter {
  readonly channel: string;
  readonly subject: string;
  wake(): void;
}

/**
 * One LISTEN connection a process. News only save time: whoever waits looks by itself after its time-out, so a
 * connection that is down costs a second, never a message.
 */
export function listenForNews(databaseUrl: string): Notifications {
  const waiters = new Set<Waiter>();
  /** News that came while nobody waited: the next `wait` returns at once, or it would sleep through them. */
  const unread = new Set<string>();

  const announce = (channel: string, subject: string): void => {
    let heard = false;
    for (const waiter of waiters) {
      const concerns = waiter.channel === channel && (subject === '' || waiter.subject === subject);
      if (concerns) {
        heard = true;
        waiter.wake();
      }
    }
    if (!heard) unread.add(channel);
  };

  const listening = listen(databaseUrl, channels, announce);

  return {
    wait(channel, subject, timeoutMs) {
      if (unread.delete(channel)) return Promise.resolve();
      return new Promise((resolve) => {
        const waiter: Waiter = {
          channel,
          subject,
          wake: () => {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve();
          },
        };
        const timer = setTimeout(() => waiter.wake(), timeoutMs);
        waiters.add(waiter);
      });
    },
    async close() {
      for (const waiter of waiters) waiter.wake();
      await listening.close();
    },
  };
}
