import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { pino } from 'pino';
import { createFeed } from '../../api/events/feed.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { listen } from '../../db/listen.ts';
import { FEED_CHANNEL } from '../../domain/shared/queries-feed.ts';
import { startFeedRelay } from '../../relay/feed.ts';
import type { ApiWorld } from './api.ts';

/** One message of a stream, as a client that knows the standard reads it. */
export interface Message {
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Stream {
  readonly status: number;
  readonly messages: readonly Message[];
  /** What a client would send as Last-Event-ID. */
  readonly lastId: () => string;
  /** Resolves when the server has ended it, or it broke. */
  readonly ended: Promise<void>;
  /** Resolves when so many messages have come; rejects when it ends before. */
  until(isEnough: (messages: readonly Message[]) => boolean): Promise<void>;
  close(): void;
}

/** Opens a stream and reads it, written apart from what writes it. */
export async function openStream(url: string, headers: Readonly<Record<string, string>>): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let lastId = '';
  let isOver = false;
  const take = (block: string): void => {
    const data: string[] = [];
    for (const line of block.split('\n')) {
      const [, field = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
      if (field === 'id') lastId = value;
      if (field === 'data') data.push(value);
    }
    const parsed: unknown = data.length === 0 ? undefined : JSON.parse(data.join('\n'));
    if (typeof parsed === 'object' && parsed !== null)
      messages.push({ id: lastId, data: Object.fromEntries(Object.entries(parsed)) });
  };
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) take(block);
        for (const look of waiting) look();
      }
    } catch {
      // It was cut off.
    }
    isOver = true;
    for (const look of waiting) look();
  };
  const ended = response.status === 200 ? read() : response.body?.cancel().then(() => undefined);
  return {
    status: response.status,
    messages,
    lastId: () => lastId,
    ended: ended ?? Promise.resolve(),
    until: (isEnough) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!isEnough(messages) && !isOver) return;
          waiting.delete(look);
          if (isEnough(messages)) resolve();
          else reject(new Error(`the stream ended after ${messages.length} messages`));
        };
        waiting.add(look);
        look();
      }),
    close: () => stop.abort(),
  };
}

export interface StreamServer {
  readonly url: string;
  /** As a process that is killed: every connection breaks, and nothing is said. */
  kill(): Promise<void>;
}

/** The API with its streams behind a port, as `api/server.ts` puts it together. */
export async function serveStreams(
  api: ApiWorld,
  { pingMs = 60_000, ...changes }: Partial<ApiDeps> & { readonly pingMs?: number } = {},
): Promise<StreamServer> {
  const feed = createFeed({
    app: api.world.app,
    nowMs: () => Date.now(),
    pingMs,
    onError: (error) => console.error(error),
  });
  const news = listen(api.world.url, [FEED_CHANNEL], (_channel, accountId) => feed.news(accountId));
  const app = api.appWith({ ...changes, feed });
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/v1/events`,
    async kill() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      feed.close();
      await news.close();
    },
  };
}

/** The loop of a worker that numbers. */
export function startNumbering({ world }: ApiWorld) {
  return startFeedRelay({
    databaseUrl: world.url,
    system: world.system,
    logger: pino({ level: 'silent' }),
  });
}
