import pg from 'pg';

export interface Listening {
  close(): Promise<void>;
}

const reconnectMs = 1_000;

/**
 * Hears what is announced on some channels, on one connection of its own that comes back by itself. News only save time: what was announced
 * while it was away is not heard, so whoever relies on them looks by itself now and then.
 */
export function listen(
  databaseUrl: string,
  channels: readonly string[],
  onNews: (channel: string, payload: string) => void,
): Listening {
  let client: pg.Client | undefined;
  let closed = false;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    client = next;
    let isLost = false;
    // A server that dies says so twice, by its last words and by its silence: one connection is not to become two.
    const again = (): void => {
      if (isLost) return;
      isLost = true;
      next.removeAllListeners('notification');
      void next.end().catch(() => undefined);
      if (!closed) setTimeout(() => void connect(), reconnectMs).unref();
    };
    next.on('error', again);
    next.on('end', again);
    next.on('notification', ({ channel, payload }) => onNews(channel, payload ?? ''));
    try {
      await next.connect();
      await next.query(channels.map((channel) => `listen ${channel}`).join('; '));
    } catch {
      again();
    }
  };
  void connect();

  return {
    async close() {
      closed = true;
      await client?.end().catch(() => undefined);
    },
  };
}
