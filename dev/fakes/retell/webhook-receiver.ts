/** A receiver of webhooks and in-call functions for tests: keeps raw bodies and signatures, answers as it is told. */
import { createServer } from 'node:http';

export interface Delivery {
  readonly path: string;
  readonly rawBody: string;
  readonly signature: string | undefined;
  readonly event: string;
  readonly callId: string;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** Status (and body) for a delivery; `hang` never answers. Default: 204. */
  answerWith(answer: (delivery: Delivery, nth: number) => ReceiverAnswer): void;
  /** Resolves with the first truthy answer, asked now and after each delivery. */
  waitUntil<T>(question: (deliveries: readonly Delivery[]) => T): Promise<NonNullable<T>>;
  close(): Promise<void>;
}

export type ReceiverAnswer = 'hang' | { readonly status: number; readonly body?: string };

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const deliveries: Delivery[] = [];
  const listeners = new Set<() => void>();
  let answer: (delivery: Delivery, nth: number) => ReceiverAnswer = () => ({ status: 204 });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const delivery = toDelivery(
        request.url ?? '/',
        Buffer.concat(chunks),
        request.headers['x-retell-signature'],
      );
      deliveries.push(delivery);
      const said = answer(delivery, deliveries.length);
      if (said !== 'hang') response.writeHead(said.status).end(said.body ?? '');
      for (const listener of listeners) listener();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver did not get a port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    deliveries,
    answerWith(next) {
      answer = next;
    },
    waitUntil(question) {
      return new Promise((resolve) => {
        const ask = () => {
          const said = question(deliveries);
          if (said === null || said === undefined || said === false) return;
          listeners.delete(ask);
          resolve(said);
        };
        listeners.add(ask);
        ask();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toDelivery(path: string, body: Buffer, signature: string | string[] | undefined): Delivery {
  const rawBody = body.toString('utf8');
  const event: unknown = field(JSON.parse(rawBody), 'event') ?? field(JSON.parse(rawBody), 'name');
  const callId: unknown = field(field(JSON.parse(rawBody), 'call'), 'call_id');
  return {
    path,
    rawBody,
    signature: typeof signature === 'string' ? signature : undefined,
    event: typeof event === 'string' ? event : '',
    callId: typeof callId === 'string' ? callId : '',
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
